//! Media types: a body is of a type that its operation takes (else 415), and an answer of one that whoever asks accepts
//! (else 406), as the service's description says. What isn't described, such as pages, is asked nothing.
//!
//! A body without `Content-Type` is taken for what the operation takes, as RFC 9110 (§8.3) has it, and whoever sends no
//! `Accept`, or none that can be read, accepts everything. Problems are `application/problem+json` for everyone.

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::HttpBody as _,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};

pub const LINES: &str = "application/x-ndjson";

/// What is wrong with the types that a request names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaTypeError {
    /// The body is of none of these types.
    #[error("a body is sent here as {0}, and `Content-Type` says so")]
    Body(String),
    /// The answer is of none of the types that are accepted: it would be of one of these.
    #[error("the answer is {0}, which `Accept` leaves out")]
    Answer(String),
}

/// An operation's method, the types of its body, and of its answer when all goes well; none where nothing is asked.
#[derive(Debug)]
struct OperationTypes {
    method: &'static str,
    taken: Vec<String>,
    given: Vec<String>,
}

/// The types of all operations, and how a service says that one isn't met.
#[derive(Debug, Clone)]
pub struct MediaTypes {
    of_routes: Arc<HashMap<String, Vec<Arc<OperationTypes>>>>,
    refuse: fn(MediaTypeError) -> Response,
}

impl MediaTypes {
    /// Operations as an API document spells them: `GET`, `/log/tile/{path}`, types of the body, types of the answer.
    pub fn of(
        operations: impl IntoIterator<Item = (&'static str, String, Vec<String>, Vec<String>)>,
        refuse: fn(MediaTypeError) -> Response,
    ) -> Self {
        let mut of_routes: HashMap<String, Vec<Arc<OperationTypes>>> = HashMap::new();
        for (method, route, taken, given) in operations {
            let types = Arc::new(OperationTypes { method, taken, given });
            // A part with slashes in it has another spelling in a router.
            if let Some((before, part)) = route.rsplit_once("/{") {
                of_routes.entry(format!("{before}/{{*{part}")).or_default().push(types.clone());
            }
            of_routes.entry(route).or_default().push(types);
        }
        Self { of_routes: Arc::new(of_routes), refuse }
    }

    fn types_of(&self, request: &Request) -> Option<&OperationTypes> {
        let route = request.extensions().get::<MatchedPath>()?;
        let asked = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let methods = self.of_routes.get(route.as_str())?;
        methods.iter().map(|types| &**types).find(|types| asked == types.method)
    }
}

/// Refuses a request whose types aren't met, before its operation sees it.
pub async fn negotiate(State(negotiated): State<MediaTypes>, request: Request, next: Next) -> Response {
    let types = negotiated.types_of(&request);
    let refused = types.and_then(|types| types.check(request.headers(), !request.body().is_end_stream()).err());
    match refused {
        Some(mismatch) => (negotiated.refuse)(mismatch),
        None => next.run(request).await,
    }
}

impl OperationTypes {
    fn check(&self, headers: &HeaderMap, has_body: bool) -> Result<(), MediaTypeError> {
        let is_sent_as = |media: &str| is_body(headers, media);
        let is_untyped = !headers.contains_key(header::CONTENT_TYPE);
        if has_body && !is_untyped && !self.taken.is_empty() && !self.taken.iter().any(|media| is_sent_as(media)) {
            return Err(MediaTypeError::Body(self.taken.join(", ")));
        }
        if !self.given.is_empty() && !self.given.iter().any(|media| accepts(headers, media)) {
            return Err(MediaTypeError::Answer(self.given.join(", ")));
        }
        Ok(())
    }
}

/// Whether the body is said once to be of this type, its parameters aside.
pub fn is_body(headers: &HeaderMap, media: &str) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let said = types.next().and_then(|value| value.to_str().ok()).filter(|_| types.next().is_none());
    // Several in one header are none.
    said.is_some_and(|said| !said.contains(',') && essence(said).eq_ignore_ascii_case(media))
}

/// Whether an answer of this type is accepted: by the most specific range that names it (RFC 9110, §12.5.1).
pub fn accepts(headers: &HeaderMap, media: &str) -> bool {
    let ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<(&str, f32)> = ranges.flat_map(|value| value.split(',')).filter_map(parse_range).collect();
    let general = media.split_once('/').map_or(String::new(), |(kind, _)| format!("{kind}/*"));
    // `*` alone is how some clients of old write it.
    let by_precision = [media, &general, "*/*", "*"];
    let named = by_precision.into_iter().find_map(|name| {
        let of_name = ranges.iter().filter(|(range, _)| range.eq_ignore_ascii_case(name));
        of_name.map(|(_, quality)| *quality).reduce(f32::max)
    });
    ranges.is_empty() || named.is_some_and(|quality| quality > 0.0)
}

/// A range of types and its weight; none if it can't be read.
fn parse_range(text: &str) -> Option<(&str, f32)> {
    let name = Some(essence(text)).filter(|name| !name.is_empty())?;
    let weight = text.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse().ok())
    });
    Some((name, weight.unwrap_or(Some(1.0))?))
}

fn essence(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: &header::HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn whatever_clients_and_browsers_accept_by_habit_takes_json() {
        for accepted in [
            &[][..],
            &[""],
            &["*/*"],
            &["application/json"],
            &["Application/JSON; charset=utf-8"],
            &["application/*"],
            &["text/html, application/json;q=0.001"],
            &["text/html", "application/json"],
            &["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"],
            &["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"],
            &["application/json, text/plain, */*"],
            &["*/*;q=0, application/json"],
            &["application/json;q=bad, */*"],
            &["application/json;q=0, application/json"],
        ] {
            assert!(accepts(&headers(&header::ACCEPT, accepted), "application/json"), "{accepted:?}");
        }
        for refused in [
            &["text/html"][..],
            &["application/xml, text/*"],
            &["application/json;q=0"],
            &["*/*, application/json; q=0.000"],
            &["application/*;q=0, */*"],
            &["*/*;q=0"],
            &["application/jsonp"],
        ] {
            assert!(!accepts(&headers(&header::ACCEPT, refused), "application/json"), "{refused:?}");
        }
    }

    #[test]
    fn a_body_is_of_a_type_that_its_operation_takes_or_of_none() {
        let types = OperationTypes { method: "POST", taken: vec!["application/json".to_owned()], given: Vec::new() };
        let sent = |values: &[&'static str], has_body| types.check(&headers(&header::CONTENT_TYPE, values), has_body);
        for taken in [&[][..], &["application/json"], &["Application/JSON;charset=utf-8"]] {
            assert_eq!(sent(taken, true), Ok(()), "{taken:?}");
        }
        for other in [
            &["text/plain"][..],
            &[""],
            &["application/json, text/plain"],
            &["application/json", "application/json"],
            &["text/plain; application/json"],
        ] {
            assert_eq!(sent(other, true), Err(MediaTypeError::Body("application/json".to_owned())), "{other:?}");
            assert_eq!(sent(other, false), Ok(()), "there is no body: {other:?}");
        }
    }
}
