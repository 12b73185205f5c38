//! Whether a request is meant for us, and comes from no page of another origin: any page that a browser of this machine
//! shows can connect to what listens on loopback, and have its own name lead here (DNS rebinding).
//!
//! So a request names a host that is listened on, and a browser that says where the page comes from says ours. For what
//! isn't for the public: an agent's API, a sandbox's control. What else such a request must show is each service's own.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};

/// Which pages a browser's request may come from (Fetch Metadata): the API's own, or none.
const SITES: [&str; 2] = ["same-origin", "none"];
const SEC_FETCH_SITE: &str = "sec-fetch-site";
/// What a browser leaves away of a host: the port of the scheme.
const HTTP_PORT: u16 = 80;

/// Why a request is refused before any operation sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    #[error("the request's `Host` is none that is listened on here")]
    Host,
    #[error("a page of another origin sent the request: its `Origin` is none that is listened on here")]
    Origin,
    #[error("a page of another origin had this fetched: `Sec-Fetch-Site` is neither `same-origin` nor `none`")]
    Site,
}

/// The hosts by which a listener is asked.
#[derive(Debug, Clone)]
pub struct Hosts(Option<Vec<String>>);

impl Hosts {
    /// What a TCP listener is called: its address, the names of loopback, and these others.
    pub fn listening(at: SocketAddr, others: &[String]) -> Self {
        let port = at.port();
        let named = |name: &str| match port {
            HTTP_PORT => vec![name.to_owned(), format!("{name}:{port}")],
            _ => vec![format!("{name}:{port}")],
        };
        let mut hosts: Vec<String> = ["127.0.0.1", "localhost", "[::1]"].into_iter().flat_map(named).collect();
        // «Any address» is none that anyone asks.
        if !at.ip().is_unspecified() {
            hosts.extend(named(&match at {
                SocketAddr::V4(at) => at.ip().to_string(),
                SocketAddr::V6(at) => format!("[{}]", at.ip()),
            }));
        }
        hosts.extend(others.iter().cloned());
        Self(Some(hosts))
    }

    /// A Unix socket has no name, and no browser connects to its file.
    pub const fn of_socket() -> Self {
        Self(None)
    }

    /// Whether this is a Unix socket, whose file says who may.
    pub const fn is_socket(&self) -> bool {
        self.0.is_none()
    }

    /// Refuses what names another host, or comes from a page of another origin.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), OriginError> {
        if let Some(hosts) = &self.0 {
            let is_own = |host: &str| hosts.iter().any(|own| own.eq_ignore_ascii_case(host));
            // HTTP/2 and requests in absolute form name the host in the address.
            let named = uri.authority().map(Authority::as_str);
            let told =
                single_header(headers, header::HOST.as_str()).map_err(|RepeatedHeaderError| OriginError::Host)?;
            if named.or(told).is_none() || ![named, told].into_iter().flatten().all(is_own) {
                return Err(OriginError::Host);
            }
            let origin =
                single_header(headers, header::ORIGIN.as_str()).map_err(|RepeatedHeaderError| OriginError::Origin)?;
            let of_host = |origin: &str| {
                let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
                host.is_some_and(is_own)
            };
            if !origin.is_none_or(of_host) {
                return Err(OriginError::Origin);
            }
        } else if headers.contains_key(header::ORIGIN) {
            // Whatever hands a page's request on to the socket is none of ours.
            return Err(OriginError::Origin);
        }
        let site = single_header(headers, SEC_FETCH_SITE).map_err(|RepeatedHeaderError| OriginError::Site)?;
        if site.is_none_or(|site| SITES.contains(&site)) { Ok(()) } else { Err(OriginError::Site) }
    }
}

/// A header is there several times, or isn't text.
#[derive(Debug)]
pub struct RepeatedHeaderError;

/// A header that is there once, or not at all.
pub fn single_header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, RepeatedHeaderError> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(HeaderValue::to_str).transpose().map_err(|_| RepeatedHeaderError)?;
    if values.next().is_some() { Err(RepeatedHeaderError) } else { Ok(value) }
}
