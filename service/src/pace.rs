//! Bodies: one that is asked of a client must come at a pace, and as long as an answer is sent its connection is busy.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{bounds::BODY_BYTES_PER_SECOND, connections::BusyGuard};

#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlowError;

/// A request's body, which has so long from when it is first waited for, and more as it comes.
pub(crate) struct PacedBody {
    body: Incoming,
    within: Duration,
    due: Option<BodyDeadline>,
}

struct BodyDeadline {
    at: Instant,
    read: u64,
    sleep: Pin<Box<Sleep>>,
}

impl BodyDeadline {
    fn new(within: Duration) -> Self {
        let at = Instant::now() + within;
        Self { at, read: 0, sleep: Box::pin(sleep_until(at)) }
    }

    fn has_read(&mut self, bytes: usize) {
        self.read += bytes as u64;
        self.sleep.as_mut().reset(self.at + Duration::from_secs(self.read / BODY_BYTES_PER_SECOND));
    }
}

impl PacedBody {
    pub(crate) const fn new(body: Incoming, within: Duration) -> Self {
        Self { body, within, due: None }
    }
}

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            if let (Some(Ok(frame)), Some(due)) = (&frame, &mut self.due) {
                due.has_read(frame.data_ref().map_or(0, Bytes::len));
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        // Most bodies are there with their heads, and need no timer.
        let within = self.within;
        ready!(self.due.get_or_insert_with(|| BodyDeadline::new(within)).sleep.as_mut().poll(context));
        Poll::Ready(Some(Err(TooSlowError.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body, with its connection's being busy.
pub(crate) struct AnswerBody {
    pub(crate) body: Body,
    pub(crate) _busy: BusyGuard,
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
