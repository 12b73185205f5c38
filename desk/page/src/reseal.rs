//! The secretariat has another seat read a draft: a deputy, or a seat whose key is another now.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::runtime::os_rng;
use callboard_desk::Error;
use callboard_federation::{
    encoding::{DraftId, KeyId},
    zh_en,
};

use crate::{
    App,
    draft::render,
    form::{Form, ONCE},
    page::{failed, go_to, not_found},
    people::secretary,
    session::{Seat, drafts},
};

pub(crate) async fn reseal(State(app): State<Arc<App>>, Path(draft): Path<String>, form: Form) -> Response {
    let Ok(id) = draft.parse::<DraftId>() else { return not_found(State(app)).await };
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let url = format!("/drafts/{id}");
    if app.is_spent(form.get(ONCE)) {
        return go_to(&url);
    }
    let Ok(reader) = form.get("reader").parse::<KeyId>() else {
        let lacks = zh_en!("请选择签署人", "choose a seat");
        return render(&app, &seat, id, StatusCode::UNPROCESSABLE_ENTITY, Some((lacks, &form))).await;
    };
    match resealed(&seat, id, reader).await {
        Ok(()) => {
            app.spend(form.get(ONCE));
            go_to(&url)
        }
        Err(error) => failed(&app, &error, url),
    }
}

async fn resealed(seat: &Seat, id: DraftId, reader: KeyId) -> Result<(), Error> {
    drafts!(seat, drafts);
    drafts.reseal(id, &[reader], &mut os_rng()).await.map(drop)
}
