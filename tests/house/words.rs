//! Words that only some places may say: SQL, the append to the log, keys, I/O.
//!
//! Who can't name a thing can't hold it: that the server has no seat's key and only one process the token key is read
//! here.

use crate::source::Source;
use crate::{code, every_source_keeps, nothing_is_wrong, root, tells_apart};

/// A phrase, the places (a file or a directory, without `.rs`) that may say it, and why no other.
struct Kept {
    phrase: &'static str,
    places: &'static [&'static str],
    why: &'static str,
}

/// Who may write to standard output without making what it writes visible, and why no other: rows and scripts for programs.
const RAW: [&str; 5] = [
    "src/cli/completions",
    "src/cli/tokens",
    "federation/agent/src/cli/completions",
    "federation/agent/src/cli/output",
    "federation/agent/src/cli/refs",
];

const KEPT: [Kept; 11] = [
    Kept { phrase: "output::rows()", places: &RAW, why: "what people read is printed with foreign text made visible" },
    Kept {
        phrase: "stdout()",
        places: &["federation/client/src/output", "src/cli/terminal", "xtask"],
        why: "what is printed goes through callboard_client::output",
    },
    Kept {
        phrase: "stderr()",
        places: &["federation/client/src/output"],
        why: "what is printed goes through callboard_client::output",
    },
    Kept { phrase: "std::println", places: &[], why: "the package's own println makes foreign text visible" },
    Kept {
        phrase: "sqlx",
        places: &["src/store", "src/tokens/store", "federation/agent/src/store"],
        why: "SQL stands in the store alone (and in the token service's and the agent's own)",
    },
    Kept {
        phrase: "begin_append",
        places: &["src/store", "src/ledger/sequencer", "src/ledger/anchors", "src/ledger/restore"],
        why: "only the sequencer appends to the log, and a restore what it appended before; anchors wait under the same lock for their day's entry",
    },
    Kept {
        phrase: "TokenSecret",
        places: &["src/tokens", "federation/src"],
        why: "only the token service sees the token key",
    },
    Kept {
        phrase: "LogKey::",
        places: &["src/ledger/checkpoint"],
        why: "only the checkpoint makes or reads the log key",
    },
    Kept { phrase: "LogKey(", places: &["src/ledger/checkpoint"], why: "only the checkpoint makes the log key" },
    Kept {
        phrase: "SigningKey",
        places: &[
            "src/desk",
            "src/cli",
            "src/ledger/checkpoint",
            "federation/src",
            "federation/client/src",
            "federation/agent/src",
        ],
        why: "no room but the desk sees a seat's key",
    },
    Kept {
        phrase: "KeyFile",
        places: &["src/desk", "src/cli", "federation/client/src"],
        why: "no room but the desk sees a seat's key",
    },
];

/// The packages whose programs print, and the line that puts our macros in place of std's.
const PRINTING: [&str; 2] = ["src/lib.rs", "federation/agent/src/lib.rs"];
const OURS: &str = "#[macro_use(eprintln, ";

/// What would make the verifier more than pure functions.
const IMPURE: [&str; 4] = ["tokio", "axum", "sqlx", "reqwest"];

#[test]
fn what_only_some_rooms_may_say_is_said_nowhere_else() {
    every_source_keeps(kept_words);
}

#[test]
fn every_program_prints_through_our_macros() {
    for path in PRINTING {
        let text = std::fs::read_to_string(root().join(path)).expect("the package has a root");
        assert!(text.contains(OURS) && text.contains("extern crate callboard_client;"), "{path}: {OURS}…)]");
    }
}

#[test]
fn the_verifier_does_no_io() {
    every_source_keeps(purity);
    let manifest = std::fs::read_to_string(root().join("federation/Cargo.toml")).expect("federation has a manifest");
    nothing_is_wrong(&impure("federation/Cargo.toml", &manifest));
}

fn kept_words(source: &Source) -> Vec<String> {
    let ours = source.path.starts_with("src/") || source.path.starts_with("federation/");
    if !ours || source.is_test() {
        return Vec::new();
    }
    let code = code::of(source);
    let mut faults = Vec::new();
    for kept in KEPT.iter().filter(|kept| !kept.places.iter().any(|place| stands_in(&source.path, place))) {
        let line = |at| format!("{}:{}: {}: {}", source.path, code::line(&code, at), kept.phrase, kept.why);
        faults.extend(code::places(&code, kept.phrase).map(line));
    }
    faults
}

fn purity(source: &Source) -> Vec<String> {
    if source.is_test() || !source.path.starts_with("federation/src/") {
        return Vec::new();
    }
    impure(&source.path, &code::of(source))
}

fn impure(path: &str, code: &str) -> Vec<String> {
    let said = IMPURE.iter().filter(|word| code::places(code, word).next().is_some());
    said.map(|word| format!("{path}: {word}: the verifier does no I/O")).collect()
}

fn stands_in(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

#[test]
fn a_word_in_the_wrong_place_is_seen() {
    tells_apart(
        kept_words,
        &[
            ("src/ledger/index.rs", "use sqlx::Row;"),
            ("src/storefront.rs", "use sqlx::Row;"),
            ("src/tokens/quota.rs", "sqlx::query(a)"),
            ("federation/agent/src/check.rs", "use sqlx::Row;"),
            ("src/api/dockets/submit.rs", "store.begin_append().await?"),
            ("src/ledger/audit.rs", "let mut log = store.begin_append();"),
            ("src/cli/demo.rs", "use callboard_federation::token::TokenSecret;"),
            ("federation/agent/src/book.rs", "TokenSecret::derive(seed)"),
            ("src/cli/serve.rs", "let key = LogKey::read(path)?;"),
            ("src/ledger/sequencer.rs", "LogKey(bytes)"),
            ("src/api/keys.rs", "use ed25519_dalek::SigningKey;"),
            ("src/tokens/serve.rs", "fn a(key: &KeyFile) {}"),
            ("src/cli/sign.rs", "std::io::stdout().write_all(letter)"),
            ("federation/agent/src/cli/doctor.rs", "io::stderr().lock()"),
            ("src/cli/verify.rs", "std::println!(\"{name}\")"),
        ],
        &[
            ("src/store/mod.rs", "use sqlx::Row;"),
            ("src/store.rs", "use sqlx::Row;"),
            ("src/tokens/store.rs", "use sqlx::Row;"),
            ("src/ledger/sequencer/batch.rs", "store.begin_append();"),
            ("src/ledger/sequencer.rs", "fn publish(key: &LogKey) -> Published { x }"),
            ("src/ledger/checkpoint.rs", "LogKey(SigningKey::from_bytes(b))"),
            ("src/tokens/evaluate.rs", "use callboard_federation::token::TokenSecret;"),
            ("src/api/mod.rs", "// no sqlx here\n"),
            ("src/desk/sign/tests.rs", "TokenSecret::derive(seed)"),
            ("tests/promises/no_forging.rs", "SigningKey::generate(rng)"),
        ],
    );
    tells_apart(
        purity,
        &[("federation/src/feed.rs", "use reqwest::Client;"), ("federation/src/lib.rs", "async fn a() { tokio::x() }")],
        &[
            ("federation/agent/src/feed.rs", "use reqwest::Client;"),
            ("federation/src/lib.rs", "//! no tokio, no axum\n"),
            ("federation/src/token/tests.rs", "use tokio::test;"),
        ],
    );
    assert_eq!(impure("Cargo.toml", "[dependencies]\ntokio = \"1\"\n").len(), 1);
}
