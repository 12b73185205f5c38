//! Work on every core. Reading ahead: lines are read and hashed while one follows them. Most of a replay's work asks
//! nothing of the log; what does stays in its order. The registry and the agents load their logs so.

use std::{num::NonZero, panic::resume_unwind, sync::mpsc, thread};

use callboard_federation::{disclosure::Disclosure, replay::ReadLine};

/// How many lines a reader is ahead: enough that neither side waits for the other's large docket.
const LINES: usize = 8;

/// The fewest of many alike things, each some 40 µs of work, that are worth a thread of their own.
const MIN_PART: usize = 16;

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// How many of `count` things make a part: as many parts as cores, but none that isn't worth a thread.
pub fn part_len(count: usize) -> usize {
    count.div_ceil(cores()).max(MIN_PART)
}

/// What `of` gives for each item, in order; every core takes a part of them.
pub fn on_every_core<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 {
        return items.iter().map(of).collect();
    }
    let of = &of;
    thread::scope(|scope| {
        let part = |items| scope.spawn(move || <[T]>::iter(items).map(of).collect::<Vec<_>>());
        let parts: Vec<_> = items.chunks(items.len().div_ceil(cores()).max(1)).map(part).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Hands each line to `follow`, in order, read; ends at its first error.
pub fn read_ahead<'a, E>(
    lines: &'a [Disclosure],
    mut follow: impl FnMut(ReadLine<'a>) -> Result<(), E>,
) -> Result<(), E> {
    // As many readers as cores: whoever follows waits for them most of the time.
    let readers = cores();
    thread::scope(|scope| {
        let read = |at: usize| {
            let (give, given) = mpsc::sync_channel(LINES);
            let own = lines.iter().skip(at).step_by(readers);
            // Whoever follows stops listening at an error: then there is nothing more to read.
            scope.spawn(move || own.map(ReadLine::of).all(|line| give.send(line).is_ok()));
            given
        };
        let given: Vec<_> = (0..readers.min(lines.len())).map(read).collect();
        // Each reader has every so-manieth line, so the next is always with the next reader.
        given.iter().cycle().map_while(|given| given.recv().ok()).try_for_each(&mut follow)
    })
}
