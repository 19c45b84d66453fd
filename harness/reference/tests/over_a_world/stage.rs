//! The stage: one world with a gateway on it, an upstream that the test plays itself, and callers that speak bytes.
//!
//! Hosts: 0 calls, 1 is the gateway `edge`, 2 is the upstream `payments`, 3 is a reference client before the upstream.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use upstorm_model::plan::{ClientPlan, GatewayPlan, Host, Load, Role, Target};
use upstorm_model::policy::PolicySettings;
use upstorm_model::recording::Record;
use upstorm_model::scenario::{Arrivals, Request as RequestKind, WorldKind};
use upstorm_model::{HostId, Offset, Plan, Rate, Seed, TimeSpan};
use upstorm_reference::{Client, Gateway};
use upstorm_world::real::{RealOptions, RealWorld};
use upstorm_world::simulated::{SimulatedOptions, SimulatedWorld};
use upstorm_world::{Env, Listener, Recorder, Stream, World};

pub(crate) const CALLER: HostId = HostId(0);
pub(crate) const EDGE: HostId = HostId(1);
pub(crate) const PAYMENTS: HostId = HostId(2);
pub(crate) const SHOPPERS: HostId = HostId(3);

/// A story that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(20);

/// What a story is played on.
pub(crate) struct Stage {
    pub(crate) plan: Arc<Plan>,
    pub(crate) gateway: Gateway,
    pub(crate) upstream: Upstream,
    pub(crate) client: Client,
    pub(crate) caller: Env,
    recorder: Recorder,
}

/// Plays a story in every world, with these settings for the gateway and the client.
pub(crate) fn play<F, S>(settings: Value, story: F)
where
    F: Fn(Stage) -> S,
    S: Future<Output = ()> + Send + 'static,
{
    let (recorder, seed) = (Recorder::in_memory(), Seed(7));
    let options = SimulatedOptions { recorder: recorder.clone(), seed, ..SimulatedOptions::default() };
    play_in(&SimulatedWorld::new(options).unwrap(), recorder, (&settings, &story));
    let recorder = Recorder::in_memory();
    let options = RealOptions { recorder: recorder.clone(), seed, hosts: 4 };
    play_in(&RealWorld::new(options).unwrap(), recorder, (&settings, &story));
}

fn play_in<F, S>(world: &dyn World, recorder: Recorder, (settings, story): (&Value, &F))
where
    F: Fn(Stage) -> S,
    S: Future<Output = ()> + Send + 'static,
{
    let plan = Arc::new(plan(settings));
    let env = |host, role| world.env(host, role);
    let (caller, edge) = (env(CALLER, Role::Client), env(EDGE, Role::Gateway));
    let (payments, shoppers) = (env(PAYMENTS, Role::Upstream), env(SHOPPERS, Role::Client));
    let (stage_out, stage_in) = oneshot::channel();
    world.run_boxed(Box::pin(async move {
        let listener = payments.net.bind(None).await.unwrap();
        let gateway = Gateway::raise(edge, Arc::clone(&plan), 0).await.unwrap();
        let client = Client::new(shoppers, Arc::clone(&plan), 0);
        let upstream = Upstream { listener };
        stage_out.send(Stage { plan, gateway, upstream, client, caller, recorder }).ok().unwrap();
    }));
    let stage = stage_in.now_or_never().unwrap().unwrap();
    let clock = Arc::clone(&stage.caller.clock);
    let story = story(stage);
    world.run_boxed(Box::pin(async move {
        clock.timeout_at(clock.now() + LONGEST, story).await.expect("the story hangs");
    }));
}

fn plan(settings: &Value) -> Plan {
    let policy: PolicySettings = serde_json::from_value(settings.clone()).unwrap();
    let host = |name: &str, role| Host { name: name.to_owned(), role };
    let kinds = json!([
        { "path": "/{seq}" },
        { "method": "POST", "path": "/charges", "body": { "size": "1KiB" }, "headers": { "x-tenant": "a" } },
        {
            "method": "PUT", "path": "/row", "update": true, "body": { "size": "10B" },
            "headers": { "idempotency-key": "mine", "if-match": "\"stale\"" },
        },
    ]);
    let requests: Vec<RequestKind> = serde_json::from_value(kinds).unwrap();
    Plan {
        version: 1,
        scenario: "stage".to_owned(),
        summary: String::new(),
        variant: None,
        seed: Seed(7),
        world: WorldKind::Real,
        warmup_until: Offset::ZERO,
        end: Offset::from(LONGEST),
        drain: TimeSpan::ZERO,
        network: Default::default(),
        hosts: vec![
            host("caller", Role::Client),
            host("edge", Role::Gateway),
            host("payments", Role::Upstream),
            host("shoppers", Role::Client),
        ],
        phases: Vec::new(),
        segments: Vec::new(),
        upstreams: Vec::new(),
        gateways: vec![GatewayPlan {
            host: EDGE,
            targets: vec![Target::one("payments", PAYMENTS)],
            listen: None,
            preset: "none".to_owned(),
            policy: policy.clone(),
        }],
        clients: vec![ClientPlan {
            host: SHOPPERS,
            target: Target::one("payments", PAYMENTS),
            requests,
            timeout: TimeSpan::from_secs(5),
            max_in_flight: 2,
            connections: Some(1),
            preset: "none".to_owned(),
            policy,
            timeline: vec![Load::Open { rate: Rate::per_second(1.0).into(), arrivals: Arrivals::Constant }],
        }],
        checks: Vec::new(),
    }
}

impl Stage {
    /// Opens a connection to the gateway.
    pub(crate) async fn dial(&self) -> Wire {
        Wire::new(self.caller.net.connect(EDGE).await.unwrap())
    }

    /// Sends a request to the gateway on a connection of its own; the answer is awaited later.
    pub(crate) fn send(&self, request: impl Into<String>) -> Awaited {
        let (told, heard) = oneshot::channel();
        let (net, request) = (Arc::clone(&self.caller.net), request.into());
        self.caller.spawn.spawn(async move {
            let mut wire = Wire::new(net.connect(EDGE).await.unwrap());
            wire.write(&request).await;
            // Whoever no longer waits for the answer does not want it.
            let _ = told.send(wire.read_message().await);
        });
        Awaited(heard)
    }

    /// A GET of `/`.
    pub(crate) fn get(&self) -> Awaited {
        self.send("GET / HTTP/1.1\r\nhost: edge\r\n\r\n")
    }

    /// What was recorded so far.
    pub(crate) fn recorded(&self) -> Vec<Record> {
        self.recorder.take()
    }
}

/// An answer that is awaited.
pub(crate) struct Awaited(oneshot::Receiver<Message>);

impl Awaited {
    pub(crate) async fn answer(self) -> Message {
        self.0.await.expect("the caller got an answer")
    }
}

/// The upstream, played by the test.
pub(crate) struct Upstream {
    listener: Listener,
}

impl Upstream {
    /// The next connection.
    pub(crate) async fn accept(&self) -> Wire {
        let (stream, _) = self.listener.accept().await.unwrap();
        Wire::new(stream)
    }

    /// The next connection with its first request.
    pub(crate) async fn asked(&self) -> (Wire, Message) {
        let mut wire = self.accept().await;
        let request = wire.read_message().await;
        (wire, request)
    }

    /// The next request, on this connection or, where the gateway has closed it, on another.
    pub(crate) async fn asked_again(&self, wire: &mut Wire) -> Message {
        let request = wire.read_message().await;
        if request.end == End::Complete {
            return request;
        }
        let (other, request) = self.asked().await;
        *wire = other;
        request
    }

    /// Whether a connection waits to be accepted.
    pub(crate) fn is_dialled(&self) -> bool {
        self.listener.accept().now_or_never().is_some()
    }

    /// Takes the next connection, answers its first request with this, and keeps the connection.
    pub(crate) async fn answers(&self, response: &str) -> (Wire, Message) {
        let (mut wire, request) = self.asked().await;
        wire.write(response).await;
        (wire, request)
    }
}

/// One end of a connection.
pub(crate) struct Wire {
    stream: Stream,
    read: Vec<u8>,
}

/// A request or a response as it came, and how it ended.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) end: End,
}

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// As its framing promised.
    Complete,
    /// By a close, before that.
    Closed,
    /// By a reset, before that.
    Reset,
}

impl Wire {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn write(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    pub(crate) fn reset(mut self) {
        self.stream.abort();
    }

    /// Completes when the other side closed or reset the connection.
    pub(crate) async fn left(&mut self) -> End {
        loop {
            if let Some(end) = self.more().await {
                return end;
            }
        }
    }

    /// Whether nothing more has come.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.read.is_empty() && self.more().now_or_never().is_none()
    }

    /// Reads what comes next.
    pub(crate) async fn more(&mut self) -> Option<End> {
        match self.stream.read_buf(&mut self.read).await {
            Ok(0) => Some(End::Closed),
            Ok(_) => None,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Some(End::Reset),
            Err(error) => panic!("unexpected: {error}"),
        }
    }

    /// Reads until at least this much is there, and takes it all.
    pub(crate) async fn take(&mut self, at_least: usize) -> Vec<u8> {
        while self.read.len() < at_least {
            assert_eq!(self.more().await, None, "{} bytes came", self.read.len());
        }
        std::mem::take(&mut self.read)
    }

    /// Reads a head, without its body.
    pub(crate) async fn read_head(&mut self) -> Result<String, End> {
        loop {
            if let Some(at) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = self.read.drain(..at + 4).collect();
                return Ok(String::from_utf8(head).unwrap());
            }
            if let Some(end) = self.more().await {
                return Err(end);
            }
        }
    }

    /// Reads a whole message.
    pub(crate) async fn read_message(&mut self) -> Message {
        let mut message = match self.read_head().await {
            Ok(head) => Message { head, body: Vec::new(), end: End::Complete },
            Err(end) => return Message { head: String::new(), body: Vec::new(), end },
        };
        let length = message.header("content-length").map(|text| text.parse::<usize>().unwrap());
        let chunked = message.header("transfer-encoding").is_some();
        loop {
            let whole = match length {
                Some(length) => self.read.len() >= length,
                None => !chunked || self.read.ends_with(b"0\r\n\r\n"),
            };
            if whole {
                break;
            }
            if let Some(end) = self.more().await {
                message.end = end;
                break;
            }
        }
        let length = length.unwrap_or(self.read.len()).min(self.read.len());
        message.body = self.read.drain(..length).collect();
        message
    }
}

impl Message {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    }

    /// The status of a response.
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}
