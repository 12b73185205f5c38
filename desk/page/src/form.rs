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

pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// The fields of a form, if it bears the word of this desk's pages.
    pub(crate) fn of(app: &App, fields: Vec<(String, Zeroizing<String>)>) -> Option<Self> {
        let form = Self(fields);
        app.gate.is_form(form.get(WORD)).then_some(form)
    }

    /// What stands in a field; nothing where it wasn't sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }
}

/// A form that isn't taken.
pub(crate) fn refused(app: &App, status: StatusCode) -> Response {
    page::told(app, status, zh_en!("未处理：表单无效，请返回上一页重试", "not done: go back, and try again"))
}

impl FromRequest<Arc<App>> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = media.is_some_and(|media| media.split(';').next().is_some_and(|media| media.trim() == MEDIA));
        let body = Bytes::from_request(request, app).await;
        let body = body.map_err(|_| refused(app, StatusCode::PAYLOAD_TOO_LARGE))?;
        let body = Zeroizing::new(Vec::from(body));
        let fields = form_urlencoded::parse(&body);
        let fields = fields.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())));
        Self::of(app, fields.collect()).filter(|_| is_form).ok_or_else(|| refused(app, StatusCode::FORBIDDEN))
    }
}
