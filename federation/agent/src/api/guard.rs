//! The guard before everything that the agent answers, its page, its metrics and what isn't there included: any page that a
//! browser of this machine shows, and any user of it, can connect.
//!
//! A page can send what a form can, with cookies of nobody's; have its own name lead here (DNS rebinding); and have images and
//! scripts fetched. So a request names a host that this agent listens on, comes from no other origin, brings JSON or no body,
//! and shows the token. What doesn't is refused before an operation sees it. Hosts and origins are `callboard_service::origin`'s;
//! who checks the token is [`crate::token`].

use std::sync::Arc;

use axum::{
    body::HttpBody as _,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use callboard_api::{RightKind, agent};
use callboard_client::runtime::error_chain;
use callboard_service::{
    media::{MediaTypeError, is_body},
    origin::{Hosts, single_header},
};

use super::ApiError;
use crate::token::TokenFile;

/// What every body is.
const JSON: &str = "application/json";

pub(crate) struct Guard {
    pub(crate) hosts: Hosts,
    pub(crate) token: Arc<TokenFile>,
    pub(crate) check_without_token: bool,
}

/// Answers what is refused, and hands on the rest. No answer is for others to keep: most are about somebody.
pub(super) async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let has_body = !request.body().is_end_stream();
    let mut response = match guard.check(request.method(), request.uri(), request.headers(), has_body) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Guard {
    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap, has_body: bool) -> Result<(), ApiError> {
        let word = |error: ApiError, why: &'static str| {
            metrics::counter!("callboard_agent_requests_refused_total", "why" => why).increment(1);
            error
        };
        self.hosts.check(uri, headers).map_err(|foreign| word(ApiError::Foreign(foreign), "foreign"))?;
        if self.asks_for_token(method, uri.path()) && !self.shows_token(headers) {
            return Err(word(ApiError::Token, "token"));
        }
        // What a form of a page may send without asking is no JSON, nor is a body of no type.
        let is_empty = !has_body && !headers.contains_key(header::CONTENT_TYPE);
        if !is_empty && !is_body(headers, JSON) {
            return Err(word(MediaTypeError::Body(JSON.to_owned()).into(), "media-type"));
        }
        Ok(())
    }

    /// Everything does but health, the messages that a signature guards, the page that explains the API and holds
    /// nothing of the platform's, and checks, where the member leaves them open.
    fn asks_for_token(&self, method: &Method, path: &str) -> bool {
        let is_open = match path {
            "/docs" | "/openapi.json" => true,
            "/check" => self.check_without_token && *method == Method::POST,
            _ => {
                path.starts_with("/docs/")
                    || agent::operations().any(|of| of.path == path && of.right == RightKind::Anyone)
            }
        };
        !is_open && !self.hosts.is_socket()
    }

    fn shows_token(&self, headers: &HeaderMap) -> bool {
        let Ok(Some(shown)) = single_header(headers, header::AUTHORIZATION.as_str()) else { return false };
        let Some((scheme, token)) = shown.split_once(' ') else { return false };
        let accepted = || match self.token.accepts(token.trim().as_bytes()) {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::error!(error = error_chain(&error), "the API's token can't be read: nobody is answered");
                false
            }
        };
        scheme.eq_ignore_ascii_case("bearer") && accepted()
    }
}

#[cfg(test)]
mod tests {
    use callboard_client::runtime::os_rng;
    use callboard_service::origin::OriginError;

    use super::*;
    use crate::token;

    struct World {
        directory: tempfile::TempDir,
    }

    impl World {
        fn guard(&self, listen: &str, hosts: &[&str], open: bool) -> Guard {
            let others: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
            let hosts = Hosts::listening(listen.parse().unwrap(), &others);
            let token = Arc::new(TokenFile::open(self.directory.path(), &mut os_rng()).unwrap());
            Guard { hosts, token, check_without_token: open }
        }

        fn token(&self) -> String {
            format!("Bearer {}", token::read(self.directory.path()).unwrap().as_str())
        }
    }

    fn world() -> World {
        World { directory: tempfile::tempdir().unwrap() }
    }

    /// What is said of a request to `target`, which is a path or a whole address, with these headers.
    fn said(guard: &Guard, method: &str, target: &str, headers: &[(&str, &str)], has_body: bool) -> &'static str {
        let uri: Uri = target.parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(header::HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        match guard.check(&method.parse().unwrap(), &uri, &map, has_body) {
            Ok(()) => "taken",
            Err(ApiError::Foreign(OriginError::Host)) => "host",
            Err(ApiError::Foreign(OriginError::Origin)) => "origin",
            Err(ApiError::Foreign(OriginError::Site)) => "site",
            Err(ApiError::Token) => "token",
            Err(ApiError::Media(MediaTypeError::Body(_))) => "media-type",
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_host_is_the_agents_own_or_one_that_the_member_named() {
        let world = world();
        let guard = world.guard("127.0.0.1:8448", &["agent.internal", "10.0.0.7:9000"], false);
        let host = |host: &str| said(&guard, "GET", "/healthz", &[("host", host)], false);
        for own in
            ["127.0.0.1:8448", "localhost:8448", "LocalHost:8448", "[::1]:8448", "agent.internal", "10.0.0.7:9000"]
        {
            assert_eq!(host(own), "taken", "{own}");
        }
        for foreign in [
            "attacker.example",
            "attacker.example:8448",
            "127.0.0.1",
            "127.0.0.1:8449",
            "127.0.0.1:84480",
            "0.0.0.0:8448",
            "127.1:8448",
            "localhost.:8448",
            "localhost:8448.attacker.example",
            "agent.internal:8448",
            "user@127.0.0.1:8448",
            "",
        ] {
            assert_eq!(host(foreign), "host", "{foreign}");
        }
        assert_eq!(said(&guard, "GET", "/healthz", &[], false), "host", "no host at all");
        let twice = [("host", "127.0.0.1:8448"), ("host", "attacker.example")];
        assert_eq!(said(&guard, "GET", "/healthz", &twice, false), "host");
        let own = [("host", "127.0.0.1:8448")];
        assert_eq!(said(&guard, "GET", "http://attacker.example:8448/healthz", &own, false), "host");
        assert_eq!(said(&guard, "GET", "http://localhost:8448/healthz", &own, false), "taken");
        assert_eq!(said(&guard, "GET", "http://localhost:8448/healthz", &[], false), "taken", "as HTTP/2 has it");

        let everywhere = world.guard("0.0.0.0:80", &[], false);
        for (host, expected) in
            [("localhost", "taken"), ("127.0.0.1:80", "taken"), ("0.0.0.0:80", "host"), ("a", "host")]
        {
            assert_eq!(said(&everywhere, "GET", "/healthz", &[("host", host)], false), expected, "{host}");
        }
        let named = world.guard("192.0.2.7:8448", &[], false);
        assert_eq!(said(&named, "GET", "/healthz", &[("host", "192.0.2.7:8448")], false), "taken");
        let named = world.guard("[2001:db8::7]:8448", &[], false);
        assert_eq!(said(&named, "GET", "/healthz", &[("host", "[2001:db8::7]:8448")], false), "taken");
    }

    #[test]
    fn a_page_of_another_origin_has_nothing_done_or_fetched() {
        let world = world();
        let guard = world.guard("127.0.0.1:8448", &["agent.internal"], false);
        let token = world.token();
        let from = |name: &str, value: &str| {
            let headers = [("host", "localhost:8448"), ("authorization", token.as_str()), (name, value)];
            said(&guard, "POST", "/sync", &headers, false)
        };
        for own in ["http://localhost:8448", "http://127.0.0.1:8448", "https://agent.internal", "http://[::1]:8448"] {
            assert_eq!(from("origin", own), "taken", "{own}");
        }
        for foreign in [
            "null",
            "",
            "http://attacker.example",
            "http://localhost",
            "http://localhost:3000",
            "https://agent.internal:3000",
            "http://localhost:8448.attacker.example",
            "file://",
            "chrome-extension://localhost:8448",
            "http://localhost:8448 http://attacker.example",
        ] {
            assert_eq!(from("origin", foreign), "origin", "{foreign}");
        }
        for (site, expected) in [
            ("same-origin", "taken"),
            ("none", "taken"),
            ("cross-site", "site"),
            ("same-site", "site"),
            ("", "site"),
            ("SAME-ORIGIN, cross-site", "site"),
        ] {
            assert_eq!(from("sec-fetch-site", site), expected, "{site}");
        }
        assert_eq!(from("host", "localhost:8448"), "host", "twice");
    }

    #[test]
    fn what_asks_for_the_token_is_everything_but_what_holds_nothing_of_anyones() {
        let world = world();
        let guard = world.guard("127.0.0.1:8448", &[], false);
        let asked = |guard: &Guard, method: &str, path: &str, authorization: Option<&str>| {
            let shown = authorization.map(|value| ("authorization", value));
            let headers: Vec<_> = [("host", "localhost:8448")].into_iter().chain(shown).collect();
            said(guard, method, path, &headers, false)
        };
        for path in ["/healthz", "/readyz", "/webhook", "/docs", "/docs/", "/docs/swagger-ui.css", "/openapi.json"] {
            assert_eq!(asked(&guard, "GET", path, None), "taken", "{path}");
        }
        let guarded =
            ["/check", "/status", "/metrics", "/nothing", "/", "/docsx", "/healthz/", "/Healthz", "/refs/docs/x"];
        for path in guarded {
            assert_eq!(asked(&guard, "POST", path, None), "token", "{path}");
            assert_eq!(asked(&guard, "POST", path, Some(&world.token())), "taken", "{path}");
        }
        let token = world.token();
        let token = token.trim_start_matches("Bearer ");
        for (shown, expected) in [
            (format!("bearer  {token}"), "taken"),
            (format!("Basic {token}"), "token"),
            (token.to_owned(), "token"),
            ("Bearer ".to_owned(), "token"),
            (format!("Bearer {}", "0".repeat(64)), "token"),
            (format!("Bearer {token}, Bearer {token}"), "token"),
        ] {
            assert_eq!(asked(&guard, "GET", "/status", Some(&shown)), expected, "{shown}");
        }
        let open = world.guard("127.0.0.1:8448", &[], true);
        for (method, path, expected) in
            [("POST", "/check", "taken"), ("GET", "/check", "token"), ("POST", "/enrol", "token")]
        {
            assert_eq!(asked(&open, method, path, None), expected, "{method} {path}");
        }
        let socket = Guard { hosts: Hosts::of_socket(), ..guard };
        assert_eq!(said(&socket, "POST", "/sync", &[("host", "anything")], false), "taken", "its file says who may");
        assert_eq!(said(&socket, "POST", "/sync", &[("origin", "http://localhost:8448")], false), "origin");
        assert_eq!(said(&socket, "POST", "/sync", &[("sec-fetch-site", "cross-site")], false), "site");
        assert_eq!(said(&socket, "POST", "/sync", &[("content-type", "text/plain")], true), "media-type");
    }

    #[test]
    fn a_body_is_json_and_nothing_that_a_form_can_send() {
        let world = world();
        let guard = world.guard("127.0.0.1:8448", &[], false);
        let token = world.token();
        let sent = |media: Option<&str>, has_body: bool| {
            let shown = [("host", "localhost:8448"), ("authorization", token.as_str())];
            let headers: Vec<_> = shown.into_iter().chain(media.map(|media| ("content-type", media))).collect();
            said(&guard, "POST", "/check", &headers, has_body)
        };
        for json in ["application/json", "Application/JSON; charset=utf-8"] {
            assert_eq!(sent(Some(json), true), "taken", "{json}");
        }
        assert_eq!((sent(None, false), sent(None, true)), ("taken", "media-type"));
        for other in [
            "text/plain",
            "text/plain; application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=application/json",
            "application/json, text/plain",
            "application/jsonp",
            "",
        ] {
            assert_eq!((sent(Some(other), true), sent(Some(other), false)), ("media-type", "media-type"), "{other}");
        }
    }
}
