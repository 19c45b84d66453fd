//! One connection, from accept to its end.
//!
//! hyper serves it over the bent stream. Nothing here closes a connection by itself: idle ones are kept for as long as
//! the caller wants, because a close that nobody planned would look like a fault.

use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::sync::oneshot;
use upstorm_model::HostId;
use upstorm_model::recording::{Connection, End, Record};
use upstorm_world::{HyperTimer, Stream, hyper_io};

use crate::act;
use crate::bent::Bent;
use crate::fault::{Action, Farewell};
use crate::line::Line;
use crate::request;
use crate::site::{Presence, Site};
use crate::stage::Draw;

/// Takes in a connection that was just accepted: decides its fate, records it, and serves it in a task of its own.
pub(crate) fn admit(site: &Arc<Site>, presence: &Presence, stream: Stream, peer: Option<HostId>) {
    let watch = site.watch();
    let (accepted, segment, progress) = (watch.at, watch.segment, watch.progress);
    drop(watch);
    let id = site.next_connection();
    let draw = Draw { seed: site.env.seed, call: u64::from(id), ordinal: 1, progress };
    let action = site.connects.get(segment).map_or(Action::Serve, |connect| connect.decide(&draw));
    let connection = Connection {
        upstream: site.env.host,
        id,
        peer,
        segment: u16::try_from(segment).unwrap_or(u16::MAX),
        accepted,
        fate: act::connection_fate(action),
        delay: act::connection_delay(action),
    };
    site.env.recorder.record(Record::Connection(connection.clone()));
    let told = site.opened(id);
    let (site, presence) = (Arc::clone(site), presence.clone());
    let spawn = Arc::clone(&site.env.spawn);
    spawn.spawn(async move {
        let end = Ending { site: Arc::clone(&site), id };
        live(site, connection, (action, stream), told).await;
        drop((end, presence));
    });
}

/// Takes the connection out of the list of open ones, even where its task is dropped.
struct Ending {
    site: Arc<Site>,
    id: u32,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.site.closed(self.id);
    }
}

/// Ends what is open on a line that is dropped before it has ended: the run is over.
struct LastWord(Arc<Line>);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.end(End::Unfinished);
    }
}

async fn live(
    site: Arc<Site>,
    connection: Connection,
    (action, stream): (Action, Stream),
    told: oneshot::Receiver<Farewell>,
) {
    let line = Arc::new(Line::new(Arc::clone(&site.env.clock), site.env.recorder.clone()));
    let last_word = LastWord(Arc::clone(&line));
    tokio::select! {
        biased;
        () = farewell(told, &line) => {}
        () = attend(&site, connection, (action, stream), &line) => {
            // Without a word of leaving, what is open was broken by the caller: a body that is no HTTP, say.
            line.end(line.how_left().unwrap_or(End::CallerLeft));
        }
    }
    drop(last_word);
}

/// Waits until the connection is told to end. How it ends must be on the line before the stream is dropped, which
/// happens as soon as this is done.
async fn farewell(told: oneshot::Receiver<Farewell>, line: &Line) {
    match told.await {
        Ok(Farewell::Reset) => line.reset_when_dropped(),
        Ok(Farewell::Close) | Err(_) => line.end(End::Unfinished),
    }
}

/// Performs the connection's fate, and serves it if that is its fate, until either side ends it.
async fn attend(
    site: &Arc<Site>,
    connection: Connection,
    (action, stream): (Action, Stream),
    line: &Arc<Line>,
) {
    let bent = Stream::new(Bent::new(stream, Arc::clone(line)));
    let Some(bent) = act::on_connection(action, bent, &site.env.clock).await else { return };
    let io = hyper_io(bent);
    let service = service_fn(|request| request::serve(site, line, &connection, request));
    let served = http1::Builder::new()
        .timer(HyperTimer::new(Arc::clone(&site.env.clock)))
        // hyper's default of 30 s would also close connections that are merely idle.
        .header_read_timeout(None)
        .auto_date_header(false)
        .pipeline_flush(false)
        // A caller's leaving ends its request at once.
        .half_close(false)
        .serve_connection(io, service)
        .await;
    // How it ended was seen below hyper.
    drop(served);
}
