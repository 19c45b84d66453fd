//! The routes a gateway answers itself: `/health` for whoever waits until it is up, `/metrics` for Prometheus.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::json;

use super::metrics::Metrics;

/// The own routes of one gateway.
#[derive(Debug)]
pub(super) struct OwnRoutes {
    gateway: String,
    target: String,
}

impl OwnRoutes {
    /// Of the gateway of this name, before this target.
    pub(super) fn of(gateway: &str, target: &str) -> Self {
        Self { gateway: gateway.to_owned(), target: target.to_owned() }
    }

    /// The answer, if the path is one of ours.
    pub(super) fn answer(&self, method: &Method, path: &str, metrics: &Metrics) -> Option<Response<Bytes>> {
        let reading = *method == Method::GET || *method == Method::HEAD;
        match path {
            "/health" if reading => Some(self.health(metrics)),
            "/metrics" if reading => Some(text_of(metrics)),
            _ => None,
        }
    }

    fn health(&self, metrics: &Metrics) -> Response<Bytes> {
        let text = json!({
            "status": "ok",
            "gateway": self.gateway,
            "target": self.target,
            "in_flight": metrics.in_flight(),
        });
        typed(Bytes::from(text.to_string()), "application/json")
    }
}

fn text_of(metrics: &Metrics) -> Response<Bytes> {
    match metrics.text() {
        Ok(text) => typed(Bytes::from(text), "text/plain; version=0.0.4"),
        Err(error) => {
            let mut response = typed(Bytes::from(error.to_string()), "text/plain");
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}

fn typed(body: Bytes, kind: &'static str) -> Response<Bytes> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
