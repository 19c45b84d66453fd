//! What every world must do, as test bodies that any world can run.
//!
//! A fault that behaves one way over sockets and another in the simulation would make verdicts depend on the
//! world; the same body in each keeps them honest. Each body takes a fresh world of at least three hosts and
//! leaves nothing behind.

pub(crate) mod clock;
pub(crate) mod endings;
pub(crate) mod faults;
pub(crate) mod partition;
pub(crate) mod streams;
pub(crate) mod waiting;

use std::sync::Arc;

use upstorm_model::HostId;
use upstorm_model::plan::Role;
use upstorm_world::{Env, Stream, World};

/// Who calls in these tests.
pub(crate) const CLIENT: HostId = HostId(0);
/// Who answers.
pub(crate) const UPSTREAM: HostId = HostId(1);
/// Somebody else.
pub(crate) const OTHER: HostId = HostId(2);

/// The caller's and the answerer's view.
pub(crate) fn two_hosts(world: &Arc<dyn World>) -> (Env, Env) {
    (world.env(CLIENT, Role::Client), world.env(UPSTREAM, Role::Upstream))
}

/// A connected pair: the caller's end, and the answerer's.
pub(crate) async fn connected(client: &Env, upstream: &Env) -> (Stream, Stream) {
    let listener = upstream.net.bind(None).await.unwrap();
    let near = client.net.connect(upstream.host).await.unwrap();
    let (far, peer) = listener.accept().await.unwrap();
    assert_eq!(peer, Some(client.host));
    (near, far)
}

/// Makes a test of each body. The file that uses this gives `fn world() -> Arc<dyn World>`.
macro_rules! conforms {
    () => {
        $crate::conformance::conforms! {
            clock: sleeps_are_never_early alarms_ring_in_order ten_thousand_alarms alarms_can_be_taken_back
                timeouts_end_what_is_late the_run_begins_at_zero;
            streams: bytes_arrive_whole_and_a_close_reads_as_the_end vectored_writes_arrive_in_order
                peers_are_known;
            faults: a_reset_reads_as_a_reset a_closed_address_refuses_and_can_be_bound_again
                a_blackhole_does_not_answer;
            endings: a_reset_before_any_byte_is_told_once bytes_before_a_reset_arrive one_direction_can_end_alone
                a_truncated_stream_ends_early a_close_with_bytes_unread_reads_as_a_reset
                a_write_to_a_closed_peer_is_answered_later a_peer_that_leaves_fails_the_writer
                a_listener_that_closes_resets_who_waits;
            waiting: a_peer_that_hangs_can_still_answer a_reader_that_stalls_holds_the_writer_up
                a_slow_writer_is_read_as_it_writes a_crowd_waits_to_be_accepted many_connections_stay_apart;
            partition: open_sockets_stand_still_and_go_on an_end_is_noticed_after_the_heal
                connects_wait_for_the_heal what_is_under_way_survives_a_partition;
        }
    };
    ($($room:ident: $($body:ident)*;)*) => {$($(
        #[test]
        fn $body() {
            $crate::conformance::$room::$body(&world());
        }
    )*)*};
}
pub(crate) use conforms;
