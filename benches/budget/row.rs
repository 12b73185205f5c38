//! A row of the budget: two sides in turns, and the median of the rounds' ratios.

use std::time::{Duration, Instant};

/// A row: its ratio must not fall below the floor; the goal is what we want.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) floor: f64,
    pub(crate) goal: f64,
}

/// Rounds of a row: odd, so that the median is one of them.
const ROUNDS: usize = 7;

impl Row {
    /// Runs both sides in turns, and prints the row.
    ///
    /// Each side is given the round's number and returns the time of as much work as the other.
    pub(crate) fn measure(&self, bare: impl FnMut(usize) -> Duration, ours: impl FnMut(usize) -> Duration) {
        let ratio = rounds(self.name, bare, ours);
        let verdict = if ratio < self.floor { "below" } else { "ok" };
        println!("{verdict} {} {ratio:.2} {:.2} {:.2}", self.name, self.floor, self.goal);
    }
}

/// Measures what has no floor, for people to read.
pub(crate) fn inform(name: &str, bare: impl FnMut(usize) -> Duration, ours: impl FnMut(usize) -> Duration) {
    let ratio = rounds(name, bare, ours);
    println!("info {name} {ratio:.2}");
}

fn rounds(name: &str, mut bare: impl FnMut(usize) -> Duration, mut ours: impl FnMut(usize) -> Duration) -> f64 {
    let (mut ratios, mut bares, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Who comes second finds warmer caches: it is each side's turn.
        let (of_bare, of_ours) = if round % 2 == 0 {
            let of_bare = bare(round);
            (of_bare, ours(round))
        } else {
            let of_ours = ours(round);
            (bare(round), of_ours)
        };
        ratios.push(of_bare.as_secs_f64() / of_ours.as_secs_f64());
        bares.push(of_bare.as_secs_f64());
        all.push(of_ours.as_secs_f64());
    }
    println!("     {name}: bare {:.2} ms, ours {:.2} ms (medians)", median(&mut bares) * 1e3, median(&mut all) * 1e3);
    median(&mut ratios)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How long it takes.
pub(crate) fn time<T>(act: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    std::hint::black_box(act());
    began.elapsed()
}
