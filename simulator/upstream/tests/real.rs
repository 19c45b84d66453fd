//! The upstream over real sockets in real time.

#![expect(clippy::unwrap_used, reason = "tests")]

mod conformance;
mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use upstorm_model::Seed;
use upstorm_model::scenario::{Cut, CutAt, FaultKind};
use upstorm_world::real::{RealOptions, RealWorld};
use upstorm_world::{Recorder, World};

use support::{behaviour, fault, play, single};

fn world() -> Arc<dyn World> {
    let options = RealOptions { recorder: Recorder::in_memory(), seed: Seed(1), hosts: 2 };
    Arc::new(RealWorld::new(options).unwrap())
}

conformance::conforms!();

#[test]
fn a_reset_is_what_the_kernel_calls_one() {
    let mut route = behaviour();
    route.faults = vec![fault(FaultKind::Reset(Cut::At { at: CutAt::BeforeHeaders }))];
    let (error, recording) = play(&world(), single(route), |client| async move {
        let address = client.env.net.address_of(support::UPSTREAM).unwrap();
        let mut socket = TcpStream::connect(address).unwrap();
        socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        socket.read(&mut [0; 16]).unwrap_err()
    });
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(support::only(&recording).peer, None, "a stranger's address is no host's");
}
