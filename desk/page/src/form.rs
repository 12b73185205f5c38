//! What a form sends, in memory that is wiped; refused unless it bears the word of this desk's pages.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::Response,
};
use callboard_federation::zh_en;
use zeroize::Zeroizing;

use crate::{App, page};

/// The names of what every form has.
pub(crate) const WORD: &str = "form";
pub(crate) const ONCE: &str = "once";
const MEDIA: &str = "application/x-www-form-urlencoded";

/// A form that wasn't sent yet has what is proposed.
#[derive(Clone, Default)]
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// What stands in a field; nothing where it wasn't sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// What stands in each field of a name, in their order.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The same with further fields.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(values.into_iter().map(|value| (name.to_owned(), Zeroizing::new(value))));
        self
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }
}

/// A number that an address asks for.
pub(crate) fn number(query: Option<&str>, name: &str) -> Option<usize> {
    let mut asked = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    asked.find(|(field, _)| field == name).and_then(|(_, value)| value.parse().ok())
}

impl FromRequest<Arc<App>> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = media.is_some_and(|media| media.split(';').next().is_some_and(|media| media.trim() == MEDIA));
        let refused = |status| {
            page::told(app, status, zh_en!("未处理：表单无效，请返回上一页重试", "not done: go back, and try again"))
        };
        let body = Bytes::from_request(request, app).await.map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE))?;
        let body = Zeroizing::new(Vec::from(body));
        let fields = form_urlencoded::parse(&body);
        let fields = fields.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())));
        let form = Self(fields.collect());
        if is_form && app.gate.is_form(form.get(WORD)) { Ok(form) } else { Err(refused(StatusCode::FORBIDDEN)) }
    }
}
