//! Codes of tables of the wrong shape: S011 to S019.

use crate::diagnostic::codes::code::codes;

codes! {
    /// What goes wrong with keys and with the kind of their values.
    SHAPE:

    UNKNOWN_KEY = "S011", "an unknown key",
    "The table has no such key, so it would do nothing, and a fault that silently does nothing is worse than none. \
     The message lists what the table may have and names the nearest. Keys that begin with `x-` are your own and \
     never looked at.",
    wrong "[[upstream.payments.route]]\nname = \"charge\"\nlatncy = \"15ms\"",
    right "[[upstream.payments.route]]\nname = \"charge\"\nlatency = \"15ms\"\nx-owner = \"team payments\"";

    MISSING_KEY = "S012", "a key is missing",
    "The table cannot do without this key, and no default would be a good guess.",
    wrong "[[phase]]\nname = \"steady\"",
    right "[[phase]]\nname = \"steady\"\nduration = \"20s\"";

    WRONG_TYPE = "S013", "a value of the wrong type",
    "The key wants another kind of value: a text, a number, true or false, a list or a table.",
    wrong "[[check]]\nname = \"slo\"\nduring = \"steady\"",
    right "[[check]]\nname = \"slo\"\nduring = [\"steady\"]";

    BARE_NUMBER = "S014", "a bare number where a unit belongs",
    "Durations, rates, shares and sizes are texts with a unit, because `timeout = 2` is two seconds to one reader \
     and two milliseconds to another. Bare numbers are for counts, weights and shape parameters.",
    wrong "timeout = 2",
    right "timeout = \"2s\"";

    BAD_UNIT = "S015", "a quantity that cannot be read",
    "A quantity is a number that is not negative and a unit that fits: durations in `ns`, `us`, `ms`, `s`, `m`, `h`; \
     rates per `/s`, `/m`, `/h`; shares in `%`; sizes in `B`, `KB`, `MB`, `GB` or `KiB`, `MiB`, `GiB`.",
    wrong "duration = \"20 sec\"",
    right "duration = \"20s\"";

    NOT_ONE_CHOICE = "S016", "a choice needs exactly one key",
    "In this language the key is the kind: a latency law, a fault, the content of a body or a check is a table in \
     which exactly one of several keys stands. None, or two, leaves open which is meant.",
    wrong "latency = { lognormal = { median = \"40ms\", sigma = 0.5 }, pareto = { min = \"300ms\", shape = 1.6 } }",
    right "latency = { lognormal = { median = \"40ms\", sigma = 0.5 } }";

    UNKNOWN_WORD = "S017", "an unknown word",
    "The key takes one of a few words, and this is none of them. The message lists them and names the nearest.",
    wrong "arrivals = \"poison\"",
    right "arrivals = \"poisson\"";

    CONFLICT = "S018", "keys that do not go together",
    "Two keys contradict each other, or one has a meaning only beside another. For instance a client is an open loop \
     (`rate`, `arrivals`) or a closed one (`users`, `think`), and a phase has a `duration` or `steps`.",
    wrong "rate  = \"200/s\"\nusers = 50",
    right "users = 50\nthink = \"100ms\"";

    NOT_SUPPORTED = "S019", "not supported by this version",
    "The language knows this, and this version of upstorm cannot do it yet. It is refused instead of being left out \
     silently, because the run would then show something else than the scenario says.",
    wrong "script = [{ times = 2, status = 503 }, {}]",
    right "status = { 503 = \"40%\", 200 = {} }";
}
