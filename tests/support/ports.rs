//! Ports for programs that are told theirs before they listen.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

/// From here on, and below the ports that systems give to connections (Linux: from 32768). One of those could be taken by
/// anybody's connection before the program listens.
const FROM: u16 = 12_000;
const COUNT: u16 = 20_000;
/// What one process of tests takes before it comes to the next one's.
const ROOM: u32 = 25;

/// The first of some free ports in a row. No two calls in one process give the same; processes begin at places of their own.
pub(crate) fn free_ports(in_a_row: u16) -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() * ROOM % u32::from(COUNT)).unwrap();
    let next = || FROM + (begin + TAKEN.fetch_add(in_a_row, Ordering::Relaxed)) % COUNT;
    let is_free = |first: &u16| (0..in_a_row).all(|more| TcpListener::bind(("127.0.0.1", first + more)).is_ok());
    std::iter::repeat_with(next).find(is_free).unwrap()
}
