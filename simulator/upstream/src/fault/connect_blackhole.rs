//! `connect.blackhole`: SYNs are never answered, as behind a firewall that drops or a route that is gone.
//!
//! All or nothing, for a whole segment of the plan. The failure that only a connect timeout ends. Performed by the door.

use super::FaultInfo;
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "connect.blackhole",
    stage: Stage::Connect,
    summary: "connects are never answered; open connections go on",
    docs: "`connect = { blackhole = \"100%\" }`. A caller without a connect timeout waits for the kernel's, two minutes \
           on Linux.",
};
