//! `connect.refuse`: nobody listens, as after a crash or during a deployment; SYNs are answered by RST.
//!
//! All or nothing, for a whole segment of the plan: a listener is there or it is not. Performed by the door.

use super::FaultInfo;
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "connect.refuse",
    stage: Stage::Connect,
    summary: "nobody listens: connects are refused, and open connections are reset",
    docs: "`connect = { refuse = \"100%\" }`. Open connections are reset when it begins, as when the process has died. \
           Afterwards the same address is listened on again.",
};
