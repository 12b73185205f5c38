//! The seat's report key, made and published by a button.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use callboard_client::runtime::os_rng;
use callboard_desk::{Error, report_keys::ReportKeys};

use crate::{
    App,
    form::{Form, ONCE},
    page::{failed, go_to},
    people::secretary,
    session::Seat,
};

pub(super) async fn publish(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    if app.is_spent(form.get(ONCE)) {
        return go_to("/reports");
    }
    match published(&seat).await {
        Ok(()) => {
            app.spend(form.get(ONCE));
            go_to("/reports")
        }
        Err(error) => failed(&app, &error, "/reports".to_owned()),
    }
}

async fn published(seat: &Seat) -> Result<(), Error> {
    let caller = seat.caller()?;
    let registry = seat.registry(&caller);
    ReportKeys::in_home(&seat.home, &seat.key).publish_new(&registry, &mut os_rng()).await?;
    Ok(())
}
