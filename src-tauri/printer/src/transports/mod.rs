//! Links: one file a way to reach a device. Each hands over one whole job at a time and says how much of it left.

pub(crate) mod cups;
pub(crate) mod cups_queues;
pub(crate) mod file;
mod ipp_client;
mod ipp_message;
pub(crate) mod tcp;
mod tcp_talk;

/// Runs a hand-over to its end even when the caller stops waiting for it: a job cut in the middle makes a TSPL printer
/// take the start of the next one for pixels.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(e) => match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is shutting down cancels it, and then nobody is polled any more.
            Err(_) => std::future::pending().await,
        },
    }
}
