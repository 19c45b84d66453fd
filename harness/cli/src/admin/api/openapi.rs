//! The OpenAPI 3.1 document, written from the table of endpoints and from the types that are sent and read.
//!
//! OpenAPI 3.1 takes JSON Schema 2020-12 as it is. What the decoder takes beyond these schemas (a law given as a plain
//! text, `hang = true`) it takes here too; what it refuses beyond them (names, sums) it tells by its codes.

use http::StatusCode;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use upstorm_model::scenario::{Behaviour, Fault};

use super::attempts::{AttemptsView, meaning};
use super::faults::FaultsView;
use super::phases::PhasesView;
use super::routes::{RouteView, RoutesView};
use super::state::StateView;
use super::steer::{JumpTo, Nothing};
use super::table::{ENDPOINTS, Endpoint};
use crate::admin::Desk;
use crate::admin::door::{Asked, Problem, ProblemView, Reply};

/// Put before the names of what is read, which may leave out what is always sent.
const READ: &str = "written.";

/// The document.
pub(super) fn read(_: &Desk, _: &Asked) -> Result<Reply, Problem> {
    Ok(Reply::json(StatusCode::OK, &document()))
}

fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in ENDPOINTS {
        let entry = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        entry[endpoint.method.to_lowercase()] = operation(endpoint);
    }
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Upstorm admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Look at a scenario and change it while it runs. Times are in seconds since the run began.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{}, { "token": [] }],
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let (status, schema) = endpoint.gives;
    let content = match schema {
        Some(schema) => json!({ "application/json": { "schema": reference("", schema) } }),
        None if endpoint.path == "/metrics" => json!({ "text/plain": { "schema": { "type": "string" } } }),
        None => json!({ "application/json": { "schema": { "type": "object" } } }),
    };
    let problem = json!({
        "description": "It was not done; nothing changed.",
        "content": { "application/problem+json": { "schema": reference("", "ProblemView") } },
    });
    let mut operation = json!({
        "operationId": endpoint.id,
        "summary": endpoint.summary,
        "responses": {
            status.to_string(): { "description": "It was done.", "content": content },
            "4XX": problem,
        },
    });
    let parameters: Vec<Value> = in_path(endpoint.path).chain(in_query(endpoint.parameters)).collect();
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if let Some(schema) = endpoint.takes {
        operation["requestBody"] = json!({
            "required": !endpoint.body_may_be_left_out(),
            "content": { "application/json": { "schema": reference(READ, schema) } },
        });
    }
    operation
}

fn in_path(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
}

fn in_query(parameters: &[&str]) -> impl Iterator<Item = Value> {
    parameters.iter().map(|name| {
        json!({
            "name": name, "in": "query", "required": false,
            "description": meaning(name), "schema": { "type": "string" },
        })
    })
}

fn reference(side: &str, schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{side}{schema}") })
}

/// The schemas of all that is sent, and of all that is read.
fn schemas() -> Map<String, Value> {
    let mut sent = settings().for_serialize().into_generator();
    add::<StateView>(&mut sent);
    add::<PhasesView>(&mut sent);
    add::<RoutesView>(&mut sent);
    add::<RouteView>(&mut sent);
    add::<FaultsView>(&mut sent);
    add::<AttemptsView>(&mut sent);
    add::<ProblemView>(&mut sent);
    let mut read = settings().for_deserialize().into_generator();
    add::<Behaviour>(&mut read);
    add::<Fault>(&mut read);
    add::<JumpTo>(&mut read);
    add::<Nothing>(&mut read);
    let mut all = sent.take_definitions(true);
    for (name, mut schema) in read.take_definitions(true) {
        renamed(&mut schema);
        all.insert(format!("{READ}{name}"), schema);
    }
    all
}

fn settings() -> SchemaSettings {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings
}

fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
    // Only the definition that this leaves behind is wanted.
    drop(generator.subschema_for::<T>());
}

/// Points every reference to the schema of what is read.
fn renamed(schema: &mut Value) {
    match schema {
        Value::Object(table) => {
            for (key, value) in table {
                match value {
                    Value::String(target) if key == "$ref" => {
                        let name = target.rsplit('/').next().unwrap_or_default();
                        *target = format!("#/components/schemas/{READ}{name}");
                    }
                    other => renamed(other),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(renamed),
        _ => {}
    }
}
