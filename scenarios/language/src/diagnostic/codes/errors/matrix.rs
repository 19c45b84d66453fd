//! Codes of matrices: variants that make no sense, or that there are none of.

use crate::diagnostic::codes::code::codes;

codes! {
    /// What goes wrong between variants. What is wrong within one has the code of any scenario.
    MATRIX:

    BAD_MATRIX = "S033", "a matrix that makes no sense",
    "The axes of `[matrix]` must make different variants, and not too many: every axis has at least one value and none \
     twice, no two axes set the same path or one within the other's, and there are at most 256 variants. What makes \
     variants comparable (the name, the seed, the world) is the same for all and cannot vary; `vars` can.",
    wrong "[matrix]\naxes = { \"gateway.edge.preset\" = [\"none\", \"none\"] }",
    right "[matrix]\naxes = { \"gateway.edge.preset\" = [\"none\", \"standard\"] }";

    NO_SUCH_VARIANT = "S034", "a variant that does not exist",
    "`baseline`, `exclude` and `gate` name variants: by label, in which `*` stands for anything, or by a table of what \
     they set. Here no variant is meant, or no single one where there must be one. `upstorm explain SCENARIO` lists the \
     labels. A baseline by table stands for the variant that has these values and is otherwise the same, so with two \
     axes it may name one of them.",
    wrong "axes = { \"gateway.edge.preset\" = [\"none\", \"standard\"] }\nbaseline = { \"gateway.edge.preset\" = \"off\" }",
    right "axes = { \"gateway.edge.preset\" = [\"none\", \"standard\"] }\nbaseline = { \"gateway.edge.preset\" = \"none\" }";
}
