//! The codes of warnings: what would make a run worth less than it looks.

use super::code::codes;

codes! {
    /// Every code of a warning, in order.
    WARNINGS:

    CANNOT_FAIL = "W001", "a check that cannot fail",
    "Whatever the subject does, this check will hold, so it proves nothing: its bound allows everything, \
     or the subject's own settings rule out what it looks for. A check that was never seen to fail is not \
     known to work.",
    wrong "timeout = \"2s\"\nslo = { of = \"shoppers\", p95 = \"10s\" }",
    right "timeout = \"2s\"\nslo = { of = \"shoppers\", p95 = \"300ms\" }";

    CANNOT_PASS = "W002", "a check that cannot hold",
    "Whatever the subject does, this check will fail or be Inconclusive: its bounds contradict each other or the \
     scenario, or the subject has no policy that could show what is asked for. For a broken twin this is as it should \
     be; for a sound subject the check or the settings must change.",
    wrong "[gateway.edge]\npreset = \"none\"        # one attempt a call\n[[check]]\njitter = { of = \"edge -> payments\" }",
    right "[gateway.edge]\npreset = \"standard\"";

    TOO_FEW_SAMPLES = "W003", "a check that will have too few samples",
    "A 99th percentile needs 299 calls even if not one of them is slow, a spread of retries needs a hundred of them, a \
     recovery needs five good seconds before the run ends. With fewer the check is Inconclusive and the exit code 12. \
     Make the phases longer, the load higher, or ask for less. The expectation is that of the scenario before \
     breakers; `upstorm explain SCENARIO` shows it for every check.",
    wrong "duration = \"2s\"         # 100 calls\nslo = { of = \"shoppers\", p99 = \"800ms\" }",
    right "duration = \"10s\"        # 500 calls";

    UNREACHED = "W004", "a route or upstream that no request reaches",
    "No client sends a request that this route would serve, so what it says of latency, faults and limits never \
     happens. The first route whose `match` fits serves a request; a route without a `match` catches all, and what \
     stands behind it gets nothing.",
    wrong "match = { method = \"POST\", path = \"/v1/charges\" }   # clients POST /v1/charges/17",
    right "match = { method = \"POST\", path = \"/v1/charges/{id}\" }";

    OVER_OWN_LIMIT = "W005", "more calls than the gateway lets through",
    "A client asks for more calls a second than the rate limit of the gateway's (or its own) policies admits. The rest \
     is answered 429 without ever reaching the upstream, and the run shows mostly that. `standard` lets 200/s through. \
     Nothing is said where a `limit` check asks how that limit is kept.",
    wrong "[client.shoppers]\nrate = \"500/s\"\n[gateway.edge]\npreset = \"standard\"",
    right "[gateway.edge]\npreset = \"standard\"\nlimits = { rate = \"600/s\" }";

    OVER_LIMIT = "W006", "more than twice the upstream's limit, all the time",
    "From the first second to the last the clients ask for more than twice of what the upstream's `limit` grants. An \
     overload that never begins and never ends has no before and after to compare. Put the limit, or the load, into a \
     phase.",
    wrong "[upstream.payments]\nlimit = { rate = \"50/s\" }\n[client.shoppers]\nrate = \"200/s\"",
    right "[[phase]]\nname = \"overload\"\nduration = \"10s\"\nupstream.payments.limit = { rate = \"50/s\" }";

    NO_EFFECT = "W007", "a phase that changes nothing",
    "The phase puts something over the base, and what comes out is the base: the value is the one that was there \
     before. Its checks would judge a trouble that never was.",
    wrong "[upstream.payments]\nlatency = \"20ms\"\n[[phase]]\nname = \"slow\"\nupstream.payments.latency = \"20ms\"",
    right "upstream.payments.latency = \"900ms\"";

    NO_LOAD = "W008", "a check without a call to look at",
    "In the phases that this check looks at nobody makes a call that it is about, so that it will measure nothing and \
     be Inconclusive.",
    wrong "[[phase]]\nname = \"night\"\nduration = \"10s\"\nclient.shoppers.rate = \"0/s\"\n[[check]]\nduring = [\"night\"]",
    right "[[check]]\nduring = [\"day\"]";

    OVERRIDDEN = "W009", "an overlay that every route overrides",
    "Keys on an upstream are only the default of its routes. Every route that requests reach has a value of its own \
     for this key, so the phase's value is never used. Name the routes in the overlay.",
    wrong "[[upstream.payments.route]]\nname = \"charge\"\nlatency = \"20ms\"\n[phase.upstream.payments]\nlatency = \"900ms\"",
    right "[phase.upstream.payments.route.charge]\nlatency = \"900ms\"";

    BEYOND_BODY = "W010", "a cut beyond the end of the body",
    "The fault lets through at least as many bytes as the body has. A reset or close then comes right at the end, and \
     a truncation cuts nothing off. Make the body larger or cut earlier.",
    wrong "body = { size = \"1KiB\" }\nfaults = [{ share = \"5%\", reset = { after = \"4KiB\" } }]",
    right "body = { size = \"16KiB\" }";

    SHADOWED = "W011", "a fault that can never hit",
    "The first entry of `faults` that hits an attempt wins, and one that stands before this hits every attempt.",
    wrong "faults = [{ share = \"100%\", hang = true }, { share = \"5%\", close = { at = \"mid-body\" } }]",
    right "faults = [{ share = \"5%\", close = { at = \"mid-body\" } }, { share = \"100%\", hang = true }]";

    RARE = "W012", "a fault that may well not happen at all",
    "At this share and load fewer than three hits are expected, so that one run in twenty or more has none. The \
     always-on check `faults-injected` cannot tell either whether it works.",
    wrong "faults = [{ share = \"0.1%\", hang = true }]      # of 300 calls",
    right "faults = [{ share = \"5%\", hang = true }]";

    CROWDED = "W013", "more calls at once than may be in flight, all the time",
    "Calls in flight are rate times latency (Little's law). All through the run that is more than the gateway's \
     `limits.max_requests` or the client's `max_in_flight`, so that calls are turned away or shed although nothing is \
     wrong. `standard` lets 50 calls be in flight.",
    wrong "latency = \"500ms\"\nrate = \"200/s\"           # 100 in flight",
    right "limits = { max_requests = 200 }";

    RESTARTING_RAMP = "W014", "a ramp that begins anew with every step",
    "A ramp goes from its first value to its last across one stretch of unchanging behaviour, and in a phase with \
     `steps` each step is one. A ramp on the phase itself therefore runs once in each step, and not once across all.",
    wrong "steps = [{ duration = \"3s\" }, { duration = \"3s\" }]\nupstream.payments.latency = { from = \"10ms\", to = \"90ms\" }",
    right "duration = \"6s\"\nupstream.payments.latency = { from = \"10ms\", to = \"90ms\" }";

    HINT_TOO_LONG = "W015", "a Retry-After that nobody can wait for",
    "The upstream asks to come back later than the call may last by the gateway's own deadline, so no retry will ever \
     follow it, and what is not retried cannot be judged.",
    wrong "retry_after = { seconds = 30 }\n[gateway.edge]\ndeadline = { total = \"5s\" }",
    right "retry_after = { seconds = 1 }";

    TUNED_BUT_OFF = "W016", "a policy that is tuned but off",
    "A table of a policy only tunes it. What the preset has off stays off until `kind` says which one it shall be, so \
     that `--set gateway.edge.preset=…` can put a gateway without a breaker or a retry budget into a scenario that \
     tunes them. A gateway or client without a preset has `none`, and with it no breaker and no budget.",
    wrong "[gateway.edge]\npreset = \"retry\"       # has no breaker\nbreaker = { min_calls = 10 }",
    right "[gateway.edge]\npreset = \"retry\"\nbreaker = { kind = \"rate\", min_calls = 10 }";

    IDLE_LINK = "W017", "a link that carries nothing",
    "`network` describes the links of the simulated world. The real world has the links of this machine and does not \
     look at it; and the link between two hosts of which neither calls the other carries nothing in any world.",
    wrong "[run]\nworld = \"real\"\nnetwork = { delay = \"5ms\" }",
    right "[run]\nworld = \"sim\"\nnetwork = { delay = \"5ms\" }";

    BELOW_ROUND_TRIP = "W018", "a timeout shorter than a round trip",
    "The links of the simulated world take longer, there and back, than this timeout lets pass, so that every attempt \
     (or connect, or call) times out whatever the upstream does. Give it more time, or the links less delay.",
    wrong "network = { delay = \"50ms\" }\n[gateway.edge]\ndeadline = { per_try = \"80ms\" }",
    right "network = { delay = \"5ms\" }\n[gateway.edge]\ndeadline = { per_try = \"80ms\" }";

    OVER_CAPACITY = "W019", "more than the workers can do, all the time",
    "A worker that is kept for 20 ms does 50 calls a second; `workers` of them that many times as much. From the first \
     second to the last more is asked, so that the queue is always full and overflow is certain. An overload that never \
     begins and never ends has no before and after to compare. Put the load, or fewer workers, into a phase.",
    wrong "[upstream.payments]\nlatency = \"50ms\"\ncapacity = { workers = 4, queue = 64 }   # 80 calls a second\n[client.shoppers]\nrate = \"200/s\"",
    right "capacity = { workers = 16, queue = 64 }";

    AMONG_ONE = "W020", "a choice among one",
    "`balance` and `outlier` choose among the replicas of a target: which one an attempt goes to, and which one is left out \
     for a while. No target of this gateway or client has replicas, so there is nothing to choose, and an ejection would \
     leave nobody.",
    wrong "[upstream.payments]\n[gateway.edge]\ntarget = \"payments\"\noutlier = { kind = \"consecutive\" }",
    right "[upstream.payments]\nreplicas = 3";

    CANNOT_GATHER = "W021", "a cohort that can never be complete",
    "`hold` keeps requests waiting until there are so many. Here there never will be: fewer can be in flight at once, or \
     fewer come before the first of them, or its caller, has waited too long. What comes of it is a long latency and no \
     cohort. Ask for fewer calls, or let more come and wait longer.",
    wrong "[client.shoppers]\nrate = \"50/s\"\ntimeout = \"1s\"\n[phase.upstream.payments]\nhold = { calls = 200, within = \"2s\" }",
    right "[client.shoppers]\nrate = \"400/s\"\ntimeout = \"5s\"\n[phase.upstream.payments]\nhold = { calls = 200, within = \"2s\" }";

    NO_SILENCE = "W022", "a silence that comes about by itself",
    "`probes` takes the first requests after a silence for a breaker's probes. At this load there are silences as long as \
     that between any two calls, so that ordinary calls are taken for probes. A silence should be ten times as long as \
     the time between two calls, and shorter than the breaker is open.",
    wrong "[client.shoppers]\nrate = \"2/s\"\n[phase.upstream.payments]\nprobes = { after_silence = \"500ms\", never = true }",
    right "[client.shoppers]\nrate = \"100/s\"\n[phase.upstream.payments]\nprobes = { after_silence = \"500ms\", never = true }";

    NO_ROW = "W023", "an update of what has no version",
    "An update reads, and writes with the version that it has read. Where the route that serves it is none of rows, no \
     version is told, every write takes, and nobody is ever too late. Where the read is served by another route than the \
     write, their versions have nothing to do with each other: no write ever takes.",
    wrong "[[upstream.table.route]]\nname = \"row\"\n[client.writers]\nrequests = [{ method = \"PUT\", path = \"/v1/row\", update = true }]",
    right "[[upstream.table.route]]\nname = \"row\"\nrow = true";
}
