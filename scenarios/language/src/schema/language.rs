//! What the language has beyond the model's types: `extends`, `vars`, presets, and forms the decoder takes besides.

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
    // What is missing here may stand in a file that is extended.
    let whole = schema["required"].take();
    schema["anyOf"] = json!([{ "required": ["extends"] }, { "required": whole }]);
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
    }
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
    for branch in definitions["Fault"]["oneOf"].as_array_mut().into_iter().flatten() {
        if let Some(hang) = branch.pointer_mut("/properties/hang") {
            let table = hang.take();
            *hang = json!({ "anyOf": [{ "const": true }, table] });
        }
    }
    for owner in ["Budget", "RetryBudgetCheck"] {
        let ratio = definitions[owner]["properties"]["ratio"].take();
        definitions[owner]["properties"]["ratio"] =
            json!({ "anyOf": [ratio, { "type": "number", "minimum": 0 }] });
    }
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
    upstream["replicas"] = json!({ "const": 1 });
    for key in ["tls", "mtls", "fate_header"] {
        upstream[key] = json!({ "const": false });
    }
    definitions["Run"]["properties"]["seeds"]["minimum"] = json!(1);
}
