//! Where the parts of a sandbox listen: one port behind the other, on loopback.

use std::net::{Ipv4Addr, SocketAddr};

use super::hook;

#[derive(Clone, Copy)]
pub(super) struct Ports(pub(super) u16);

impl Ports {
    pub(super) fn registry(self) -> SocketAddr {
        self.at(0)
    }

    pub(super) fn tokens(self) -> SocketAddr {
        self.at(1)
    }

    pub(super) fn agent(self) -> SocketAddr {
        self.at(2)
    }

    pub(super) fn control(self) -> SocketAddr {
        self.at(3)
    }

    /// The address of the sandbox's own hook.
    pub(super) fn hook(self) -> String {
        format!("http://{}{}", self.control(), hook::PATH)
    }

    fn at(self, behind: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.0.saturating_add(behind)).into()
    }
}
