//! Everything of a desk is said in the one language that it has then, on whichever thread it is said.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::App;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

/// Work during which its thread speaks the desk's language.
pub(crate) struct Saying<T> {
    app: Arc<App>,
    work: Pin<Box<dyn Future<Output = T> + Send>>,
}

pub(crate) fn saying<T>(app: Arc<App>, work: impl Future<Output = T> + Send + 'static) -> Saying<T> {
    Saying { app, work: Box::pin(work) }
}

impl<T> Future for Saying<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let language = self.app.language();
        language.saying(|| self.work.as_mut().poll(context))
    }
}

pub(crate) async fn speak(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    saying(app, next.run(request)).await
}
