//! A file of a report of the public: decrypted when it is asked for, and saved, never shown.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use callboard_client::runtime::os_rng;
use callboard_desk::{Error, reports::file::OpenFile};
use callboard_federation::encoding::ReportId;

use super::reports;
use crate::{
    App,
    page::{failed, not_found},
    people::secretary,
    session::Seat,
};

pub(super) async fn save(State(app): State<Arc<App>>, Path((report, number)): Path<(String, String)>) -> Response {
    let (Ok(id), Ok(number)) = (report.parse::<ReportId>(), number.parse::<usize>()) else {
        return not_found(State(app)).await;
    };
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    match file(&seat, id, number).await {
        Ok(file) => attachment(id, number, &file),
        Err(error) => failed(&app, &error, format!("/reports/{id}")),
    }
}

async fn file(seat: &Seat, id: ReportId, number: usize) -> Result<OpenFile, Error> {
    reports!(seat, reports);
    let opened = reports.open(id, &mut os_rng()).await?;
    reports.file(&opened, number, &mut os_rng()).await
}

/// Under a name of ours: what the reporter called it may end as a program does. Only what is what it says has an ending.
fn attachment(id: ReportId, number: usize, file: &OpenFile) -> Response {
    let ending = if file.is_as_told { ending(file.found.media()) } else { "bin" };
    let disposition = format!("attachment; filename=\"{id}-{number}.{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    ];
    let mut response = (headers, file.bytes.to_vec()).into_response();
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn ending(media: &str) -> &'static str {
    match media {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/heic" => "heic",
        "video/mp4" => "mp4",
        "video/quicktime" => "mov",
        "video/webm" => "webm",
        "video/x-flv" => "flv",
        "video/x-msvideo" => "avi",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/wav" => "wav",
        "audio/ogg" => "ogg",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}
