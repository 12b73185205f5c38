//! Rooms and arrows: a room uses only what stands to its right, so that each can be read without those to its left.
//!
//! `main → cli → {api, pages, schedule} → delivery → ledger → store → rules → federation`, `cli → desk → rules`,
//! `cli → {tokens, agent} → federation`; whoever holds a key stands on the package `client` besides. Small files at the root of `src/` serve all rooms and use none.

use crate::source::Source;
use crate::{code, every_source_keeps, tells_apart};

/// Each room of the package with the rooms that it may use.
const ROOMS: [(&str, &[&str]); 10] = [
    ("cli", &["api", "pages", "schedule", "delivery", "ledger", "store", "rules", "desk", "tokens"]),
    ("api", &["delivery", "ledger", "store", "rules"]),
    ("pages", &["delivery", "ledger", "store", "rules"]),
    ("schedule", &["delivery", "ledger", "store", "rules"]),
    ("delivery", &["ledger", "store", "rules"]),
    ("ledger", &["store", "rules"]),
    ("store", &["rules"]),
    ("rules", &[]),
    ("desk", &["rules"]),
    ("tokens", &[]),
];

/// What serves all rooms and may outgrow its file.
const SHARED: [&str; 1] = ["config"];

/// The agent's package is linked by the command line alone.
const AGENT: &str = "callboard_agent";

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
    if from != "cli" {
        faults.extend(
            code::places(&code, AGENT)
                .map(|at| format!("{}:{}: only cli may use {AGENT}", source.path, code::line(&code, at))),
        );
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
    for root in ["crate::", "callboard::"] {
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
            ("src/rules/vote.rs", "fn a() { crate::store::open() }"),
            ("src/rules/vote.rs", "use crate::{config, rules::{panel, vote},\n    store};"),
            ("src/rules/mod.rs", "use super::store;"),
            ("src/rules.rs", "use super::store;"),
            ("src/api/dockets/submit.rs", "use super::super::super::{pages, ledger};"),
            ("src/delivery/lane.rs", "use crate::api::App;"),
            ("src/pages/notices.rs", "use crate::api::problem;"),
            ("src/delivery/lane.rs", "use crate::*;"),
            ("src/desk/sign.rs", "use crate::store::Store;"),
            ("src/tokens/serve.rs", "use crate::rules;"),
            ("src/ledger/audit.rs", "use callboard_agent::replica;"),
            ("src/config.rs", "use crate::api::Limits;"),
            ("src/config/mod.rs", "use crate::cli;"),
            ("src/lib.rs", "pub use crate::store::Store;"),
            ("src/cli/serve.rs", "use callboard::cli::*; use crate::*;"),
            ("src/queue/mod.rs", ""),
        ],
        &[
            ("src/main.rs", "use callboard::cli;"),
            ("src/lib.rs", "pub mod store;"),
            ("src/cli/serve.rs", "use crate::{api, desk::{self, draft}, tokens, config}; use callboard_agent::check;"),
            ("src/api/dockets/submit.rs", "use crate::{ledger::sequencer, rules::vote};\nuse super::super::problem;"),
            ("src/api/mod.rs", "use self::problem::Problem; use crate::api::page;"),
            ("src/schedule.rs", "use crate::ledger::sweep;"),
            ("src/store/mod.rs", "// not crate::api::X\nconst A: &str = \"crate::api\";"),
            ("src/store/mod.rs", "#[cfg(test)]\nmod tests {\n    use crate::ledger;\n}\n"),
            ("src/rules/vote/tests.rs", "use crate::api;"),
            ("src/desk/client.rs", "use callboard_federation::docket; use crate::config;"),
            ("federation/src/docket.rs", "use crate::store;"),
        ],
    );
}
