//! The language of the pages: by the computer's at the start, and whatever somebody chooses after that.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use callboard_federation::language::Language;

use crate::{App, form::Form, locked, page::go_to};

pub(crate) async fn switch(State(app): State<Arc<App>>, _: Form) -> Response {
    {
        let mut language = locked(&app.language);
        *language = match *language {
            Language::Zh => Language::En,
            Language::En => Language::Zh,
        };
    }
    app.show_anew();
    go_to("/")
}
