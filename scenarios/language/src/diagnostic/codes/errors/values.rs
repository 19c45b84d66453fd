//! Codes of values that are of the right kind and make no sense: S020 to S026.

use crate::diagnostic::codes::code::codes;

codes! {
    /// What goes wrong with values.
    VALUES:

    OUT_OF_RANGE = "S020", "a value out of range",
    "The value is of the right kind, and too small or too large to mean anything: a phase of no length, a bucket \
     without room for a token, a policy that allows no attempt.",
    wrong "max_attempts = 0",
    right "max_attempts = 1          # one attempt, no retries";

    BAD_SHARE = "S021", "a share over 100 %",
    "A share is a part of a whole: of the attempts, the calls, the connections. More than all of them cannot be hit.",
    wrong "faults = [{ share = \"120%\", hang = true }]",
    right "faults = [{ share = \"12%\", hang = true }]";

    BAD_MIX = "S022", "the shares of a status mix do not add up",
    "Each response gets exactly one status, so the shares of a mix make 100 % together. One entry may leave its share \
     out, as an empty table, and takes the rest. While shares ramp, they must add up all the way.",
    wrong "status = { 200 = \"95%\", 503 = \"3%\" }",
    right "status = { 200 = {}, 503 = \"3%\" }";

    BAD_LAW = "S023", "the parameters make no distribution",
    "No distribution has these parameters: a longest delay below the shortest, a 99th percentile below the median, a \
     scale or shape of zero, weights that are all zero. With ramps, the law must make sense all the way.",
    wrong "latency = { uniform = { min = \"90ms\", max = \"30ms\" } }",
    right "latency = { uniform = { min = \"30ms\", max = \"90ms\" } }";

    ALL_OR_NOTHING = "S024", "only all or nothing is possible here",
    "A listener is there or it is not, so `refuse` and `blackhole` can only be \"0%\" or \"100%\". To hit a part of the \
     connections, use `reset` or `stall`; to do it for a part of the time, use `steps`.",
    wrong "connect = { refuse = \"50%\" }",
    right "connect = { reset = \"50%\" }";

    BAD_FORM = "S025", "a text of the wrong form",
    "The text names something whose form is fixed (an HTTP method, a path, a header, a status, an address, the name of \
     a host) and is not of that form.",
    wrong "match = { method = \"post\", path = \"v1/charges\" }",
    right "match = { method = \"POST\", path = \"/v1/charges/{id}\" }";

    BAD_HISTOGRAM = "S026", "a histogram file that cannot be read",
    "A histogram file has one bucket a line: its upper edge and how many fell into it, `12ms, 340`. Edges grow from \
     line to line, at least one count is above zero, and lines that begin with `#` are left out.",
    wrong "12ms, 340\n10ms, 25",
    right "10ms, 25\n12ms, 340";
}
