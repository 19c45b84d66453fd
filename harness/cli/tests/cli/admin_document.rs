//! The OpenAPI document of the admin API, held against the program: what either has and the other has not is found here.

use serde_json::{Value, json};

use crate::steered::Served;

/// Each operation of the document with a request that it answers as it says: method, path, body.
fn requests() -> Vec<(&'static str, &'static str, &'static str, Option<Value>)> {
    let route = "/v1/routes/payments/charge";
    vec![
        ("get", "/openapi.json", "/openapi.json", None),
        ("get", "/metrics", "/metrics", None),
        ("get", "/v1/state", "/v1/state", None),
        ("get", "/v1/phases", "/v1/phases", None),
        ("get", "/v1/routes", "/v1/routes", None),
        ("get", "/v1/faults", "/v1/faults", None),
        ("get", "/v1/attempts", "/v1/attempts?limit=5", None),
        ("get", "/v1/routes/{upstream}/{route}", route, None),
        ("put", "/v1/routes/{upstream}/{route}", route, Some(json!({"latency": "1ms"}))),
        (
            "patch",
            "/v1/routes/{upstream}/{route}",
            route,
            Some(json!({"status": {"503": "10%", "200": "90%"}})),
        ),
        (
            "post",
            "/v1/routes/{upstream}/{route}/faults",
            "/v1/routes/payments/charge/faults",
            Some(json!({"share": "1%", "reset": {"at": "mid-body"}})),
        ),
        (
            "delete",
            "/v1/routes/{upstream}/{route}/faults/{number}",
            "/v1/routes/payments/charge/faults/1",
            None,
        ),
        ("delete", "/v1/routes/{upstream}/{route}", route, None),
        ("post", "/v1/jump", "/v1/jump", Some(json!({"phase": "closed"}))),
        ("post", "/v1/reset", "/v1/reset", Some(json!({}))),
    ]
}

/// A validator of one schema of the document.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    jsonschema::draft202012::new(&whole).expect("the schema is one")
}

#[test]
fn the_document_and_the_program_say_the_same() {
    let served = Served::start(&[]);
    served.call("/charge/1");
    let document = served.get("/openapi.json").json();
    assert_eq!(document["openapi"], json!("3.1.0"));
    let mut said: Vec<(String, String)> = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        said.extend(operations.as_object().expect("operations").keys().map(|m| (m.clone(), path.clone())));
    }
    let mut asked: Vec<(String, String)> =
        requests().into_iter().map(|(method, path, ..)| (method.to_owned(), path.to_owned())).collect();
    said.sort();
    asked.sort();
    assert_eq!(said, asked, "each operation of the document is tried, and nothing else");
    for (method, path, target, body) in requests() {
        let operation = &document["paths"][path][method];
        if let Some(body) = &body {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let check = validator(&document, schema);
            assert!(check.is_valid(body), "{method} {path}: {body}");
        }
        let answer = match &body {
            Some(body) => served.write(&method.to_uppercase(), target, body),
            None => served.send(&method.to_uppercase(), target, (&[], "")),
        };
        let (status, response) =
            operation["responses"].as_object().and_then(|r| r.iter().next()).expect("one");
        assert_eq!(answer.status.to_string(), *status, "{method} {path}: {}", answer.body);
        let Some(schema) = response["content"].pointer("/application~1json/schema") else { continue };
        let errors: Vec<String> =
            validator(&document, schema).iter_errors(&answer.json()).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{method} {path}: {errors:?}\n{}", answer.body);
    }
    let problem = served.write("PATCH", "/v1/routes/payments/charge", &json!({"latency": 5}));
    let schema = json!({"$ref": "#/components/schemas/ProblemView"});
    assert!(validator(&document, &schema).is_valid(&problem.json()), "{}", problem.body);
}
