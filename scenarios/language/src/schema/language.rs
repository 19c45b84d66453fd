//! What the language has beyond the model's types: `extends`, `vars`, `matrix`, presets, and forms the decoder takes besides.

use serde_json::{Value, json};
use upstorm_model::policy::PRESETS;

/// Puts it over the generated schema.
pub(super) fn complete(schema: &mut Value) {
    schema["title"] = json!("Upstorm scenario");
    schema["description"] = json!("One scenario file of the language, version 1.");
    root(schema);
    let Some(definitions) = schema.get_mut("definitions") else { return };
    for host in ["Gateway", "Client"] {
        definitions[host]["properties"]["preset"] = preset();
    }
    choices(definitions);
    required(definitions);
    plain_values(definitions);
}

fn root(schema: &mut Value) {
    let properties = &mut schema["properties"];
    properties["version"] = json!({ "const": 1, "description": "The version of the language." });
    properties["fate_header"] = json!({ "const": false });
    properties["extends"] = json!({
        "description": "Files this one is laid over: tables merge deeply, arrays of tables by `name`.",
        "type": "array",
        "items": { "type": "string" },
    });
    properties["vars"] = json!({
        "description": "Your own names for values, put in as `${vars.NAME}`.",
        "type": "object",
        "additionalProperties": { "type": ["string", "number", "boolean"] },
    });
    properties["matrix"] = matrix();
    // What is missing here may stand in a file that is extended.
    let whole = schema["required"].take();
    schema["anyOf"] = json!([{ "required": ["extends"] }, { "required": whole }]);
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
    }
}

/// The variants to compare.
fn matrix() -> Value {
    let settings = json!({
        "description": "Paths, as `--set` names them, and their values.",
        "type": "object",
        "additionalProperties": true,
    });
    let selector = json!({
        "anyOf": [
            { "description": "A label, in which `*` stands for anything.", "type": "string" },
            settings,
        ],
    });
    let values = json!({
        "anyOf": [
            { "type": "array", "minItems": 1, "items": true },
            { "description": "Values by name.", "type": "object", "minProperties": 1 },
        ],
    });
    let known = |description: &str, mut schema: Value| {
        schema["description"] = json!(description);
        schema
    };
    json!({
        "description": "The variants to compare: each is this file with some paths set.",
        "type": "object",
        "properties": {
            "axes": known("Paths, each with the values it may have; each combination is a variant.",
                json!({ "type": "object", "minProperties": 1, "additionalProperties": values })),
            "variants": known("Variants by name, each with the paths it sets.",
                json!({ "type": "object", "minProperties": 1, "additionalProperties": settings })),
            "baseline": known("What the others are compared with; without it, the first variant.", selector.clone()),
            "exclude": known("Variants that are left out.", json!({ "type": "array", "items": selector.clone() })),
            "gate": known("The variants whose checks decide how the run ends; without it, all.",
                json!({ "type": "array", "items": selector })),
            "seeds": known("With how many seeds each variant is run.",
                json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string", "pattern": r"\$\{" }] })),
        },
        "patternProperties": { "^x-": true },
        "additionalProperties": false,
        "anyOf": [{ "required": ["axes"] }, { "required": ["variants"] }],
    })
}

fn preset() -> Value {
    let known = PRESETS.iter().map(|preset| json!({ "const": preset.name, "description": preset.summary }));
    let mut forms: Vec<Value> = known.collect();
    forms.push(json!({ "type": "string", "pattern": r"\$\{" }));
    json!({ "description": "The preset it starts from; without it, `none`.", "oneOf": forms })
}

/// Forms that the decoder takes beside the one the plan file has.
fn choices(definitions: &mut Value) {
    for branch in definitions["Body"]["oneOf"].as_array_mut().into_iter().flatten() {
        if let Some(json) = branch.pointer_mut("/properties/json") {
            *json = json!({ "description": "Any value, or a text that is JSON." });
        }
    }
    for owner in ["Fault", "FaultKind"] {
        for branch in definitions[owner]["oneOf"].as_array_mut().into_iter().flatten() {
            for switch in ["/properties/hang", "/properties/redirect_loop"] {
                if let Some(switch) = branch.pointer_mut(switch) {
                    let table = switch.take();
                    *switch = json!({ "anyOf": [{ "const": true }, table] });
                }
            }
        }
    }
    for owner in ["Budget", "RetryBudgetCheck"] {
        let ratio = definitions[owner]["properties"]["ratio"].take();
        definitions[owner]["properties"]["ratio"] =
            json!({ "anyOf": [ratio, { "type": "number", "minimum": 0 }] });
    }
    let percentile = definitions["Hedge"]["properties"]["percentile"].take();
    definitions["Hedge"]["properties"]["percentile"] =
        json!({ "anyOf": [percentile, { "type": "number", "minimum": 0.5, "maximum": 0.9999 }] });
    let row = definitions["Route"]["properties"]["row"].take();
    definitions["Route"]["properties"]["row"] = json!({ "anyOf": [{ "const": true }, row] });
    // The status mix lists its keys by pattern, and `x-` keys are the user's there too.
    definitions["StatusMix"]["patternProperties"]["^x-"] = json!(true);
}

/// Keys without which a check says nothing; the types fill them with blanks.
fn required(definitions: &mut Value) {
    for check in ["Slo", "BreakerCheck", "JitterCheck", "RetryBudgetCheck", "RetryAfterCheck"] {
        definitions[check]["required"] = json!(["of"]);
    }
    definitions["Amplification"]["required"] = json!(["of", "max"]);
    definitions["Recovery"]["required"] = json!(["of", "after", "within"]);
}

/// Keys of which this version can do one value only, and which may say so.
fn plain_values(definitions: &mut Value) {
    let upstream = &mut definitions["Upstream"]["properties"];
    upstream["protocols"] = json!({ "const": ["http1"] });
    for key in ["tls", "mtls"] {
        upstream[key] = json!({ "const": false });
    }
    definitions["Run"]["properties"]["seeds"]["minimum"] = json!(1);
}
