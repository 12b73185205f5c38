//! The runbooks in `ops/`, run as they are written: what an operator pastes on a bad day must work.
//!
//! Real processes over HTTP: a registry and a member's agent, with keys made here (cheap to open, unlike a person's). The
//! same drills in one process, on both engines, are `tests/drills.rs`'s.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/stage.rs"]
mod stage;
#[path = "support/walk.rs"]
mod walking;

use stage::{STAGE, walk};

const RESTORE: &str = include_str!("../ops/restore.md");
const SUCCESSION: &str = include_str!("../ops/succession.md");
/// The bad day: the database is lost, and yesterday's copy is brought back.
const LOSS: &str = r#"
kill "$registry" && wait "$registry" || true
rm -f registry/registry.sqlite-wal registry/registry.sqlite-shm
cp copy.sqlite registry/registry.sqlite
# The member answers from what it has, which the copy lacks.
check host-2 100000198102150019 | grep '"decision":"refuse"'
"#;

/// Decides once more, and asks the agent of everyone: whoever was listed still is.
const AFTERWARDS: &str = r#"
decide third 100000198203150026
for person in 1:100000198001150001 2:100000198102150019 3:100000198203150026; do
    until check "host-${person%%:*}" "${person##*:}" | tee answer.txt | grep '"decision":"refuse"'; do
        kill -0 "$agent"
        sleep 0.2
    done
done
echo 'the drill is over'
"#;

/// The `sh` blocks of a runbook, in order.
fn blocks(runbook: &str) -> Vec<&str> {
    runbook.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

#[track_caller]
fn says(printed: &str, lines: &[&str]) {
    for line in lines {
        assert!(printed.contains(line), "{line} is missing:\n{printed}");
    }
    assert!(!printed.contains("DIFFERS") && !printed.contains("panicked"), "{printed}");
}

#[test]
fn the_runbook_of_restoring_works_as_it_is_written() {
    // The export knows what the copy knows; the member has the rest.
    let blocks = blocks(RESTORE)
        .join("\n")
        .replace("callboard restore registry --from export\n", "callboard restore registry --from export && exit 1\n");
    let same = "root http://127.0.0.1:8440 > after.txt\ndiff before.txt after.txt && echo 'the same log'";
    let printed = walk(&[STAGE, LOSS, &blocks, same, AFTERWARDS].join("\n"));
    says(
        &printed,
        &[
            "refused: entries were signed that the database lacks",
            "5 entries were signed, the store holds 4",
            "the store had 4 entries, 1 were brought in",
            "The shares of 1 records are lost",
            "1 lost shares were brought back",
            "the same log",
            "the drill is over",
        ],
    );
}

#[test]
fn the_runbook_of_succession_works_as_it_is_written() {
    let blocks = blocks(SUCCESSION).join("\n").replace(
        "callboard restore successor --from log\n",
        "callboard restore successor --from log\nconfigure_successor\n",
    );
    // The token service asks the successor too.
    let moved = "sed -i 's|^registry_url = .*|registry_url = \"http://127.0.0.1:8450\"|' tokens/tokens.toml\n\
        kill \"$tokens\" && wait \"$tokens\" || true\ncallboard tokens serve tokens 2>> tokens.log &";
    let stop = "kill \"$registry\" && wait \"$registry\" || true";
    let same = "callboard audit http://127.0.0.1:8450 --key alpha.key | grep '^genesis' > after.txt\n\
        grep '^genesis' before.txt | diff - after.txt && echo 'the same log'";
    let printed = walk(&[STAGE, stop, moved, &blocks, same, AFTERWARDS].join("\n"));
    says(
        &printed,
        &[
            "the store had 0 entries, 5 were brought in",
            "The roster in force does not name this registry's log key",
            "The shares of 2 records are lost",
            "1 lost shares were brought back",
            "the same log",
            "the drill is over",
        ],
    );
}

#[test]
fn the_runbooks_are_found_whole() {
    for runbook in [RESTORE, SUCCESSION] {
        assert_eq!(blocks(runbook).len(), runbook.matches("```sh\n").count());
        assert!(blocks(runbook).len() > 5);
    }
}
