//! Reading ahead: lines are read and hashed on one core while another follows them. Most of a replay's work asks nothing
//! of the log; what does stays in its order.

use std::{sync::mpsc, thread};

use callboard_federation::{disclosure::Disclosure, replay::ReadLine};

/// How many lines are read ahead of the one that is followed: enough that neither side waits for the other's large docket.
const LINES: usize = 16;

/// Hands each line to `follow`, in order, read; ends at its first error.
pub(super) fn read_ahead<'a, E>(
    lines: &'a [Disclosure],
    follow: impl FnMut(ReadLine<'a>) -> Result<(), E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let (give, given) = mpsc::sync_channel(LINES);
        // Whoever follows stops listening at an error: then there is nothing more to read.
        scope.spawn(move || lines.iter().map(ReadLine::of).try_for_each(|line| give.send(line)));
        given.into_iter().try_for_each(follow)
    })
}
