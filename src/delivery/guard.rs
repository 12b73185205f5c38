//! The guard: where the registry may connect to on a member's word, so that no endpoint is a way into its own network
//! (SSRF).
//!
//! An address is checked when it is given ([`Guard::check`]), and each IP address that a name resolves to when a
//! connection is made: exactly what was checked is connected to, so a name that changes its mind between two looks
//! gains nothing. There is no proxy and no redirect. How long and how much is `attempt`'s.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use tokio::net::lookup_host;

/// The most bytes of an endpoint's address.
const MAX_URL: usize = 2_048;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// What IPv4 has that isn't somebody's host on the internet (IANA's registry of special-purpose addresses, RFC 6890).
const SPECIAL_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];
/// What there is of global unicast IPv6 (`2000::/3`) that isn't: protocol assignments with ORCHID, documentation.
/// Link-local, unique local and multicast lie outside it; addresses that embed one of IPv4 are [`embedded_ipv4`]'s.
const SPECIAL_V6: [(Ipv6Addr, u32); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointAddressError {
    #[error("an endpoint's address is a URL of at most {MAX_URL} bytes")]
    Url,
    #[error("an endpoint's address begins with https://")]
    Scheme,
    #[error("an endpoint's address has neither user nor password nor fragment")]
    Parts,
    #[error("an endpoint is a host on the internet, not of a private or special network")]
    Address,
    #[error("the endpoint's name has no address")]
    NoAddress,
}

#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// Whether this machine itself may be, without TLS: for a sandbox, a demo, a test.
    pub loopback: bool,
}

impl Guard {
    pub fn check(self, url: &str) -> Result<Url, EndpointAddressError> {
        let url = Url::parse(url).ok().filter(|_| url.len() <= MAX_URL).ok_or(EndpointAddressError::Url)?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        // The parser has made one of every spelling of an IPv4 address: decimal, octal, hexadecimal, full width.
        let literal = match url.host_str().map(|host| host.trim_start_matches('[').trim_end_matches(']').parse()) {
            None => return Err(EndpointAddressError::Url),
            Some(literal) => literal.ok(),
        };
        let is_loopback = self.loopback && literal.is_some_and(|address: IpAddr| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            _ => return Err(EndpointAddressError::Scheme),
        }
        if !plain {
            return Err(EndpointAddressError::Parts);
        }
        if literal.is_some_and(|address| !self.allows(address)) {
            return Err(EndpointAddressError::Address);
        }
        Ok(url)
    }

    /// Whether an address is a host on the internet, or this machine where that is allowed.
    pub fn allows(self, address: IpAddr) -> bool {
        if self.loopback && address.is_loopback() {
            return true;
        }
        match address {
            IpAddr::V4(address) => is_of_the_internet(address),
            // Judged by where it leads, not by how it is written: a network of IPv6 alone reaches IPv4 so.
            IpAddr::V6(address) => match embedded_ipv4(address) {
                Some(reached) => !reached.is_empty() && reached.into_iter().all(is_of_the_internet),
                None => {
                    address.segments()[0] & 0xe000 == 0x2000
                        && !SPECIAL_V6.iter().any(|(network, bits)| is_within(address, *network, *bits))
                        && isatap_host(address).is_none_or(is_of_the_internet)
                }
            },
        }
    }

    /// A client that connects where this guard allows, and nowhere else.
    pub fn client(self) -> Result<Client, reqwest::Error> {
        // The first to install one wins, and all are the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .https_only(!self.loopback)
            .dns_resolver(Arc::new(Resolver(self)))
            .connect_timeout(CONNECT_WITHIN)
            .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
            .build()
    }
}

fn is_of_the_internet(address: Ipv4Addr) -> bool {
    let is_within =
        |(network, bits): &(Ipv4Addr, u32)| (address.to_bits() ^ network.to_bits()).leading_zeros() >= *bits;
    !SPECIAL_V4.iter().any(is_within)
}

fn is_within(address: Ipv6Addr, network: Ipv6Addr, bits: u32) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= bits
}

/// The IPv4 addresses that an IPv6 address may lead to: `None` if it embeds none, empty if it leads nowhere.
///
/// Mapped and compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
fn embedded_ipv4(address: Ipv6Addr) -> Option<Vec<Ipv4Addr>> {
    let at = |first: u32| {
        let bits = address.to_bits() << first >> 96;
        u32::try_from(bits).ok().map(Ipv4Addr::from_bits)
    };
    let network = |a, b, c, d, e, f| Ipv6Addr::new(a, b, c, d, e, f, 0, 0);
    if [network(0, 0, 0, 0, 0, 0xffff), network(0, 0, 0, 0, 0, 0), network(0x64, 0xff9b, 0, 0, 0, 0)]
        .iter()
        .any(|network| is_within(address, *network, 96))
    {
        return Some(at(96).into_iter().collect());
    }
    if is_within(address, network(0x64, 0xff9b, 1, 0, 0, 0), 48) {
        // The prefix of the network's own translator may be of any length from here on, and only the network knows it:
        // all that the address may lead to must be allowed. What lies in 0.0.0.0/8 leads nowhere, so the zeros of a
        // longer prefix don't count.
        let (high, low) = (address.to_bits() >> 64, address.to_bits() << 72 >> 72);
        let split = |bits: u32| {
            // The octet from bit 64 on stands between the halves (RFC 6052 §2.2).
            let taken = 64 - bits;
            let value = (high & ((1 << taken) - 1)) << (32 - taken) | low >> (56 - (32 - taken));
            u32::try_from(value).ok().map(Ipv4Addr::from_bits)
        };
        let all = [split(48), split(56), split(64), at(96)];
        return Some(all.into_iter().flatten().filter(|reached| reached.octets()[0] != 0).collect());
    }
    if is_within(address, network(0x2002, 0, 0, 0, 0, 0), 16) {
        return Some(at(16).into_iter().collect());
    }
    if is_within(address, network(0x2001, 0, 0, 0, 0, 0), 32) {
        // The server, and the client, whose bits are inverted: a packet goes by way of both.
        let client = at(96).map(|client| Ipv4Addr::from_bits(!client.to_bits()));
        return Some(at(32).into_iter().chain(client).collect());
    }
    None
}

/// The IPv4 host that an address of any network has behind it by ISATAP (RFC 5214).
fn isatap_host(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., fifth, sixth, high, low] = address.segments();
    (fifth & !0x0200 == 0 && sixth == 0x5efe).then(|| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

/// Resolves a name, and refuses it whole if one of its addresses isn't allowed: who mixes them means no good.
struct Resolver(Guard);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() {
                return Err(EndpointAddressError::NoAddress.into());
            }
            if !found.iter().all(|address| guard.allows(address.ip())) {
                return Err(EndpointAddressError::Address.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Guard = Guard { loopback: false };
    const LOCAL: Guard = Guard { loopback: true };

    #[test]
    fn only_hosts_on_the_internet_are_allowed() {
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::8.8.8.8",
            "64:ff9b:1:808:8:800::",
            "64:ff9b:1:8:8:808::",
            "2002:808:808::1",
            // Teredo: by 65.54.227.120, for 8.8.8.8 behind it.
            "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
            "2606:4700::5efe:8.8.8.8",
        ] {
            assert!(STRICT.allows(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "::127.0.0.1",
            "::10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::10.1.2.3",
            "64:ff9b::",
            "64:ff9b:1::1",
            "64:ff9b:1::",
            "64:ff9b:1::192.168.1.1",
            "64:ff9b:1:7f00:0:100::",
            // Public by one length of the prefix, this machine by another.
            "64:ff9b:1:7f00:0:100:808:808",
            "64:ff9b:1:a:0:102:300::",
            "64:ff9b:1:0:a:102:300::",
            "64:ff9b:2::8.8.8.8",
            "2002:a00:1::1",
            "2002:a9fe:a9fe::1",
            "2001:0:7f00:1:8000:63bf:f7f7:f7f7",
            "2001:0:4136:e378:8000:63bf:80ff:fffe",
            "2606:4700::5efe:10.0.0.1",
            "2606:4700::200:5efe:192.168.0.1",
            "fe80::5efe:8.8.8.8",
            "2001:db8::5efe:8.8.8.8",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(!STRICT.allows(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_https_without_user_and_of_the_internet() {
        assert!(STRICT.check("https://hooks.example/callboard?to=1").is_ok());
        assert!(STRICT.check("https://hooks.example:8443/").is_ok());
        for (url, why) in [
            ("http://hooks.example/", EndpointAddressError::Scheme),
            ("ftp://hooks.example/", EndpointAddressError::Scheme),
            ("file:///etc/passwd", EndpointAddressError::Url),
            ("https://", EndpointAddressError::Url),
            ("hooks.example", EndpointAddressError::Url),
            ("https://user@hooks.example/", EndpointAddressError::Parts),
            ("https://:secret@hooks.example/", EndpointAddressError::Parts),
            ("https://hooks.example/#x", EndpointAddressError::Parts),
            ("https://2130706433/", EndpointAddressError::Address),
            ("https://0x7f.1/", EndpointAddressError::Address),
            ("https://0177.0.0.1/", EndpointAddressError::Address),
            ("https://127.1/", EndpointAddressError::Address),
            ("https://１２７.0.0.1/", EndpointAddressError::Address),
            ("https://[::ffff:127.0.0.1]/", EndpointAddressError::Address),
            ("https://[::1]:443/", EndpointAddressError::Address),
        ] {
            assert_eq!(STRICT.check(url), Err(why), "{url}");
        }
        assert_eq!(
            STRICT.check(&format!("https://hooks.example/{}", "a".repeat(MAX_URL))),
            Err(EndpointAddressError::Url)
        );
    }

    #[test]
    fn this_machine_is_reached_without_tls_only_where_that_is_allowed() {
        assert!(LOCAL.check("http://127.0.0.1:8448/webhook").is_ok() && LOCAL.check("http://[::1]/").is_ok());
        for url in ["http://localhost/", "http://10.0.0.1/", "http://169.254.169.254/", "http://hooks.example/"] {
            assert_eq!(LOCAL.check(url), Err(EndpointAddressError::Scheme), "{url}");
        }
        assert_eq!(LOCAL.check("https://10.0.0.1/"), Err(EndpointAddressError::Address));
    }
}
