//! When to shut down.

use crate::race::race;

/// Waits for ctrl-c, or, on Unix, for SIGTERM, by which service managers and containers end a
/// process. For [`Server::shutdown`](crate::Server::shutdown).
///
/// Where no handler for a signal can be installed, that signal is not waited for.
pub async fn ctrl_c_or_term() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    race(interrupted, terminated).await;
}
