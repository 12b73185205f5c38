//! What a form sends, in memory that is wiped; refused unless it bears the word of this desk's pages.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request},
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
/// That of a form with files, which are read as text.
const MEDIA_WITH_FILES: &str = "multipart/form-data";

pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// What stands in a field; nothing where it wasn't sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// What a file holds that was chosen, else what was pasted in its place.
    pub(crate) fn pasted(&self) -> &str {
        let chosen = self.get("file");
        if chosen.trim().is_empty() { self.get("text") } else { chosen }
    }

    /// The fields that aren't secret, to be shown again as they were typed.
    pub(crate) fn typed(&self) -> Vec<(String, String)> {
        let is_secret = |name: &str| ["passphrase", "new", "again", WORD, ONCE].contains(&name);
        let typed = self.0.iter().filter(|(name, _)| !is_secret(name));
        typed.map(|(name, value)| (name.clone(), value.as_str().to_owned())).collect()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }
}

impl FromRequest<Arc<App>> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim().to_owned();
        let refused = |status| {
            page::told(app, status, zh_en!("未处理：表单无效，请返回上一页重试", "not done: go back, and try again"))
        };
        let form = if media == MEDIA_WITH_FILES {
            Self::with_files(request, app).await.map_err(refused)?
        } else {
            let body = Bytes::from_request(request, app).await.map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE))?;
            let body = Zeroizing::new(Vec::from(body));
            let fields = form_urlencoded::parse(&body);
            let fields = fields.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())));
            Self(fields.collect())
        };
        let is_form = [MEDIA, MEDIA_WITH_FILES].contains(&media.as_str());
        if is_form && app.gate.is_form(form.get(WORD)) { Ok(form) } else { Err(refused(StatusCode::FORBIDDEN)) }
    }
}

impl Form {
    async fn with_files(request: Request, app: &Arc<App>) -> Result<Self, StatusCode> {
        let mut parts = Multipart::from_request(request, app).await.map_err(|_| StatusCode::BAD_REQUEST)?;
        let mut fields = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(|error| error.status())? {
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = Zeroizing::new(Vec::from(part.bytes().await.map_err(|error| error.status())?));
            fields.push((name, Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())));
        }
        Ok(Self(fields))
    }
}
