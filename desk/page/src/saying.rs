//! Everything of a desk is said in its one language, on whichever thread it is said.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use callboard_federation::language::Language;

use crate::App;

/// Work during which its thread speaks a language.
pub(crate) struct Saying<T> {
    language: Language,
    work: Pin<Box<dyn Future<Output = T> + Send>>,
}

pub(crate) fn saying<T>(language: Language, work: impl Future<Output = T> + Send + 'static) -> Saying<T> {
    Saying { language, work: Box::pin(work) }
}

impl<T> Future for Saying<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let language = self.language;
        language.saying(|| self.work.as_mut().poll(context))
    }
}

pub(crate) async fn speak(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    saying(app.language, next.run(request)).await
}
