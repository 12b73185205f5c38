//! An answer of the registry's feed as it comes: its lines in parts, within bounds, and the checkpoint that ends it.
//!
//! Whether a line holds is `callboard_federation::replay`'s; members' agents and desks follow the feed, each in its own way.
//! Implements the feed of `docs/formats.md` §8 and §12.

use std::time::Duration;

use callboard_federation::{
    disclosure::CheckpointLine, encoding::from_json, language::Phrase, tlog::checkpoint::SignedCheckpoint, zh_en,
};
use tokio::time::Instant;

use crate::http::HttpError;

/// Lines are taken in parts of about this many bytes, so that an answer of any length fits in memory.
const PART: usize = 8 << 20;
/// The longest line: a docket of the most items, each as long as can be, has a tenth of it.
const MAX_LINE: usize = 64 << 20;
/// What an answer beyond its limits is.
const NO_END: Phrase = Phrase::new("没有终结", "it has no end");

/// How much one answer may bring. Whoever stands between registry and reader can make up entries without end: they are no
/// docket that counts, and would fill the disk.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Lines; a registry ends an answer after 10,000 entries.
    pub lines: u64,
    /// Bytes: as many as those entries have where each is a batch of some dozens of records.
    pub bytes: u64,
    /// How long an answer is read; what came by then is taken, and the rest is asked for anew.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { lines: 100_000, bytes: 8 << 30, time: Duration::from_mins(2) }
    }
}

/// Why there is no more of an answer.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// It broke off on the way.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It has no end, or is none of the feed.
    #[error("{}", zh_en!("登记系统答复的不是登记内容：{_0}", "the registry's answer is none of the feed: {_0}"))]
    Answer(Phrase),
    /// It isn't whole after [`Limits::time`].
    #[error("{}", zh_en!("登记系统答复过慢；已收到的部分照常采用",
        "the registry's answer takes too long; what came of it is taken"))]
    Slow,
}

/// An answer of the feed that is being read.
pub struct Feed {
    answer: reqwest::Response,
    rest: Vec<u8>,
    last: Option<Vec<u8>>,
    /// What it may still bring, and until when.
    left: Limits,
    began: Instant,
}

impl Feed {
    /// An answer that was asked for within bounds.
    pub fn of(answer: reqwest::Response, limits: Limits) -> Self {
        Self { answer, rest: Vec::new(), last: None, left: limits, began: Instant::now() }
    }

    /// The next lines, and the checkpoint if they are the last.
    ///
    /// # Errors
    /// [`FeedError`]; what came before holds.
    pub async fn part(&mut self) -> Result<(Vec<Vec<u8>>, Option<SignedCheckpoint>), FeedError> {
        let mut lines: Vec<Vec<u8>> = self.last.take().into_iter().collect();
        let mut bytes = 0;
        while bytes < PART {
            let left = self.left.time.saturating_sub(self.began.elapsed());
            let Ok(chunk) = tokio::time::timeout(left, self.answer.chunk()).await else {
                // What is whole is taken first; the next part says that the rest is late.
                return if lines.is_empty() { Err(FeedError::Slow) } else { Ok((lines, None)) };
            };
            let Some(chunk) = chunk.map_err(HttpError::Unreachable)? else {
                // The last line is the checkpoint's, or the answer broke off.
                let last = lines.pop().filter(|_| self.rest.is_empty());
                let last = last.ok_or(FeedError::Answer(Phrase::new("中途断开", "it breaks off")))?;
                let line: CheckpointLine = from_json(&last).map_err(|_| {
                    FeedError::Answer(Phrase::new("末行不是检查点", "it doesn't end with a checkpoint"))
                })?;
                let note = line.checkpoint.parse();
                return Ok((
                    lines,
                    Some(note.map_err(|_| FeedError::Answer(Phrase::new("检查点格式有误", "its checkpoint is none")))?),
                ));
            };
            bytes += chunk.len();
            self.left.bytes = self.left.bytes.checked_sub(chunk.len() as u64).ok_or(FeedError::Answer(NO_END))?;
            let mut chunk = &chunk[..];
            while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
                self.rest.extend_from_slice(&chunk[..end]);
                lines.push(std::mem::take(&mut self.rest));
                self.left.lines = self.left.lines.checked_sub(1).ok_or(FeedError::Answer(NO_END))?;
                chunk = &chunk[end + 1..];
            }
            self.rest.extend_from_slice(chunk);
            if self.rest.len() > MAX_LINE {
                return Err(FeedError::Answer(Phrase::new("有一行没有终结", "a line has no end")));
            }
        }
        // The last line read may be the checkpoint's: it stays for the next part.
        self.last = lines.pop();
        Ok((lines, None))
    }
}
