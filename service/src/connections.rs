//! Which connections are kept. Each is *busy* from a request's head to the last byte of its answer, otherwise *idle*.
//!
//! Where there is no room, in all or for one address, the connection that was idle longest makes room: whoever opens
//! connections and sends nothing displaces their own. A busy one never does.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tokio::sync::Notify;

use crate::{bounds::Bounds, limit::AddressBlock};

/// What `idle_since` says of a busy connection.
const BUSY: u64 = u64::MAX;

pub(crate) struct ConnectionTable {
    bounds: Bounds,
    began: Instant,
    open: Mutex<OpenConnections>,
}

#[derive(Default)]
struct OpenConnections {
    next: u64,
    all: HashMap<u64, Arc<Connection>>,
}

struct Connection {
    /// Whose it is, where that is bounded.
    block: Option<AddressBlock>,
    /// In microseconds since the service began, or [`BUSY`].
    idle_since: AtomicU64,
    /// Told when it makes room.
    close: Notify,
}

/// A place among the connections, given back when dropped.
pub(crate) struct ConnectionSlot {
    connections: Arc<ConnectionTable>,
    id: u64,
    connection: Arc<Connection>,
}

/// As long as it is held, its connection is busy.
pub(crate) struct BusyGuard(Arc<ConnectionTable>, Arc<Connection>);

impl ConnectionTable {
    pub(crate) fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { bounds, began: Instant::now(), open: Mutex::default() })
    }

    /// A place for a connection of `peer`, if there is one, or one that is idle makes room.
    pub(crate) fn place(self: &Arc<Self>, peer: Option<IpAddr>) -> Option<ConnectionSlot> {
        let block = peer.filter(|peer| !self.bounds.proxies.trusts(*peer)).map(AddressBlock::of);
        let mut open = self.open();
        let of_block = open.all.values().filter(|one| block.is_some() && one.block == block).count();
        if of_block >= self.bounds.per_address {
            open.make_room(|one| one.block == block)?;
        } else if open.all.len() >= self.bounds.connections {
            open.make_room(|_| true)?;
        }
        let connection =
            Arc::new(Connection { block, idle_since: AtomicU64::new(self.elapsed()), close: Notify::new() });
        let id = open.next;
        open.next += 1;
        open.all.insert(id, connection.clone());
        Some(ConnectionSlot { connections: self.clone(), id, connection })
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(BUSY - 1)
    }

    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenConnections {
    /// Closes the one of them that was idle longest; `None` if all are busy.
    fn make_room(&mut self, among: impl Fn(&Connection) -> bool) -> Option<()> {
        let idle = |(id, one): (&u64, &Arc<Connection>)| {
            let since = one.idle_since.load(Ordering::Relaxed);
            (since != BUSY && among(one)).then_some((since, *id))
        };
        let (_, id) = self.all.iter().filter_map(idle).min()?;
        self.all.remove(&id)?.close.notify_one();
        Some(())
    }
}

impl ConnectionSlot {
    pub(crate) async fn displaced(&self) {
        self.connection.close.notified().await;
    }

    pub(crate) fn busy(&self) -> BusyGuard {
        self.connection.idle_since.store(BUSY, Ordering::Relaxed);
        BusyGuard(self.connections.clone(), self.connection.clone())
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.connections.open().all.remove(&self.id);
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.1.idle_since.store(self.0.elapsed(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxies::TrustedProxies;

    fn place(all: &Arc<ConnectionTable>, peer: &str) -> Option<ConnectionSlot> {
        all.place(Some(peer.parse().unwrap()))
    }

    fn connections(connections: usize, per_address: usize) -> Arc<ConnectionTable> {
        let proxies = TrustedProxies::of(&["10.0.0.0/8"]).unwrap();
        ConnectionTable::new(Bounds { per_address, proxies, ..Bounds::of(connections) })
    }

    #[tokio::test]
    async fn whoever_opens_too_many_displaces_their_own_idlest_and_no_other() {
        let all = connections(10, 2);
        let other = place(&all, "192.0.2.9").unwrap();
        let first = place(&all, "192.0.2.1").unwrap();
        let _second = place(&all, "192.0.2.1").unwrap();
        let _third = place(&all, "192.0.2.1").unwrap();
        first.displaced().await;
        assert_eq!(all.open().all.len(), 3);
        drop((first, other));
        assert_eq!(all.open().all.len(), 2, "a place is given back once");
    }

    #[tokio::test]
    async fn where_all_are_busy_there_is_no_room() {
        let all = connections(2, 2);
        let (first, second) = (place(&all, "192.0.2.1").unwrap(), place(&all, "192.0.2.2").unwrap());
        let (busy, _busy) = (first.busy(), second.busy());
        assert!(place(&all, "192.0.2.3").is_none());
        drop(busy);
        assert!(place(&all, "192.0.2.3").is_some());
        first.displaced().await;
    }

    #[tokio::test]
    async fn neighbours_of_one_ipv6_network_are_one_and_a_trusted_proxy_is_not_counted_by_address() {
        let all = connections(100, 1);
        let first = place(&all, "2001:db8::1").unwrap();
        let _next = place(&all, "2001:db8::2").unwrap();
        first.displaced().await;
        let proxied: Vec<ConnectionSlot> = (0..20).map(|_| place(&all, "10.0.0.1").unwrap()).collect();
        assert_eq!((proxied.len(), all.open().all.len()), (20, 21));
    }
}
