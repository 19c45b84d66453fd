//! Ctrl-C and SIGTERM: the load stops, and what was recorded is still judged and written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};
use upstorm_runner::{ExitCode, Stop};

/// Which signal came, if one did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signals(Arc<AtomicU8>);

impl Signals {
    /// Listens from now on, in the background; a second signal ends the process at once.
    ///
    /// # Errors
    /// When the operating system refuses a handler or a thread.
    pub(crate) fn listen(stop: Stop) -> std::io::Result<Self> {
        let signals = Self::default();
        let seen = signals.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        // The handlers are there when this returns, not when the thread gets to it.
        let within = runtime.enter();
        let handlers = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        drop(within);
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(seen.wait(handlers, stop));
        })?;
        Ok(signals)
    }

    async fn wait(self, [mut interrupt, mut terminate]: [Signal; 2], stop: Stop) {
        loop {
            let code = tokio::select! {
                biased;
                _ = interrupt.recv() => ExitCode::Interrupted,
                _ = terminate.recv() => ExitCode::Terminated,
            };
            if self.0.swap(code.number(), Ordering::SeqCst) != 0 {
                std::process::exit(i32::from(code.number()));
            }
            stop.stop();
        }
    }

    /// How the process ends because of a signal, if one came.
    pub(crate) fn exit(&self) -> Option<ExitCode> {
        match self.0.load(Ordering::SeqCst) {
            130 => Some(ExitCode::Interrupted),
            143 => Some(ExitCode::Terminated),
            _ => None,
        }
    }
}
