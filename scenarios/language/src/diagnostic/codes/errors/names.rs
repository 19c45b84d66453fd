//! Codes of names that lead nowhere, or to two things at once: S027 to S032.

use crate::diagnostic::codes::code::codes;

codes! {
    /// What goes wrong with names.
    NAMES:

    DUPLICATE_NAME = "S027", "a name is used twice",
    "Checks, phases and `--set` speak of things by name. Upstreams, gateways and clients share one set of names, \
     because all of them are hosts on one network; routes are unique within their upstream.",
    wrong "[gateway.payments]\ntarget = \"payments\"",
    right "[gateway.edge]\ntarget = \"payments\"";

    UNKNOWN_HOST = "S028", "a host that does not exist",
    "The name is no upstream, gateway or client of this scenario, or not of the kind that belongs here: a client \
     calls a gateway or an upstream, and so does a gateway. `payments#2` is the second replica of an upstream with \
     `replicas`.",
    wrong "[client.shoppers]\ntarget = \"egde\"",
    right "[client.shoppers]\ntarget = \"edge\"";

    UNKNOWN_ROUTE = "S029", "a route that does not exist",
    "The upstream has no route of this name. Overlays and checks speak of routes by the `name` of their \
     `[[upstream.….route]]`.",
    wrong "[phase.upstream.payments.route.chrage]",
    right "[phase.upstream.payments.route.charge]";

    UNKNOWN_PHASE = "S030", "a phase that does not exist",
    "`during` and `after` name phases by their `name`. The warm-up is no phase, and steps have no names.",
    wrong "during = [\"stedy\"]",
    right "during = [\"steady\"]";

    NO_SUCH_EDGE = "S031", "nothing is sent along this edge",
    "A check of an edge names who sends and who receives, `\"edge -> payments\"`, perhaps with a route, \
     `\"edge -> payments/quota\"`. Calls of the one must come to the other, straight or over gateways.",
    wrong "breaker = { of = \"edge -> auth\" }   # edge calls payments only",
    right "breaker = { of = \"edge -> payments\" }";

    UNKNOWN_PRESET = "S032", "a preset that does not exist",
    "A preset is a named set of policy settings. The message lists them; `upstorm explain SCENARIO` shows what each \
     gateway and client ends up with.",
    wrong "preset = \"standart\"",
    right "preset = \"standard\"";
}
