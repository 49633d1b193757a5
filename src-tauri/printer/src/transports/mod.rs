//! Links: one file a way to reach a device. Each hands over one whole job at a time and says how much of it left.

pub(crate) mod cups;
pub(crate) mod cups_queues;
pub(crate) mod elsewhere;
pub(crate) mod feed;
pub(crate) mod file;
mod ipp_client;
mod ipp_message;
pub(crate) mod ipp_page;
pub(crate) mod ipp_queue;
#[cfg(target_os = "linux")]
pub(crate) mod lp;
pub(crate) mod serial;
pub(crate) mod tcp;
mod tcp_talk;
mod unacknowledged;
pub(crate) mod usb;
pub(crate) mod usb_class;
#[cfg(target_os = "linux")]
pub(crate) mod usb_sysfs;
#[cfg(windows)]
pub(crate) mod winspool;

use tokio::task::JoinHandle;

/// Seen by everybody who may list a spooler's jobs: says nothing about a person or a number.
const JOB_NAME: &str = "waybill";

/// Runs a hand-over to its end even when the caller stops waiting for it: a job cut in the middle makes a TSPL printer
/// take the start of the next one for pixels.
pub(crate) async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    joined(tokio::spawn(work)).await
}

/// Runs work that blocks on a thread where that is allowed.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    joined(tokio::task::spawn_blocking(work)).await
}

async fn joined<T>(task: JoinHandle<T>) -> T {
    match task.await {
        Ok(done) => done,
        Err(e) => match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is shutting down cancels it, and then nobody is polled any more.
            Err(_) => std::future::pending().await,
        },
    }
}
