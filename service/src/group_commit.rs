//! Group commit: callers hand an item over and wait; one task writes what came during the last commit as one, and tells
//! each caller. A commit of many costs hardly more than one of few.
//!
//! What is written, and what a caller is told, is each [`Commit`]'s own. If the process dies before a commit, nobody
//! was told; after it, everything that was told is there.

use tokio::sync::{mpsc, oneshot};

/// What one task writes for many callers.
pub trait Commit: Send + 'static {
    type Item: Send + 'static;
    type Answer: Send + 'static;

    /// The most of one commit, as [`Self::weight`] counts: beyond, the first would wait for the last.
    const AT_ONCE: usize;

    fn weight(_item: &Self::Item) -> usize {
        1
    }

    /// Writes items as one, and says what the caller of each is told, in their order. `None` ends the task: nothing can
    /// be written any more.
    fn commit(&mut self, items: Vec<Self::Item>) -> impl Future<Output = Option<Vec<Self::Answer>>> + Send;
}

/// The way to the task that writes. Cheap to clone; the task ends when the last is gone.
pub struct Queue<Item, Answer>(mpsc::Sender<QueuedItem<Item, Answer>>);

pub struct QueuedItem<Item, Answer> {
    item: Item,
    caller: Caller<Answer>,
}

/// Who waits for an answer, if anybody does.
pub struct Caller<Answer>(Option<oneshot::Sender<Answer>>);

#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the task that writes has ended")]
pub struct QueueClosedError;

impl<Item, Answer> Clone for Queue<Item, Answer> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Item, Answer> Queue<Item, Answer> {
    /// A queue that holds so many items, and its end, for a task that takes them in its own way. Beyond, callers wait
    /// to be let in.
    pub fn new(capacity: usize) -> (Self, mpsc::Receiver<QueuedItem<Item, Answer>>) {
        let (queue, waiting) = mpsc::channel(capacity);
        (Self(queue), waiting)
    }

    /// Starts the task that writes, behind a queue that holds so many items.
    pub fn start(capacity: usize, commit: impl Commit<Item = Item, Answer = Answer>) -> Self
    where
        Item: Send + 'static,
        Answer: Send + 'static,
    {
        let (queue, waiting) = Self::new(capacity);
        tokio::spawn(run(commit, waiting));
        queue
    }

    /// Hands an item over and waits for what comes of it. It may be written though its caller waits no longer.
    ///
    /// # Errors
    /// `QueueClosedError` if the task has ended: whether the item was written isn't known.
    pub async fn ask(&self, item: Item) -> Result<Answer, QueueClosedError> {
        let (answer, answered) = oneshot::channel();
        self.put(item, Caller(Some(answer))).await?;
        answered.await.map_err(|_| QueueClosedError)
    }

    /// Hands an item over and doesn't wait until it is written.
    pub async fn send(&self, item: Item) -> Result<(), QueueClosedError> {
        self.put(item, Caller(None)).await
    }

    async fn put(&self, item: Item, caller: Caller<Answer>) -> Result<(), QueueClosedError> {
        self.0.send(QueuedItem { item, caller }).await.map_err(|_| QueueClosedError)
    }

    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl<Item, Answer> QueuedItem<Item, Answer> {
    pub fn into_parts(self) -> (Item, Caller<Answer>) {
        (self.item, self.caller)
    }
}

impl<Answer> Caller<Answer> {
    /// Who no longer waits hears nothing.
    pub fn answer(self, answer: Answer) {
        if let Some(caller) = self.0 {
            drop(caller.send(answer));
        }
    }
}

async fn run<C: Commit>(mut commit: C, mut waiting: mpsc::Receiver<QueuedItem<C::Item, C::Answer>>) {
    while let Some(first) = waiting.recv().await {
        let mut weight = C::weight(&first.item);
        let (mut items, mut callers) = (vec![first.item], vec![first.caller]);
        // Yield once, so that concurrent callers join this batch.
        tokio::task::yield_now().await;
        while weight < C::AT_ONCE
            && let Ok(next) = waiting.try_recv()
        {
            weight += C::weight(&next.item);
            items.push(next.item);
            callers.push(next.caller);
        }
        let Some(answers) = commit.commit(items).await else { return };
        for (caller, answer) in callers.into_iter().zip(answers) {
            caller.answer(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Writes down the batches that it was given, and answers each item with the number of its batch.
    struct Batches(Arc<Mutex<Vec<Vec<u32>>>>);

    impl Commit for Batches {
        type Item = u32;
        type Answer = usize;

        const AT_ONCE: usize = 4;

        async fn commit(&mut self, items: Vec<u32>) -> Option<Vec<usize>> {
            let mut batches = self.0.lock().unwrap();
            let answers = vec![batches.len(); items.len()];
            let is_last = items.contains(&99);
            batches.push(items);
            (!is_last).then_some(answers)
        }
    }

    #[tokio::test]
    async fn what_comes_together_is_written_together_up_to_a_bound() {
        let batches = Arc::new(Mutex::new(Vec::new()));
        let queue = Queue::start(16, Batches(batches.clone()));
        queue.send(0).await.unwrap();
        let (a, b, c, d) = tokio::join!(queue.ask(1), queue.ask(2), queue.ask(3), queue.ask(4));
        assert_eq!([a, b, c, d].map(Result::unwrap), [0, 0, 0, 1]);
        assert_eq!(*batches.lock().unwrap(), [vec![0, 1, 2, 3], vec![4]]);
    }

    #[tokio::test]
    async fn who_waits_for_a_task_that_ended_is_told() {
        let queue = Queue::start(16, Batches(Arc::default()));
        let (ended, later) = tokio::join!(queue.ask(99), queue.ask(1));
        assert!(ended.is_err() && later.is_err());
        assert!(queue.send(2).await.is_err() && queue.is_closed());
    }
}
