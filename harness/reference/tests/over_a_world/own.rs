//! What the gateway answers itself.

use std::error::Error;
use std::sync::Arc;

use serde_json::json;
use upstorm_reference::{Gateway, RaiseError};

use crate::stage::play;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn health_and_metrics_are_its_own() {
    play(json!({}), |stage| async move {
        let passed = stage.get();
        let (mut upstream, _) = stage.upstream.answers(OK).await;
        assert_eq!(passed.answer().await.status(), 200);

        let health = stage.send("GET /health HTTP/1.1\r\nhost: edge\r\n\r\n").answer().await;
        assert_eq!(health.header("content-type"), Some("application/json"));
        let expected = json!({ "status": "ok", "gateway": "edge", "target": "payments", "in_flight": 0 });
        assert_eq!(health.json(), expected);

        let metrics = stage.send("GET /metrics HTTP/1.1\r\nhost: edge\r\n\r\n").answer().await;
        assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4"));
        for line in metrics.text().lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("upstorm_gateway_") && value.parse::<f64>().is_ok(), "{line}");
        }
        for line in [
            r#"upstorm_gateway_requests_total{gateway="edge",status="200"} 1"#,
            r#"upstorm_gateway_attempts_total{gateway="edge"} 1"#,
            r#"upstorm_gateway_request_seconds_count{gateway="edge"} 1"#,
        ] {
            assert!(metrics.text().contains(line), "{line} in {}", metrics.text());
        }
        assert!(upstream.is_silent() && !stage.upstream.is_dialled());
    });
}

#[test]
fn a_tunnel_is_refused() {
    play(json!({}), |stage| async move {
        let answer = stage.send("CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n").answer().await;
        assert_eq!(answer.status(), 501);
        assert!(!stage.upstream.is_dialled());
    });
}

#[test]
fn a_gateway_that_cannot_be_raised_says_why() {
    play(json!({}), |stage| async move {
        let missing = Gateway::raise(stage.caller.clone(), Arc::clone(&stage.plan), 1).await;
        assert!(matches!(missing, Err(RaiseError::NoSuchGateway(1))));
        let mut plan = (*stage.plan).clone();
        plan.gateways[0].listen = Some(stage.gateway.address());
        let taken = Gateway::raise(stage.caller.clone(), Arc::new(plan), 0).await.unwrap_err();
        assert_eq!(taken.to_string(), "gateway `edge` cannot be raised");
        let why = taken.source().unwrap().to_string();
        assert_eq!(why, format!("cannot listen on {}", stage.gateway.address()));
    });
}
