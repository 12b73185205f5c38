//! What a form sends, in memory that is wiped; refused unless it bears the word of this desk's pages.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::Response,
};
use callboard_federation::{encoding::Hash, zh_en};
use multer::{Field, Multipart, parse_boundary};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{App, page};

/// The names of what every form has.
pub(crate) const WORD: &str = "form";
pub(crate) const ONCE: &str = "once";
const MEDIA: &str = "application/x-www-form-urlencoded";
/// That of a form with a file, which is read as text here.
const MEDIA_WITH_FILES: &str = "multipart/form-data";

/// The most bytes of a file: a thousand people with a page of reasons each have a tenth of it.
const FILE_BYTES: usize = 8 << 20;
/// The most fields of such a form; it has a few.
const FIELDS: usize = 16;

/// A form that wasn't sent yet has what is proposed.
#[derive(Clone, Default)]
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

/// A form that isn't taken.
pub(crate) fn refused(app: &App, status: StatusCode) -> Response {
    page::told(app, status, zh_en!("未处理：表单无效，请返回上一页重试", "not done: go back, and try again"))
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
        if media.is_some_and(|media| media.trim_start().starts_with(MEDIA_WITH_FILES)) {
            let Upload { mut form, file } = Upload::from_request(request, app).await?;
            let file = file.map(|(_, bytes)| Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()));
            form.0.extend(file.map(|file| ("file".to_owned(), file)));
            return Ok(form);
        }
        let is_form = media.is_some_and(|media| media.split(';').next().is_some_and(|media| media.trim() == MEDIA));
        let body = Bytes::from_request(request, app).await;
        let body = body.map_err(|_| refused(app, StatusCode::PAYLOAD_TOO_LARGE))?;
        let body = Zeroizing::new(Vec::from(body));
        let fields = form_urlencoded::parse(&body);
        let fields = fields.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())));
        Self::of(app, fields.collect()).filter(|_| is_form).ok_or_else(|| refused(app, StatusCode::FORBIDDEN))
    }
}

/// A form with a file.
pub(crate) struct Upload {
    pub(crate) form: Form,
    /// Name and bytes of the file, if one was chosen.
    pub(crate) file: Option<(String, Zeroizing<Vec<u8>>)>,
}

impl FromRequest<Arc<App>> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let invalid = |_: multer::Error| refused(app, StatusCode::BAD_REQUEST);
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = parse_boundary(media.unwrap_or_default()).map_err(|_| refused(app, StatusCode::FORBIDDEN))?;
        let mut parts = Multipart::new(request.into_body().into_data_stream(), boundary);
        let (mut fields, mut file, mut left) = (Vec::new(), None, Some(FILE_BYTES));
        while let Some(mut part) = parts.next_field().await.map_err(invalid)? {
            let (name, file_name) = (part.name().unwrap_or_default().to_owned(), part.file_name().map(str::to_owned));
            let bytes = bytes(&mut part, &mut left).await.map_err(invalid)?;
            match file_name {
                Some(called) if !called.is_empty() => file = Some((called, bytes)),
                Some(_) => {}
                None if fields.len() < FIELDS => {
                    fields.push((name, Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())));
                }
                None => return Err(refused(app, StatusCode::BAD_REQUEST)),
            }
        }
        if left.is_none() {
            let text = zh_en!("文件过大：至多8MiB，请分成几个文件", "the file is too large: 8 MiB at most, split it");
            return Err(page::told(app, StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        let form = Form::of(app, fields).ok_or_else(|| refused(app, StatusCode::FORBIDDEN))?;
        Ok(Self { form, file })
    }
}

/// A form with a file of any length, of which nothing but the hash is kept.
pub(crate) struct Hashed {
    pub(crate) form: Form,
    /// SHA-256 of the file, if one was chosen.
    pub(crate) file: Option<Hash>,
}

impl FromRequest<Arc<App>> for Hashed {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let invalid = |_: multer::Error| refused(app, StatusCode::BAD_REQUEST);
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !media.is_some_and(|media| media.trim_start().starts_with(MEDIA_WITH_FILES)) {
            return Ok(Self { form: Form::from_request(request, app).await?, file: None });
        }
        let boundary = parse_boundary(media.unwrap_or_default()).map_err(|_| refused(app, StatusCode::FORBIDDEN))?;
        let mut parts = Multipart::new(request.into_body().into_data_stream(), boundary);
        let (mut fields, mut file, mut left) = (Vec::new(), None, Some(FILE_BYTES));
        while let Some(mut part) = parts.next_field().await.map_err(invalid)? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name() {
                Some("") => {}
                Some(_) => {
                    let mut hasher = Sha256::new();
                    while let Some(chunk) = part.chunk().await.map_err(invalid)? {
                        hasher.update(&chunk);
                    }
                    file = Some(Hash::from_bytes(hasher.finalize().into()));
                }
                None if fields.len() < FIELDS => {
                    let bytes = bytes(&mut part, &mut left).await.map_err(invalid)?;
                    fields.push((name, Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())));
                }
                None => return Err(refused(app, StatusCode::BAD_REQUEST)),
            }
        }
        let form = Form::of(app, fields).filter(|_| left.is_some());
        Ok(Self { form: form.ok_or_else(|| refused(app, StatusCode::FORBIDDEN))?, file })
    }
}

/// The bytes of a part. What is beyond the bound is taken and forgotten: a browser that is cut off shows no page.
async fn bytes(part: &mut Field<'_>, left: &mut Option<usize>) -> Result<Zeroizing<Vec<u8>>, multer::Error> {
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(chunk) = part.chunk().await? {
        *left = left.and_then(|left| left.checked_sub(chunk.len()));
        if left.is_some() {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(bytes)
}
