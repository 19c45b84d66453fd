//! Faults as an outside program sees them: `upstorm serve` and curl.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use crate::binary::Workplace;

const FAULTY: &str = r#"
version = 1
name = "faulty"

[upstream.payments]
body = { size = "8KiB" }

[[upstream.payments.route]]
name = "reset"
match = { path = "/reset" }
faults = [{ share = "100%", reset = { at = "before-headers" } }]

[[upstream.payments.route]]
name = "midway"
match = { path = "/midway" }
faults = [{ share = "100%", reset = { after = "1000B" } }]

[[upstream.payments.route]]
name = "close"
match = { path = "/close" }
faults = [{ share = "100%", close = { at = "before-headers" } }]

[[upstream.payments.route]]
name = "truncate"
match = { path = "/truncate" }
faults = [{ share = "100%", truncate = { keep = "50%" } }]

[client.nobody]
target = "payments"
rate = "1/s"

[[phase]]
name = "always"
duration = "1s"
"#;

/// The upstream, serving; stopped when dropped.
struct Serving(Child, String);

impl Serving {
    fn start(place: &Workplace) -> Self {
        place.write("faulty.toml", FAULTY);
        let mut child = place.start(&["serve", "faulty.toml"]);
        let stdout = child.stdout.take().expect("stdout is piped");
        let line = BufReader::new(stdout).lines().next().expect("a line").expect("it can be read");
        let url = line.split_whitespace().nth(1).expect("`NAME URL`").to_owned();
        Self(child, url)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn curl_sees_each_fault_as_what_it_is() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: curl_sees_each_fault_as_what_it_is: curl is not installed");
        return;
    }
    let place = Workplace::new();
    let serving = Serving::start(&place);
    // curl's exit codes: 56 receive failure (ECONNRESET), 52 empty reply (EOF), 18 partial file.
    for (path, code, bytes, word) in [
        ("/", 0, 8192, ""),
        ("/reset", 56, 0, "reset"),
        ("/midway", 56, 1000, "reset"),
        ("/close", 52, 0, "Empty reply"),
        ("/truncate", 18, 4096, ""),
    ] {
        let url = format!("{}{path}", serving.1);
        let args = ["--silent", "--show-error", "--max-time", "10", "--output", "-", &url];
        let output = Command::new("curl").args(args).output().expect("curl runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{path}: {said}");
        assert_eq!(output.stdout.len(), bytes, "{path}: {said}");
        assert!(said.contains(word), "{path}: {said}");
    }
}
