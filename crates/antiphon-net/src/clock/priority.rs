//! A little precedence for the clock's thread, where the system grants it.

/// A wake-up of the clock thread is short and its lateness is heard; others can wait for it.
#[cfg(target_os = "linux")]
const NICE: i32 = -11;

/// Asks for precedence for the calling thread. Without the right to it everything works as well, with kernel
/// stamps even as exactly; so a refusal is a line in the log.
///
/// No real-time class is asked for: a thread that misbehaves there takes the machine with it.
pub(crate) fn raise() {
    // Linux counts niceness per thread; elsewhere this call would raise the whole process.
    #[cfg(target_os = "linux")]
    match rustix::process::setpriority_process(None, NICE) {
        Ok(()) => tracing::debug!(nice = NICE, "the clock thread has precedence"),
        Err(error) => tracing::debug!(%error, "the clock thread has no precedence"),
    }
}
