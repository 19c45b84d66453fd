//! What holds for every table and value: no unknown keys but `x-`, no null, `${…}` wherever a value may stand.

use serde_json::{Map, Value, json};

/// A text with a placeholder in it, which may become anything.
const PLACEHOLDER: &str = r"\$\{";

/// Walks the whole schema.
pub(super) fn tighten(schema: &mut Value) {
    walk(schema, false);
}

/// `is_branch`: this is one form of a table whose keys are listed above it, so it must not forbid the others.
fn walk(schema: &mut Value, is_branch: bool) {
    let Value::Object(object) = schema else { return };
    no_null(object);
    // Defaults depend on the preset and on the level above; what the types say would mislead.
    object.remove("default");
    if object.contains_key("properties") && !is_branch {
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
        object.insert("patternProperties".to_owned(), json!({ "^x-": true }));
    }
    for key in ["properties", "definitions", "patternProperties"] {
        if let Some(Value::Object(inner)) = object.get_mut(key) {
            inner.values_mut().for_each(|schema| walk(schema, false));
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = object.get_mut(key) {
            walk(inner, false);
        }
    }
    admit_branches(object);
    let below = is_branch || object.contains_key("properties");
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(Value::Array(branches)) = object.get_mut(key) {
            branches.iter_mut().for_each(|branch| walk(branch, below));
        }
    }
    let_placeholders_in(schema);
}

/// A table of one of several forms lists the keys of all of them, so that forbidding the rest does not forbid these.
fn admit_branches(object: &mut Map<String, Value>) {
    let forms = ["oneOf", "anyOf"].into_iter().filter_map(|key| object.get(key).and_then(Value::as_array));
    let branches = forms.flatten();
    let keys: Vec<String> = branches
        .filter_map(|branch| branch.get("properties")?.as_object())
        .flat_map(|properties| properties.keys().cloned())
        .collect();
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        for key in keys {
            properties.entry(key).or_insert(Value::Bool(true));
        }
    }
}

/// TOML has no null: what may be absent is left out.
fn no_null(object: &mut Map<String, Value>) {
    let is_null = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "null");
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| !is_null(branch));
    }
    if let Some(Value::Array(kinds)) = object.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
}

fn let_placeholders_in(schema: &mut Value) {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    if kind == "string"
        && let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
    {
        let either = format!("({pattern})|{PLACEHOLDER}");
        schema["pattern"] = Value::String(either);
    }
    let placeholder = json!({ "type": "string", "pattern": PLACEHOLDER });
    if ["integer", "number", "boolean"].contains(&kind.as_str()) {
        let plain = schema.take();
        let description = plain.get("description").cloned();
        *schema = json!({ "anyOf": [plain, placeholder] });
        if let Some(description) = description {
            schema["description"] = description;
        }
        return;
    }
    if let Some(Value::Array(words)) = schema.get_mut("oneOf")
        && words.iter().all(|word| word.get("const").is_some_and(Value::is_string))
    {
        words.push(placeholder);
    }
}
