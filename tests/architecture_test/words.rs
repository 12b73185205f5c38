//! Words that only some places may say: SQL, the append to the log, keys.
//!
//! What a whole program must not hold is asked of the linker (`linked`); here is who in it may say what.

use crate::source::Source;
use crate::{code, every_source_keeps, root, tells_apart};

/// A phrase, the places (a file or a directory, without `.rs`) that may say it, and why no other.
struct Kept {
    phrase: &'static str,
    places: &'static [&'static str],
    why: &'static str,
}

/// Who may write to standard output without making what it writes visible, and why no other: rows and scripts for
/// programs.
const RAW: [&str; 5] = [
    "cli/src/completions",
    "tokens/src/cli",
    "federation/agent/src/cli/completions",
    "federation/agent/src/cli/output",
    "federation/agent/src/cli/refs",
];

const KEPT: [Kept; 9] = [
    Kept { phrase: "output::rows()", places: &RAW, why: "what people read is printed with foreign text made visible" },
    Kept {
        phrase: "stdout()",
        places: &["federation/client/src/output", "federation/client/src/terminal"],
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
        places: &["src/store", "tokens/src/store", "federation/agent/src/store", "service/src/store"],
        why: "SQL stands in the store alone (and in the token service's and the agent's own, and what they share)",
    },
    Kept {
        phrase: "begin_append",
        places: &["src/store", "src/ledger/sequencer", "src/ledger/anchors", "src/ledger/restore"],
        why: "only the sequencer appends to the log, and a restore what it appended before; anchors wait under the same lock for their day's entry",
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
            "desk/src",
            "cli/src",
            "sandbox/src",
            "src/ledger/checkpoint",
            "federation/src",
            "federation/log/src",
            "federation/client/src",
            "federation/keys/src",
            "federation/agent/src",
        ],
        why: "the services sign with the log key alone",
    },
];

/// What runs on people's own computers, whichever system they have; the file of each that asks which one it is.
const PORTABLE: [&str; 4] = ["federation/client/src/", "federation/keys/src/", "desk/src/", "cli/src/"];
const SYSTEM: &str = "federation/client/src/system";
/// Words of one system.
const OF_ONE_SYSTEM: [&str; 10] = [
    "unix",
    "cfg(windows",
    "not(windows",
    "os::windows",
    "os::linux",
    "os::fd",
    "target_os",
    "target_family",
    "rustix",
    "libc",
];

/// The packages whose programs print, and the line that puts our macros in place of std's.
const PRINTING: [&str; 5] =
    ["src/lib.rs", "cli/src/lib.rs", "sandbox/src/lib.rs", "tokens/src/lib.rs", "federation/agent/src/lib.rs"];
const OURS: &str = "#[macro_use(";

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

fn kept_words(source: &Source) -> Vec<String> {
    if source.path.starts_with("xtask/") || source.is_test() {
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

#[test]
fn desk_client_keys_and_callboard_ask_in_one_place_which_system_they_are_on() {
    every_source_keeps(words_of_one_system);
    tells_apart(
        words_of_one_system,
        &[
            ("desk/src/bundle.rs", "use std::os::unix::fs::OpenOptionsExt as _;"),
            ("desk/src/sign.rs", "use std::{fs, os::unix::fs::OpenOptionsExt as _};"),
            ("cli/src/beside.rs", "#[cfg(unix)]\nfn a() {}"),
            ("cli/src/seat.rs", "#[cfg(not(windows))]\nfn a() {}"),
            ("federation/keys/src/lib.rs", "rustix::process::geteuid();"),
            ("federation/client/src/systems.rs", "#[cfg(target_os = \"linux\")]\nfn a() {}"),
        ],
        &[
            ("federation/client/src/system/unix.rs", "use std::os::unix::fs::MetadataExt as _;"),
            ("federation/keys/src/tests.rs", "use std::os::unix::fs::MetadataExt as _;"),
            ("desk/src/sign.rs", "// not on unix\nlet all = slice.windows(2);"),
            ("src/cli/serve.rs", "#[cfg(unix)]\nfn a() {}"),
        ],
    );
}

fn words_of_one_system(source: &Source) -> Vec<String> {
    let is_portable = PORTABLE.iter().any(|package| source.path.starts_with(package));
    if !is_portable || stands_in(&source.path, SYSTEM) || source.is_test() {
        return Vec::new();
    }
    let code = code::of(source);
    let fault =
        |word: &str, at| format!("{}:{}: {word}: {SYSTEM} asks for the others", source.path, code::line(&code, at));
    OF_ONE_SYSTEM
        .iter()
        .flat_map(|word| code::places(&code, word).map(|at| fault(word, at)).collect::<Vec<_>>())
        .collect()
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
            ("tokens/src/quota.rs", "sqlx::query(a)"),
            ("federation/agent/src/check.rs", "use sqlx::Row;"),
            ("src/api/dockets/submit.rs", "store.begin_append().await?"),
            ("src/ledger/audit.rs", "let mut log = store.begin_append();"),
            ("src/cli/serve.rs", "let key = LogKey::read(path)?;"),
            ("src/ledger/sequencer.rs", "LogKey(bytes)"),
            ("src/api/keys.rs", "use ed25519_dalek::SigningKey;"),
            ("cli/src/sign.rs", "std::io::stdout().write_all(letter)"),
            ("federation/agent/src/cli/doctor.rs", "io::stderr().lock()"),
            ("cli/src/verify.rs", "std::println!(\"{name}\")"),
        ],
        &[
            ("src/store/mod.rs", "use sqlx::Row;"),
            ("src/store.rs", "use sqlx::Row;"),
            ("tokens/src/store.rs", "use sqlx::Row;"),
            ("src/ledger/sequencer/batch.rs", "store.begin_append();"),
            ("src/ledger/sequencer.rs", "fn publish(key: &LogKey) -> Published { x }"),
            ("src/ledger/checkpoint.rs", "LogKey(SigningKey::from_bytes(b))"),
            ("src/api/mod.rs", "// no sqlx here\n"),
            ("tests/promises/no_forging.rs", "SigningKey::generate(rng)"),
        ],
    );
}
