//! A signed docket that lies elsewhere is brought as a file: the page says whether it is logged, waits, or was handed in.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::runtime::os_rng;
use callboard_desk::{Error, signed_docket::Brought};
use callboard_federation::{docket::Docket, zh_en};

use crate::{
    App,
    form::{ONCE, Upload},
    page::{failed, go_to, told},
    session::{Seat, drafts},
};

/// How long it waits for witnesses.
const WITNESSES: Duration = Duration::from_secs(10);

pub(crate) async fn take(State(app): State<Arc<App>>, Upload { form, file }: Upload) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    if app.is_spent(form.get(ONCE)) {
        return go_to("/");
    }
    let Some((_, bytes)) = file else {
        return told(&app, StatusCode::UNPROCESSABLE_ENTITY, zh_en!("请选择文件", "choose a file"));
    };
    match brought(&app, &seat, &bytes).await {
        Ok(brought) => {
            app.spend(form.get(ONCE));
            let (is_logged, text) = brought.told();
            told(&app, if is_logged { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, text)
        }
        Err(error) => failed(&app, &error, "/".to_owned()),
    }
}

async fn brought(app: &App, seat: &Seat, bytes: &[u8]) -> Result<Brought, Error> {
    let seat = &app.with_newest_log(seat).await;
    drafts!(seat, drafts);
    let name = |docket: &Docket| app.home.path(&format!("docket-{}", docket.id));
    Brought::read(bytes, &drafts, name, WITNESSES, &mut os_rng()).await
}
