//! The upstream alone in the real world, recording to a file, as `upstorm serve --out` runs it.

use std::io;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use anyhow::Context;
use tokio::sync::oneshot;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::{LoadOptions, load};
use upstorm_model::Plan;
use upstorm_model::plan::Role;
use upstorm_model::recording::Header;
use upstorm_model::recording::codec::RECORDING_VERSION;
use upstorm_upstream::Upstream;
use upstorm_world::real::{RealOptions, RealWorld};
use upstorm_world::{Recorder, World};

/// A serving upstream.
#[derive(Debug)]
pub struct Serving {
    url: String,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<anyhow::Result<u64>>,
}

impl Serving {
    /// Serves responses with a body of this size.
    ///
    /// # Errors
    /// When a port, a file or a thread is not to be had.
    pub fn start(body: usize) -> anyhow::Result<Self> {
        Self::with_faults(body, "")
    }

    /// The same, with these elements of the list of `faults`.
    ///
    /// # Errors
    /// When a port, a file or a thread is not to be had, or these are no faults.
    pub fn with_faults(body: usize, faults: &str) -> anyhow::Result<Self> {
        let plan = Arc::new(always(body, faults)?);
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || serve(&plan, &tell, stopped));
        let url = told.recv().context("the upstream did not start")?;
        Ok(Self { url, stop, thread })
    }

    /// Where it serves.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Ends it. Returns how many bytes it has recorded.
    ///
    /// # Errors
    /// When serving or recording failed.
    pub fn stop(self) -> anyhow::Result<u64> {
        let _ = self.stop.send(());
        self.thread.join().map_err(|_| anyhow::anyhow!("the upstream's thread panicked"))?
    }
}

fn always(body: usize, faults: &str) -> anyhow::Result<Plan> {
    let text = format!(
        "version = 1\nname = \"always\"\n[upstream.payments]\nbody = {{ size = \"{body}B\" }}\nfaults = [{faults}]\n\
         [client.nobody]\ntarget = \"payments\"\nrate = \"1/s\"\n[[phase]]\nname = \"always\"\nduration = \"1s\"\n"
    );
    let none = |_: &std::path::Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let options = LoadOptions { sets: &[], env: &|_| None, read: &none };
    let refused = |d: upstorm_language::Diagnostics| anyhow::anyhow!(d.render(false));
    let loaded = load("always.toml", None, text.as_bytes(), &options).map_err(refused)?;
    plan(&loaded, &PlanOptions::default()).map_err(refused)
}

fn serve(
    plan: &Arc<Plan>,
    tell: &mpsc::Sender<String>,
    stopped: oneshot::Receiver<()>,
) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("recording.bin");
    let header = Header { version: RECORDING_VERSION, ..Header::default() };
    let (recorder, file) = Recorder::to_file(&path, &header, None)?;
    let world = RealWorld::new(RealOptions { recorder, seed: plan.seed, hosts: plan.hosts.len() })?;
    let env = world.env(plan.upstreams[0].host, Role::Upstream);
    let (plan, tell) = (Arc::clone(plan), tell.clone());
    world.run_boxed(Box::pin(async move {
        if let Ok(upstream) = Upstream::raise(env, plan, 0).await {
            let _ = tell.send(format!("http://{}/", upstream.address()));
            let _ = stopped.await;
            upstream.close().await;
        }
    }));
    drop(world);
    file.finish()?;
    Ok(std::fs::metadata(&path)?.len())
}
