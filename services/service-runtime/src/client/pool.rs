//! Connections that wait for the next call.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;

/// How long a connection may wait: less than servers and load balancers commonly wait, so that we
/// seldom write to a connection that the other side is closing.
const LONGEST_IDLE: Duration = Duration::from_secs(30);

/// The idle connections of one upstream, the latest used on top.
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    capacity: usize,
}

impl Pool {
    pub(super) fn new(capacity: usize) -> Self {
        Self { idle: Mutex::new(Vec::new()), capacity }
    }

    /// A usable connection to one of the addresses, if one waits.
    pub(super) fn take(&self, addresses: &[SocketAddr]) -> Option<Connection> {
        let mut idle = self.lock();
        std::iter::from_fn(|| idle.pop()).find(|connection| {
            connection.is_open()
                && connection.idle_since.elapsed() < LONGEST_IDLE
                && addresses.contains(&connection.address)
        })
    }

    /// Keeps a connection for later, unless it is closed or there are enough.
    pub(super) fn give_back(&self, mut connection: Connection) {
        if !connection.is_open() {
            return;
        }
        connection.idle_since = Instant::now();
        let mut idle = self.lock();
        if idle.len() < self.capacity {
            idle.push(connection);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
