//! Who may ask: the one browser that was opened with the token, from this desk's own pages.
//!
//! Any page that a browser of this machine shows can connect to what listens on loopback, and have its own name lead
//! here (DNS rebinding); any program of this machine can ask, too. So a request names loopback and this port, and comes
//! from no page of another origin; the token in the first address is used once, for a cookie that scripts don't see and
//! other sites' pages don't send; and each form bears a word of its session ([`crate::form`]).

use std::sync::{Arc, Mutex};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    App, locked, page,
    word::{is_same, word},
};

const STYLE: &str = include_str!("style.css");
/// What shows progress; all else works without it.
const LIVE: &str = include_str!("live.js");
const TOKEN_PATH: &str = "/open/";
const SEC_FETCH_SITE: &str = "sec-fetch-site";
/// What a page may load: this desk's own style and the one module that shows progress. Nothing in a page may be a script,
/// or become one.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub(crate) struct Gate {
    port: u16,
    /// What the first address bears, until it was used.
    token: Mutex<Option<String>>,
    cookie: String,
    /// What every form bears.
    form: String,
}

/// Why a request gets nothing but the page that says how to open the desk.
enum Refusal {
    /// It isn't meant for this desk, or another page sent it.
    Foreign,
    /// It has no cookie, or a token that was used or never given.
    Unknown,
}

impl Gate {
    pub(crate) fn new(port: u16) -> Self {
        Self { port, token: Mutex::new(Some(word())), cookie: word(), form: word() }
    }

    pub(crate) fn first_url(&self) -> String {
        let token = locked(&self.token).clone().unwrap_or_default();
        format!("http://localhost:{}{TOKEN_PATH}{token}", self.port)
    }

    pub(crate) fn form(&self) -> &str {
        &self.form
    }

    pub(crate) fn is_form(&self, given: &str) -> bool {
        is_same(given, &self.form)
    }

    /// Cookies know no port: each desk of a machine has its own.
    fn cookie_name(&self) -> String {
        format!("callboard-desk-{}", self.port)
    }

    /// Refuses what names another host, or comes from a page of another origin.
    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let is_own = |host: &str| ["localhost", "127.0.0.1"].iter().any(|own| host == format!("{own}:{}", self.port));
        if uri.authority().is_some() || !single(headers, header::HOST)?.is_some_and(is_own) {
            return Err(Refusal::Foreign);
        }
        let site = single(headers, HeaderName::from_static(SEC_FETCH_SITE))?;
        let is_from_here = site == Some("same-origin");
        if site.is_some_and(|site| site != "none") && !is_from_here {
            return Err(Refusal::Foreign);
        }
        let origin = single(headers, header::ORIGIN)?;
        let is_own_origin = origin.is_some_and(|origin| origin.strip_prefix("http://").is_some_and(is_own));
        match (origin, method) {
            (None, &Method::GET | &Method::HEAD) => Ok(()),
            // A page that tells nobody where it is tells a browser's own form neither; the browser itself says it.
            (Some("null"), _) if is_from_here => Ok(()),
            _ if is_own_origin => Ok(()),
            _ => Err(Refusal::Foreign),
        }
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut cookies = cookies.flat_map(|value| value.split(';')).filter_map(|one| one.trim().split_once('='));
        cookies.any(|(other, value)| other == name && is_same(value, &self.cookie))
    }

    /// Takes the token, once.
    fn take(&self, given: &str) -> bool {
        let mut token = locked(&self.token);
        let is_it = token.as_deref().is_some_and(|token| is_same(given, token));
        if is_it {
            *token = None;
        }
        is_it
    }
}

/// A header that is there once, or not at all.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(HeaderValue::to_str).transpose().map_err(|_| Refusal::Foreign)?;
    if values.next().is_some() { Err(Refusal::Foreign) } else { Ok(value) }
}

/// Lets a request through that may ask, and gives every answer its headers.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut answer = pass(&app, request, next).await;
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

async fn pass(app: &Arc<App>, request: Request, next: Next) -> Response {
    let gate = &app.gate;
    let (method, path) = (request.method().clone(), request.uri().path());
    if let Err(refusal) = gate.check(&method, request.uri(), request.headers()) {
        return refused(app, &refusal);
    }
    if path == "/style.css" {
        return ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response();
    }
    if path == "/live.js" {
        return ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], LIVE).into_response();
    }
    if path == "/favicon.ico" {
        return StatusCode::NO_CONTENT.into_response();
    }
    if let Some(token) = path.strip_prefix(TOKEN_PATH) {
        return if method == Method::GET && gate.take(token) {
            let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", gate.cookie_name(), gate.cookie);
            (StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), (header::LOCATION, "/".to_owned())]).into_response()
        } else {
            refused(app, &Refusal::Unknown)
        };
    }
    if !gate.is_known(request.headers()) {
        return refused(app, &Refusal::Unknown);
    }
    next.run(request).await
}

fn refused(app: &App, refusal: &Refusal) -> Response {
    page::open_again(app, matches!(refusal, Refusal::Foreign))
}
