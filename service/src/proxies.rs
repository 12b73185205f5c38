//! Who asks, behind a proxy: the word of a proxy is taken where it is trusted, and nowhere else.
//!
//! A header can be made up by anyone, so it is read from its right end, where the proxy next to us wrote: a hop that a
//! trusted proxy names counts, the first that isn't itself a trusted proxy is who asks, and what stands to its left is
//! ignored.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;
use serde::Deserialize;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardedHeader,
}

/// The header in which a proxy says for whom it asks. One alone: a proxy passes the other on as it came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`: addresses, separated by commas.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239): its `for` parameters.
    Forwarded,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an address nor a network as 10.0.0.0/8 or fd00::/8")]
pub struct NetworkError(String);

impl TrustedProxies {
    /// Proxies of these addresses and networks; none: nobody is trusted.
    pub fn of(networks: &[impl AsRef<str>]) -> Result<Self, NetworkError> {
        let read = |text: &str| {
            let address = text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            address.or_else(|_| text.parse()).map_err(|_| NetworkError(text.to_owned()))
        };
        let networks = networks.iter().map(|text| read(text.as_ref().trim())).collect::<Result<_, _>>()?;
        Ok(Self { networks, header: ForwardedHeader::default() })
    }

    /// The same, telling in this header for whom they ask.
    #[must_use]
    pub fn with_header(self, header: ForwardedHeader) -> Self {
        Self { header, ..self }
    }

    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Who asks, if `peer` connected and sent these headers.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        let name = match self.header {
            ForwardedHeader::XForwardedFor => "x-forwarded-for",
            ForwardedHeader::Forwarded => "forwarded",
        };
        let lines: Vec<_> = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        let line = lines.join(",");
        for hop in parts(&line, ',') {
            let hop = if self.header == ForwardedHeader::Forwarded { forwarded_for(hop) } else { hop };
            // A hop that says nothing of use leaves the proxy that named it.
            let Some(hop) = address(hop) else { break };
            client = hop;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }
}

impl TryFrom<Vec<String>> for TrustedProxies {
    type Error = NetworkError;

    fn try_from(networks: Vec<String>) -> Result<Self, NetworkError> {
        Self::of(&networks)
    }
}

/// The value of the `for` parameter of one element of `Forwarded`; empty without one.
fn forwarded_for(element: &str) -> &str {
    let mut values = parts(element, ';').filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
    });
    values.next().unwrap_or_default()
}

/// The parts between separators that don't stand in quotes, from the right: a quote that a stranger left open ends with
/// what they wrote.
fn parts(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let ends = move |c: char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    };
    text.rsplit(ends).map(str::trim).filter(|part| !part.is_empty())
}

/// The address of a hop, with a port or without: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().or_else(|_| hop.parse().map(|hop: SocketAddr| hop.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(proxies: &TrustedProxies, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn without_trusted_proxies_no_header_says_anything() {
        let lines = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
        assert_eq!(client(&TrustedProxies::default(), "198.51.100.7", &lines), "198.51.100.7");
        let proxies = TrustedProxies::of(&["10.0.0.0/8", "::1"]).unwrap();
        assert_eq!(client(&proxies, "198.51.100.7", &lines), "198.51.100.7", "a stranger's word");
    }

    #[test]
    fn the_header_is_read_from_its_right_end() {
        let proxies = TrustedProxies::of(&["10.0.0.0/8", "::1"]).unwrap();
        for (line, who) in [
            ("192.0.2.1", "192.0.2.1"),
            ("203.0.113.5, 192.0.2.1", "192.0.2.1"),
            ("10.9.9.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("10.0.0.3", "10.0.0.3"),
            ("192.0.2.1, unknown", "10.0.0.1"),
            ("192.0.2.1, unknown, 10.0.0.2", "10.0.0.2"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(client(&proxies, "10.0.0.1", &[("x-forwarded-for", line)]), who, "{line}");
        }
        let lines = [("x-forwarded-for", "203.0.113.5"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(client(&proxies, "::ffff:10.0.0.1", &lines), "192.0.2.1", "several lines are one");
        assert_eq!(client(&proxies, "10.0.0.1", &[("forwarded", "for=192.0.2.1")]), "10.0.0.1", "the other header");
    }

    #[test]
    fn forwarded_is_read_with_its_quotes() {
        let proxies = TrustedProxies::of(&["10.0.0.0/8"]).unwrap().with_header(ForwardedHeader::Forwarded);
        for (line, who) in [
            ("for=192.0.2.1", "192.0.2.1"),
            ("For=203.0.113.5, by=10.0.0.1;FOR=\"[2001:db8::1]:80\";proto=https", "2001:db8::1"),
            ("for=192.0.2.1;host=\"a,for=203.0.113.9;b\"", "192.0.2.1"),
            ("for=192.0.2.1, for=_hidden", "10.0.0.1"),
            ("for=192.0.2.1, proto=https", "10.0.0.1"),
        ] {
            assert_eq!(client(&proxies, "10.0.0.1", &[("forwarded", line)]), who, "{line}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "proxy.example", "10.0.0.0/33", "10.0.0.0/"] {
            assert!(TrustedProxies::of(&[text]).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_left_of_the_first_stranger_changes_who_asks(spoofed in "[ -~]{0,60}") {
            let proxies = TrustedProxies::of(&["10.0.0.0/8"]).unwrap();
            let line = format!("{spoofed}, 192.0.2.1, 10.0.0.2");
            prop_assert_eq!(client(&proxies, "10.0.0.1", &[("x-forwarded-for", &line)]), "192.0.2.1");
            let proxies = proxies.with_header(ForwardedHeader::Forwarded);
            let line = format!("{spoofed}, for=\"192.0.2.1:80\", for=10.0.0.2;proto=https");
            prop_assert_eq!(client(&proxies, "10.0.0.1", &[("forwarded", &line)]), "192.0.2.1");
        }
    }
}
