//! Plans that this room's tests perform and compare.

use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::{LoadOptions, load};
use upstorm_model::Plan;

const QUICK: &str = r#"
version = 1
name = "quick"

[run]
world = "sim"
warmup = "100ms"

[upstream.payments]
latency = "5ms"
status = { 200 = "80%", 503 = "20%" }

[gateway.edge]
target = "payments"
preset = "retry"

[client.shoppers]
target = "edge"
rate = "100/s"
timeout = "2s"

[[phase]]
name = "steady"
duration = "900ms"

[[check]]
name = "availability"
slo = { of = "shoppers", availability = "50%" }
"#;

/// One simulated second of one client, one gateway and one upstream that fails now and then.
pub(crate) fn quick() -> Plan {
    let read = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets: &[], env: &|_| None, read: &read };
    let loaded = load("quick.toml", None, QUICK.as_bytes(), &options)
        .unwrap_or_else(|e| panic!("{}", e.render(false)));
    plan(&loaded, &PlanOptions::default()).unwrap_or_else(|e| panic!("{}", e.render(false)))
}
