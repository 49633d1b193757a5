//! Named points of the two sagas where a test may pull the plug. Compiled out of release builds.

/// Aborts the process here if `WAYBILL_KILL_AT` names this point: no destructor runs, as in a power cut.
#[inline]
pub(crate) fn point(name: &str) {
    #[cfg(debug_assertions)]
    {
        static AT: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
        if AT.get_or_init(|| std::env::var("WAYBILL_KILL_AT").ok()).as_deref() == Some(name) {
            std::process::abort();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
