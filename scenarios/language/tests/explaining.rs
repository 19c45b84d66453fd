//! What `upstorm explain` prints, for two built-in scenarios and one with every kind of overlay.

mod loading;

use loading::load_bytes;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::explain::explain;
use upstorm_language::library::find;

fn explained(name: &str, text: &str) -> String {
    let loaded = load_bytes(&format!("{name}.toml"), text.as_bytes(), &[]).unwrap_or_else(|e| panic!("{e}"));
    let plan = plan(&loaded, &PlanOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    explain(&loaded, &plan)
}

#[test]
fn a_storm_is_explained() {
    insta::assert_snapshot!("retry-storm", explained("retry-storm", find("retry-storm").unwrap().text));
}

#[test]
fn an_outage_in_steps_is_explained() {
    insta::assert_snapshot!("hard-outage", explained("hard-outage", find("hard-outage").unwrap().text));
}

#[test]
fn ramps_closed_loops_and_every_fault_are_explained() {
    let text = r#"
version = 1
name = "motley"
summary = "A bit of everything."
[upstream.payments]
listen = "127.0.0.1:9101"
latency = { lognormal = { median = "20ms", p99 = "90ms" } }
body = { size = "4KiB" }
[[upstream.payments.route]]
name = "charge"
match = { path = "/v1/charges/{id}" }
[gateway.edge]
target = "payments"
preset = "retry"
limits = { rate = "500/s" }
[client.shoppers]
target = "edge"
rate = "50/s"
requests = [{ weight = 3, path = "/v1/charges/{seq}" }, { weight = 1, path = "/v1/quota" }]
[client.clerks]
target = "edge"
users = 20
think = "80ms"
requests = [{ path = "/v1/charges/{seq}" }]
[[phase]]
name = "rising"
duration = "10s"
client.shoppers.rate = { from = "50/s", to = "150/s" }
upstream.payments.status = { 200 = {}, 503 = { share = { from = "0%", to = "40%" } } }
[[phase]]
name = "torn"
repeat = 3
client.clerks.users = 40
steps = [
  { duration = "1s", upstream = { payments = { faults = [{ share = "5%", reset = { after = "1KiB" } }, { share = "1%", truncate = { keep = "25%" } }] } } },
  { duration = "1s", upstream = { payments = { connect = { stall = "10%" }, limit = { rate = "20/s", reject = { retry_after = { seconds = 2 } } } } } },
  { duration = "500ms", partition = [["edge", "payments"]] },
]
[[check]]
name = "slo"
during = ["rising"]
slo = { of = "shoppers", p999 = "1s", availability = "90%" }
[[check]]
name = "breaker"
breaker = { of = "edge -> payments/charge", stays_closed = true }
"#;
    insta::assert_snapshot!("motley", explained("motley", text));
}
