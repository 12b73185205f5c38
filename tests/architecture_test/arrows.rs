//! Rooms and arrows of the registry: a room uses only what stands to its right, so that each can be read without those
//! to its left.
//!
//! `main → cli → {api, pages, jobs} → delivery → ledger → store`. Small files at the root of `src/` serve all rooms and
//! use none.

use crate::source::Source;
use crate::{code, every_source_keeps, tells_apart};

/// Each room of the package with the rooms that it may use.
const ROOMS: [(&str, &[&str]); 7] = [
    ("cli", &["api", "pages", "jobs", "delivery", "ledger", "store"]),
    ("api", &["delivery", "ledger", "store"]),
    ("pages", &["delivery", "ledger", "store"]),
    ("jobs", &["delivery", "ledger", "store"]),
    ("delivery", &["ledger", "store"]),
    ("ledger", &["store"]),
    ("store", &[]),
];

/// What serves all rooms and may outgrow its file.
const SHARED: [&str; 1] = ["config"];

#[test]
fn every_room_uses_only_what_stands_to_its_right() {
    every_source_keeps(arrows);
}

fn arrows(source: &Source) -> Vec<String> {
    let Some(inside) = source.path.strip_prefix("src/").filter(|_| !source.is_test()) else { return Vec::new() };
    let depth = depth(inside);
    let from = inside.split('/').next().map_or(inside, |first| first.strip_suffix(".rs").unwrap_or(first));
    // The start may use all that stands to its right, which is everything.
    if from == "main" {
        return Vec::new();
    }
    let room = ROOMS.iter().find(|(name, _)| *name == from);
    if room.is_none() && inside.contains('/') && !SHARED.contains(&from) {
        return vec![format!("{}: src/{from}/ is no room of the house", source.path)];
    }
    let right = room.map_or(&[][..], |(_, right)| right);
    let code = code::of(source);
    let mut faults = Vec::new();
    for (line, to) in used(&code, depth) {
        let is_room = ROOMS.iter().any(|(name, _)| *name == to);
        if to == "*" || is_room && to != from && !right.contains(&to.as_str()) {
            faults.push(format!("{}:{line}: {from} may not use {to}", source.path));
        }
    }
    faults
}

/// How many modules deep a file stands: `super` said so often is the root.
fn depth(inside: &str) -> usize {
    let parts = inside.split('/').count();
    if inside.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// What `code` names directly below the package's root, with its line, by whichever way it gets there.
fn used(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for root in ["crate::", "callboard_registry::"] {
        for at in code::places(code, root) {
            used.extend(heads(&code[at..]).into_iter().map(|head| (code::line(code, at), head)));
        }
    }
    for at in code::places(code, "super::") {
        let supers = code[..at].len() - code[..at].trim_end_matches("super::").len();
        let is_last = !code[at..].starts_with("super::");
        if is_last && supers / "super::".len() >= depth {
            used.extend(heads(&code[at..]).into_iter().map(|head| (code::line(code, at), head)));
        }
    }
    used
}

/// The first name of a path's rest, or of each branch of `{…}`.
fn heads(rest: &str) -> Vec<String> {
    let Some(group) = rest.trim_start().strip_prefix('{') else { return vec![head(rest)] };
    let mut heads = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in group.char_indices() {
        match (c, depth) {
            ('{', _) => depth += 1,
            ('}' | ',', 0) => {
                heads.push(head(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            ('}', _) => depth -= 1,
            _ => {}
        }
    }
    heads
}

fn head(path: &str) -> String {
    let path = path.trim_start();
    if path.starts_with('*') { "*".to_owned() } else { path.chars().take_while(|&c| code::is_word(c)).collect() }
}

#[test]
fn an_arrow_to_the_left_is_seen_in_every_form() {
    tells_apart(
        arrows,
        &[
            ("src/store/dockets.rs", "use crate::ledger::Head;"),
            ("src/store/vote.rs", "fn a() { crate::ledger::open() }"),
            ("src/store/vote.rs", "use crate::{config, store::{panel, vote},\n    ledger};"),
            ("src/store/mod.rs", "use super::ledger;"),
            ("src/store.rs", "use super::ledger;"),
            ("src/api/dockets/submit.rs", "use super::super::super::{pages, ledger};"),
            ("src/delivery/worker.rs", "use crate::api::App;"),
            ("src/pages/notices.rs", "use crate::api::problem;"),
            ("src/delivery/worker.rs", "use crate::*;"),
            ("src/config.rs", "use crate::api::Limits;"),
            ("src/config/mod.rs", "use crate::cli;"),
            ("src/lib.rs", "pub use crate::store::Store;"),
            ("src/cli/serve.rs", "use callboard_registry::cli::*; use crate::*;"),
            ("src/queue/mod.rs", ""),
        ],
        &[
            ("src/main.rs", "use callboard_registry::cli;"),
            ("src/lib.rs", "pub mod store;"),
            ("src/cli/serve.rs", "use crate::{api, ledger::{self, audit}, config}"),
            ("src/api/dockets/submit.rs", "use crate::{ledger::sequencer, store::vote};\nuse super::super::problem;"),
            ("src/api/mod.rs", "use self::problem::Problem; use crate::api::page;"),
            ("src/jobs.rs", "use crate::ledger::sweep;"),
            ("src/store/mod.rs", "// not crate::api::X\nconst A: &str = \"crate::api\";"),
            ("src/store/mod.rs", "#[cfg(test)]\nmod tests {\n    use crate::ledger;\n}\n"),
            ("src/store/vote/tests.rs", "use crate::api;"),
            ("src/jobs.rs", "use callboard_federation::docket; use crate::config;"),
            ("federation/src/docket.rs", "use crate::store;"),
        ],
    );
}
