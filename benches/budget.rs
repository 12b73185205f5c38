//! The budget: what each part costs beside the bare work in it, in one run, on one machine.
//!
//! `cargo xtask bench [WORD…]` runs it with a PostgreSQL of its own; without one, `cargo bench --bench budget` leaves those
//! rows out. A row is a ratio, the bare work's time over ours: 1 would be no cost of our own. Both sides run in turns, so
//! that a noisy minute meets both, and the median of the rounds counts. A row prints `ok|below NAME RATIO FLOOR GOAL`; lines
//! that begin otherwise are for people. Results and what was tried stand in `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a bench that can't have its world fails at once")]

#[path = "budget/agent_start.rs"]
mod agent_start;
#[path = "budget/audit.rs"]
mod audit;
#[path = "budget/case.rs"]
mod case;
#[path = "budget/check.rs"]
mod check;
#[path = "budget/delivery.rs"]
mod delivery;
#[path = "budget/fixture.rs"]
mod fixture;
#[path = "budget/import_rows.rs"]
mod import_rows;
#[path = "budget/people.rs"]
mod people;
#[path = "budget/reach.rs"]
mod reach;
#[path = "budget/receipts.rs"]
mod receipts;
#[path = "budget/row.rs"]
mod row;
#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "../tests/support/sandbox.rs"]
mod sandbox;
#[path = "budget/sequencer.rs"]
mod sequencer;
#[path = "budget/start.rs"]
mod start;
#[expect(dead_code, reason = "this binary uses a part of the world")]
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "budget/tag_book.rs"]
mod tag_book;
#[path = "budget/token_batch.rs"]
mod token_batch;

use support::Engine;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // Cargo hands `--bench` on.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let asked = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if asked(token_batch::ROW.name) {
        token_batch::measure();
    }
    if asked(sequencer::SQLITE.name) {
        sequencer::measure(&runtime, Engine::Sqlite);
    }
    if asked(sequencer::POSTGRES.name) && support::engines().contains(&Engine::Postgres) {
        sequencer::measure(&runtime, Engine::Postgres);
    }
    if asked(people::ROW.name) {
        people::measure();
    }
    if asked(case::ROW.name) {
        case::measure();
    }
    if asked(audit::ROW.name) {
        audit::measure();
    }
    if asked(start::ROW.name) {
        start::measure(&runtime);
    }
    if asked(agent_start::ROW.name) {
        agent_start::measure(&runtime);
    }
    if [check::KNOWN.name, check::NEW.name, check::CSV].into_iter().any(asked) {
        check::measure(&runtime, asked);
    }
    for engine in support::engines() {
        delivery::measure(&runtime, engine, asked);
        if asked(receipts::row(engine).name) {
            receipts::measure(&runtime, engine);
        }
    }
    if asked(reach::RECEIVED) || asked(reach::REFUSED) {
        reach::measure(&runtime);
    }
    if asked(import_rows::ROW.name) {
        import_rows::measure(&runtime);
    }
    if asked(tag_book::ROW.name) {
        tag_book::measure(&runtime);
    }
}
