//! Operations as a service answers them: what a request holds is read and held to its right before the act sees it.
//!
//! [`Routes::on`] takes an act whose types are the operation's; what answers with a stream or takes a body of its own
//! kind stands in [`Routes::by_hand`]. In order: the part of the path, the query, who asks, the body.

use axum::{
    RequestExt as _, Router,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, patch, post},
};
use callboard_api::{Description, Method, Operation, Part, Right};
use callboard_federation::encoding::{Hash, JsonError, from_json, to_json};
use serde::{Serialize, de::DeserializeOwned};

const JSON: &str = "application/json";

/// A service: how it says no, and what of a request it goes by.
pub trait Host: Clone + Send + Sync + 'static {
    type Error: IntoResponse + From<BadRequest> + Send;
    type Caller: Send;

    /// Reads who asks, and the body if the operation has one.
    fn read(
        &self,
        operation: &'static Description,
        request: Request,
    ) -> impl Future<Output = Result<(Self::Caller, Vec<u8>), Self::Error>> + Send;
}

/// A service that can tell who has the right `R`.
pub trait Authorise<R: Right>: Host {
    /// The proof of it.
    type By: Send;

    fn authorise(caller: Self::Caller) -> Result<Self::By, Self::Error>;
}

#[derive(Debug, thiserror::Error)]
pub enum BadRequest {
    #[error("`{0}` in the address is not what it should be")]
    Address(String),
    /// The body isn't JSON as the formats take it.
    #[error("the body is {0}")]
    Json(#[from] JsonError),
}

pub struct Call<By, P = (), Q = (), B = ()> {
    /// Who asks, proven.
    pub by: By,
    /// The variable part of the path.
    pub part: P,
    pub query: Q,
    pub body: B,
}

/// An answer: by itself with the first status of the operation.
pub struct Reply<A> {
    answer: ReplyBody<A>,
    is_repeated: bool,
}

enum ReplyBody<A> {
    Value(A),
    Bytes(Vec<u8>),
}

impl<A> From<A> for Reply<A> {
    fn from(answer: A) -> Self {
        Self { answer: ReplyBody::Value(answer), is_repeated: false }
    }
}

impl<A> Reply<A> {
    /// An answer with the second status of the operation if it was given before.
    pub fn given_before(answer: A, before: bool) -> Self {
        Self { is_repeated: before, ..answer.into() }
    }

    /// An answer that is kept as its bytes.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self { answer: ReplyBody::Bytes(bytes), is_repeated: false }
    }
}

/// The routes of a service.
pub struct Routes<S>(Router<S>);

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self(Router::new())
    }
}

impl<H: Host> Routes<H> {
    /// Answers an operation with an act.
    #[must_use]
    pub fn on<R, P, Q, B, A, T, F>(
        self,
        operation: &'static Operation<R, P, Q, B, A>,
        act: impl Fn(H, Call<H::By, P, Q, B>) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        H: Authorise<R>,
        R: Right,
        P: Part,
        Q: DeserializeOwned + Send + 'static,
        B: DeserializeOwned + Send + 'static,
        A: Serialize + 'static,
        T: Into<Reply<A>>,
        F: Future<Output = Result<T, H::Error>> + Send,
    {
        let operation = &operation.description;
        let answer = move |State(host): State<H>, request: Request| {
            let act = act.clone();
            async move {
                let known = request.headers().get(header::IF_NONE_MATCH).cloned();
                match read::<H, R, P, Q, B>(&host, operation, request).await {
                    Ok(call) => match act(host, call).await {
                        Ok(reply) => respond(operation, reply.into(), known.as_ref()),
                        Err(error) => error.into_response(),
                    },
                    Err(error) => error.into_response(),
                }
            }
        };
        let methods = match operation.method {
            Method::Get => get(answer),
            Method::Post => post(answer),
            Method::Patch => patch(answer),
            Method::Delete => delete(answer),
        };
        self.by_hand(operation, methods)
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Answers an operation that reads or answers in its own way.
    #[must_use]
    pub fn by_hand(self, operation: &Description, methods: MethodRouter<S>) -> Self {
        Self(self.0.route(operation.path, methods))
    }

    pub fn into_router(self) -> Router<S> {
        self.0
    }
}

async fn read<H, R, P, Q, B>(
    host: &H,
    operation: &'static Description,
    mut request: Request,
) -> Result<Call<H::By, P, Q, B>, H::Error>
where
    H: Authorise<R>,
    R: Right,
    P: Part,
    Q: DeserializeOwned,
    B: DeserializeOwned,
{
    let part = match operation.part_name() {
        None => P::from_path(""),
        Some(_) => request.extract_parts::<Path<String>>().await.ok().and_then(|Path(text)| P::from_path(&text)),
    };
    let name = || operation.part_name().unwrap_or_default().to_owned();
    let part = part.ok_or_else(|| BadRequest::Address(name()))?;
    // What has no query is asked the same with any.
    let uri = if operation.query.is_some() { request.uri().clone() } else { Uri::default() };
    let query = Query::try_from_uri(&uri).map_err(|_| BadRequest::Address(operation.query_names()))?;
    let (caller, bytes) = host.read(operation, request).await?;
    let by = H::authorise(caller)?;
    let body = match operation.body {
        Some(content) if !content.is_optional || !bytes.trim_ascii().is_empty() => from_json(&bytes),
        // What has no body is `()` or `None`, which is no JSON of the formats.
        _ => serde_json::from_slice(b"null").map_err(JsonError::Shape),
    };
    let body = body.map_err(BadRequest::Json)?;
    Ok(Call { by, part, query: query.0, body })
}

fn respond<A: Serialize>(operation: &Description, reply: Reply<A>, known: Option<&HeaderValue>) -> Response {
    let at = usize::from(reply.is_repeated && operation.answers.len() > 1);
    let status = operation.answers.get(at).and_then(|(status, _)| StatusCode::from_u16(*status).ok());
    let status = status.unwrap_or_default();
    let Some(content) = operation.answer[0] else { return status.into_response() };
    let bytes = match reply.answer {
        ReplyBody::Value(answer) => to_json(&answer),
        ReplyBody::Bytes(bytes) => bytes,
    };
    let cache = operation.cache.unwrap_or_default();
    if operation.is_tagged {
        return respond_with_etag(known, content.media, cache, bytes);
    }
    let mut response = (status, [(header::CONTENT_TYPE, JSON)], bytes).into_response();
    if !cache.is_empty() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    }
    response
}

/// An answer with an entity tag: 304 without a body, if the caller knows it already.
pub fn respond_with_etag(
    known: Option<&HeaderValue>,
    media: &'static str,
    cache: &'static str,
    body: Vec<u8>,
) -> Response {
    let tag = format!("\"{}\"", Hash::of(&body));
    // What packed the bytes in between may have weakened the tag: the answer is the same (RFC 9110 §13.1.2).
    let is_tag = |known: &str| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag;
    let known = known.and_then(|known| known.to_str().ok());
    let is_known = known.is_some_and(|known| known.split(',').any(|known| is_tag(known.trim())));
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(body) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
