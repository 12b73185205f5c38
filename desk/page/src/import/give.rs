//! The first step: a file is given, or cells are pasted.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::runtime::error_chain;
use callboard_desk::{Error, import::Import, sheet::Findings};
use callboard_federation::zh_en;

use crate::{
    App,
    page::{Frame, go_to, page},
};

use super::{Done, act, store};
use crate::form::Upload;

#[derive(Template)]
#[template(path = "import_file.html")]
struct FilePage {
    f: Frame,
    error: Option<String>,
    /// A file is there already: another takes its place.
    is_another: bool,
}

pub(super) fn show(app: &App, status: StatusCode, error: Option<String>) -> Response {
    page(status, &FilePage { f: Frame::of(app), error, is_another: false })
}

/// The page on which another file, or another version of it, is given.
pub(super) async fn again(State(app): State<Arc<App>>) -> Response {
    if app.acting_seat().is_none() {
        return go_to("/");
    }
    page(StatusCode::OK, &FilePage { f: Frame::of(&app), error: None, is_another: true })
}

/// What is told of an import that can't be shown: the registry is gone, or the file can't be opened any more.
pub(super) fn instead(app: &App, error: &Error) -> Response {
    let why = error_chain(error);
    let error = zh_en!("未完成：{why}", "not done: {why}");
    page(StatusCode::BAD_GATEWAY, &FilePage { f: Frame::of(app), error: Some(error), is_another: true })
}

pub(super) async fn take(State(app): State<Arc<App>>, upload: Upload) -> Response {
    let Upload { form, file } = upload;
    act(&app, &form, async |seat| {
        let cells = form.get("cells");
        let import = match file {
            Some((name, bytes)) => Import::of_file(&name, bytes.to_vec()),
            None if !cells.trim().is_empty() => Import::of_cells(cells),
            None => {
                let lacks = zh_en!("请选择文件，或者粘贴单元格", "choose a file, or paste cells");
                return Ok(Done::Lacks(show(&app, StatusCode::UNPROCESSABLE_ENTITY, Some(lacks))));
            }
        };
        let store = store(&app, seat);
        // What can't be read any more is replaced.
        let before = store.import().ok().flatten();
        match import.begun(before.as_ref(), &store.habits()) {
            Ok(import) => {
                store.keep(&import)?;
                Ok(Done::next())
            }
            Err(error) => {
                let why = match &error {
                    Error::Sheet(Findings(faults)) => {
                        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(&zh_en!("；", "; "))
                    }
                    error => error_chain(error),
                };
                Ok(Done::Lacks(show(&app, StatusCode::UNPROCESSABLE_ENTITY, Some(why))))
            }
        }
    })
    .await
}
