//! Codes of files that cannot be read, parsed or put together: S001 to S010.

use crate::diagnostic::codes::code::codes;

codes! {
    /// What goes wrong before anything is decoded.
    FILES:

    UNREADABLE = "S001", "a file cannot be read",
    "The scenario names a file (in `extends`, or a histogram of latencies) that could not be read. Its path is \
     relative to the file that names it. A scenario may be made of at most 64 files.",
    wrong "extends = [\"bsae.toml\"]",
    right "extends = [\"base.toml\"]";

    TOO_LARGE = "S002", "the file is too large",
    "A scenario is written by people and may have at most 1 MiB. Split it with `extends`; put measured latencies \
     into a histogram file.",
    wrong "# two million lines of quantiles",
    right "latency = { histogram = { file = \"latencies.csv\" } }";

    NOT_UTF8 = "S003", "the file is not UTF-8",
    "TOML files are UTF-8. The message names the first byte that is not. Editors often write Latin-1 or UTF-16 \
     when told to save as \"ANSI\" or \"Unicode\".",
    wrong "summary = \"Caf\\xe9\"     # one byte 0xe9: Latin-1",
    right "summary = \"Café\"";

    EMPTY = "S004", "the file is empty",
    "There is nothing in the file but white space and comments. The shortest scenario has a version, a name, an \
     upstream, a client and a phase; `upstorm scenarios copy steady` writes one to begin with.",
    wrong "# to be written",
    right "version = 1\nname = \"first\"";

    SYNTAX = "S005", "the file is not TOML",
    "The text breaks the grammar of TOML 1.0 (https://toml.io): a quote or a bracket that is never closed, a key \
     without a value, the same key twice. The carets stand where the parser could not go on; the cause is there or \
     just before. Only when the grammar is right can the rest be looked at.",
    wrong "timeout = 250ms",
    right "timeout = \"250ms\"";

    EXTENDS_CYCLE = "S006", "`extends` goes in a circle",
    "A file extends itself, directly or by way of others, so there is no end to laying one over the other. Move \
     what the files share into one that extends nothing.",
    wrong "# a.toml\nextends = [\"b.toml\"]\n# b.toml\nextends = [\"a.toml\"]",
    right "# a.toml and b.toml\nextends = [\"shared.toml\"]";

    UNKNOWN_VARIABLE = "S007", "a variable has no value",
    "A text has `${vars.x}` in it and there is no `x` in `[vars]`, or `${NAME}` and the environment has no such \
     variable. `${NAME:-default}` gives a default. `--set vars.x=…` sets a variable from the command line.",
    wrong "rate = \"${vars.load}\"",
    right "rate = \"${vars.load}\"\n\n[vars]\nload = \"200/s\"";

    BAD_PLACEHOLDER = "S008", "a placeholder makes no sense",
    "`${` begins a placeholder: `${vars.name}`, `${NAME}` or `${NAME:-default}`. It must be closed, its name must be \
     one of these forms, and a variable must not be made from itself. For the two characters themselves, write `$${`.",
    wrong "summary = \"costs ${ 5\"",
    right "summary = \"costs $${ 5\"";

    BAD_SET = "S009", "a `--set` leads nowhere",
    "`--set path=value` changes one key. The path is keys joined by dots; an entry of an array of tables goes by its \
     `name`; a key with a dot in it stands in quotes. The value is TOML, or else taken as text, so `5s` needs no \
     quotes. Lists without names can only be set whole.",
    wrong "upstorm run brownout --set phase.stedy.duration=5s",
    right "upstorm run brownout --set phase.steady.duration=5s";

    BAD_VERSION = "S010", "the version of the language is missing or unknown",
    "Every scenario says which version of the language it is written in, so that it means the same next year. This \
     version of upstorm knows version 1.",
    wrong "name = \"first\"",
    right "version = 1\nname = \"first\"";
}
