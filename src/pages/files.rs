//! The files of `web/`, the same for everyone: the pages on which the public writes to the secretariat, and the one
//! that verifies what anybody was given.
//!
//! Nothing of them is made here: what is served is what `web/hashes.txt` lists, byte for byte, and
//! `callboard audit --pages` compares. A member may serve the same files from its own host. What they may load is in
//! their own head, and in the answer's too.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

/// A file: its path under the registry's address, its bytes.
type File = (&'static str, &'static [u8]);

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        /// Each file of `web/`.
        const FILES: &[File] = &[$((concat!("/", $path), include_bytes!(concat!("../../web/", $path)))),+];
    };
}
files![
    "report/conversation.mjs",
    "report/follow.html",
    "report/index.html",
    "report/report.mjs",
    "report/told.mjs",
    "shared/follow.mjs",
    "shared/language.mjs",
    "shared/page.css",
    "shared/registry.mjs",
    "shared/seal.mjs",
    "subject/browser.mjs",
    "subject/index.html",
    "subject/link.mjs",
    "subject/shown.mjs",
    "subject/subject.mjs",
    "subject/words.mjs",
    "subject/written.mjs",
    "verify/index.html",
    "verify/json.mjs",
    "verify/page.mjs",
    "verify/verify.mjs",
];

/// Addresses without a file's name, and the file that is shown there.
const INDEXES: [(&str, &str); 3] = [("/report", "/report/"), ("/subject", "/subject/"), ("/verify", "/verify/")];

/// What a page may do: load its own files and ask its own host; no script makes a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut router = Router::new();
    for &(path, bytes) in FILES {
        router = router.route(path, get(move || async move { answer(path, bytes) }));
        if let Some(directory) = path.strip_suffix("index.html") {
            router = router.route(directory, get(move || async move { answer(path, bytes) }));
        }
    }
    for (path, directory) in INDEXES {
        router = router.route(path, get(move || async move { Redirect::permanent(directory) }));
    }
    router
}

fn answer(path: &str, bytes: &'static [u8]) -> Response {
    let media = match path.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        // A page that was changed is seen as soon as it is opened; its parts go by their integrity.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ];
    (headers, bytes).into_response()
}
