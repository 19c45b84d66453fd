//! A scripted transport, a clock over tokio's paused time, and a log of what happened on both.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::{HeaderMap, Method, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use tower::{Service, ServiceExt};
use upstorm_model::policy::PolicySettings;
use upstorm_model::{Offset, Seed};
use upstorm_policy::{
    Detach, Failure, Guarded, Listener, PolicyEvent, Replay, Scope, Stack, Surroundings, Time, stack,
};

pub(crate) type Body = Guarded<UnsyncBoxBody<Bytes, Failure>>;
pub(crate) type Answer = Result<Response<Body>, Failure>;

pub(crate) fn ms(millis: u64) -> Offset {
    Offset::from_millis(millis)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's clock is tokio's own, paused; no world is at hand here"
)]
pub(crate) async fn sleep(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Paused(tokio::time::Instant);

impl Time for Paused {
    fn now(&self) -> Offset {
        Offset::from(self.0.elapsed())
    }

    #[expect(clippy::disallowed_methods, reason = "the test's clock is tokio's own, paused")]
    fn sleep_until(&self, at: Offset) -> impl Future<Output = ()> + Send {
        tokio::time::sleep_until(self.0 + at.elapsed())
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(784_111_777) + self.now().elapsed() // Sun, 06 Nov 1994 08:49:37 GMT
    }
}

/// A request; `POST`s have effects, keyed or not.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) call: u64,
    pub(crate) method: Method,
    pub(crate) target: &'static str,
    pub(crate) headers: HeaderMap,
    pub(crate) keyed: bool,
    pub(crate) streamed: bool,
    pub(crate) scope: Scope,
}

impl Ask {
    pub(crate) fn get(call: u64) -> Self {
        let (target, headers) = ("/", HeaderMap::new());
        let scope = Scope::default();
        Self { call, method: Method::GET, target, headers, keyed: false, streamed: false, scope }
    }
}

impl Replay for Ask {
    fn method(&self) -> &Method {
        &self.method
    }
    fn target(&self) -> &str {
        self.target
    }
    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
    fn is_keyed(&self) -> bool {
        self.keyed
    }
    fn call(&self) -> u64 {
        self.call
    }
    fn replay(&self) -> Option<Self> {
        (!self.streamed).then(|| self.clone())
    }
    fn scope(&self) -> Scope {
        self.scope
    }
    fn set_scope(&mut self, scope: Scope) {
        self.scope = scope;
    }
}

/// What the wire does with an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) head_after: u64,
    pub(crate) head: Result<u16, Failure>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    /// Chunks, or how the body breaks, each so many milliseconds after the one before.
    pub(crate) body: Vec<(u64, Result<&'static str, Failure>)>,
}

pub(crate) fn answer(status: u16) -> Script {
    Script { head_after: 0, head: Ok(status), headers: vec![], body: vec![(0, Ok("body"))] }
}

pub(crate) fn fails(failure: Failure) -> Script {
    Script { head: Err(failure), ..answer(0) }
}

impl Script {
    pub(crate) fn after(self, head_after: u64) -> Self {
        Self { head_after, ..self }
    }
    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
    pub(crate) fn body(self, body: Vec<(u64, Result<&'static str, Failure>)>) -> Self {
        Self { body, ..self }
    }
}

/// An attempt as the wire saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) call: u64,
    pub(crate) ordinal: u32,
    pub(crate) at: Offset,
    /// When its connection was let go of, and whether everything had been sent by then.
    pub(crate) end: Option<(Offset, bool)>,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) attempts: Mutex<Vec<Seen>>,
    pub(crate) events: Mutex<Vec<(Offset, PolicyEvent)>>,
}

impl Listener for Log {
    fn on(&self, at: Offset, event: PolicyEvent) {
        self.events.lock().unwrap().push((at, event));
    }
}

struct Spawner;

impl Detach for Spawner {
    fn detach(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }
}

/// Logs the end of an attempt when the last of it is dropped.
struct Line {
    log: Arc<Log>,
    time: Paused,
    index: usize,
    complete: bool,
}

impl Line {
    /// Everything was sent.
    fn finish(mut self) {
        self.complete = true;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.log.attempts.lock().unwrap()[self.index].end = Some((self.time.now(), self.complete));
    }
}

type Director = dyn Fn(&Ask, Offset) -> Script + Send + Sync;

#[derive(Clone)]
struct Wire {
    time: Paused,
    log: Arc<Log>,
    script: Arc<Director>,
}

impl Service<Ask> for Wire {
    type Response = Response<Body>;
    type Error = Failure;
    type Future = BoxFuture<'static, Answer>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, ask: Ask) -> Self::Future {
        let (time, log, at) = (self.time, self.log.clone(), self.time.now());
        let script = (self.script)(&ask, at);
        let mut attempts = log.attempts.lock().unwrap();
        let index = attempts.len();
        attempts.push(Seen { call: ask.call, ordinal: ask.scope.ordinal, at, end: None });
        drop(attempts);
        let line = Line { log, time, index, complete: false };
        Box::pin(async move {
            sleep(script.head_after).await;
            let mut reply = Response::new(Guarded::new(body(script.body, line)));
            *reply.status_mut() = http::StatusCode::from_u16(script.head?).unwrap();
            for (name, value) in script.headers {
                reply.headers_mut().insert(name, value.parse().unwrap());
            }
            Ok(reply)
        })
    }
}

fn body(chunks: Vec<(u64, Result<&'static str, Failure>)>, line: Line) -> UnsyncBoxBody<Bytes, Failure> {
    if chunks.is_empty() {
        line.finish();
        return http_body_util::Empty::new().map_err(|never: Infallible| match never {}).boxed_unsync();
    }
    let frames = stream::unfold((chunks.into_iter(), line), |(mut chunks, line)| async move {
        let Some((after, chunk)) = chunks.next() else {
            line.finish();
            return None;
        };
        sleep(after).await;
        Some((chunk.map(|text| Frame::data(Bytes::from_static(text.as_bytes()))), (chunks, line)))
    });
    StreamBody::new(frames).boxed_unsync()
}

/// A stack over a scripted wire, and what happened on it.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) time: Paused,
    pub(crate) log: Arc<Log>,
    pub(crate) calls: Stack<Ask, Response<Body>>,
}

impl Bench {
    pub(crate) fn new(
        settings: &PolicySettings,
        script: impl Fn(&Ask, Offset) -> Script + Send + Sync + 'static,
    ) -> Self {
        let (time, log) = (Paused(tokio::time::Instant::now()), Arc::new(Log::default()));
        let around = Surroundings {
            time,
            seed: Seed(1),
            name: "edge".to_owned(),
            listener: log.clone(),
            detach: Arc::new(Spawner),
        };
        let calls = stack(settings, &around, Wire { time, log: log.clone(), script: Arc::new(script) });
        Self { time, log, calls }
    }

    /// Only the head is in.
    pub(crate) async fn head(&self, ask: Ask) -> Answer {
        self.calls.clone().oneshot(ask).await
    }

    /// The status, once the body has been read to its end.
    pub(crate) async fn call(&self, ask: Ask) -> Result<u16, Failure> {
        let reply = self.head(ask).await?;
        let status = reply.status().as_u16();
        reply.into_body().collect().await.map(|_| status)
    }

    pub(crate) fn attempts(&self) -> Vec<Seen> {
        self.log.attempts.lock().unwrap().clone()
    }

    /// When attempts were sent.
    pub(crate) fn sent(&self) -> Vec<Offset> {
        self.attempts().iter().map(|seen| seen.at).collect()
    }

    pub(crate) fn events(&self, wanted: PolicyEvent) -> Vec<Offset> {
        let events = self.log.events.lock().unwrap();
        events.iter().filter(|(_, event)| *event == wanted).map(|(at, _)| *at).collect()
    }
}
