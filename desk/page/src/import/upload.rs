//! A form with a file, in memory that is wiped, as [`crate::form`] reads those without one.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::Response,
};
use callboard_federation::zh_en;
use multer::{Field, Multipart, parse_boundary};
use zeroize::Zeroizing;

use crate::{
    App,
    form::{Form, refused},
    page::told_at,
};

use super::IMPORT;

/// The most bytes of a file: a thousand people with a page of reasons each have a tenth of it.
const FILE_BYTES: usize = 8 << 20;
/// The most fields of such a form; it has a few.
const FIELDS: usize = 16;

pub(super) struct Upload {
    pub(super) form: Form,
    /// Name and bytes of the file, if one was chosen.
    pub(super) file: Option<(String, Zeroizing<Vec<u8>>)>,
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
            return Err(told_at(app, StatusCode::PAYLOAD_TOO_LARGE, text, IMPORT.to_owned()));
        }
        let form = Form::of(app, fields).ok_or_else(|| refused(app, StatusCode::FORBIDDEN))?;
        Ok(Self { form, file })
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
