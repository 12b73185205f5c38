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
const MEMBERS: &str = include_str!("../ops/members.md");
/// The bad day: the database is lost, and yesterday's copy is brought back.
const LOSS: &str = r#"
kill "$registry" && wait "$registry" || true
rm -f registry/registry.sqlite-wal registry/registry.sqlite-shm
cp copy.sqlite registry/registry.sqlite
# The member answers from what it has, which the copy lacks.
check host-2 100000198102150019 | grep '"decision":"refuse"'
"#;

/// Two more members, their keys made.
const APPLICANTS: &str = r#"
mkdir gamma && mv gamma.key gamma.pub.json gamma/
echo 'four plain words of beta' > passphrase-of-beta.txt
record=$(basename first.proofs/*.json .json)
at_beta() { curl -sf --retry 60 --retry-delay 1 --retry-connrefused http://127.0.0.1:8458/check \
    -H 'content-type: application/json' -H "authorization: Bearer $(callboard-agent token --config beta/member.toml)" \
    -d "{\"ref\":\"$1\",\"identities\":[{\"kind\":\"cn-id\",\"value\":\"$2\"}]}"; echo; }
payload=$(grep -o '"payload":"[^"]*"' first.docket.json | head -n 1 | cut -d'"' -f4 | cut -c1-60)
found_at_beta() { grep -rlaF -e "$payload" -e "$record" -e 100000198001150001 -e 赵试一 -e watched- "$@" beta/agent; }
"#;

/// The machine of gamma, and beta's port beside alpha's.
const OTHER_MACHINES: &str = "
configure_member beta/member.toml 8458
cp joining/gamma/member.toml gamma/
configure_member gamma/member.toml 8468
callboard-agent run --config gamma/member.toml --passphrase-file passphrase.txt 2>> gamma.log &
gamma=$!
ready http://127.0.0.1:8468
";

/// From now on somebody is checked at beta all the time, each a new person.
const WATCH: &str = r#"
while read -r number; do at_beta "watched-$number" "$number" >> checks.txt; sleep 0.3; done < numbers.txt &
watch=$!
"#;

/// All of them were allowed, and one who is listed is refused with the reason that the share opens.
const WATCHED: &str = r#"
kill "$watch"
if grep -v '"decision":"allow"' checks.txt; then exit 1; fi
echo "$(wc -l < checks.txt | sed 's/.*/& people were checked meanwhile/')"
[ "$(wc -l < checks.txt)" -gt 20 ]
at_beta watched-listed 100000198001150001 | grep '"decision":"refuse"' | grep 直播中多次宣扬赌博
"#;

/// Before it is erased there is something to be found; and the registry takes no request of its key any more.
const BEFORE_ERASURE: &str = r"
found_at_beta
if callboard audit http://127.0.0.1:8440 --key beta/beta.key --passphrase-file passphrase-of-beta.txt; then exit 1; fi
";

/// Nothing is left; and a quorum that isn't reached without gamma keeps it until a roster says otherwise.
const LEFT: &str = r#"
if found_at_beta; then exit 1; fi
if ls beta/agent | grep replica; then exit 1; fi
echo 'nothing of it is found'
if callboard member remove gamma --key secretary-1.key --out last; then exit 1; fi
for seat in panel-1 chair-1; do callboard sign last/roster-6.bundle --key "$seat.key" --yes; done
callboard submit last/roster-6.bundle last/roster-6.*.sig --key secretary-1.key --wait 60
callboard member remove gamma --key secretary-1.key --out last
for seat in panel-1 chair-1; do callboard sign last/members-7.bundle --key "$seat.key" --yes; done
callboard submit last/members-7.bundle last/members-7.*.sig --key secretary-1.key --wait 60
kill "$gamma" && wait "$gamma" || true
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
fn the_runbook_of_members_works_as_it_is_written_and_no_check_is_refused_while_keys_change() {
    let numbers = (0..400).map(sandbox::number).collect::<Vec<_>>().join("\n");
    let numbers = format!("cat > numbers.txt <<'NUMBERS'\n{numbers}\nNUMBERS\n");
    let mut blocks = blocks(MEMBERS).join("\n").replace("127.0.0.1:8448", "127.0.0.1:8458");
    let mut after = |line: &str, more: &str| {
        assert_eq!(blocks.matches(line).count(), 1, "{line}");
        blocks = blocks.replace(line, &format!("{line}\n{more}"));
    };
    after("cp joining/beta/member.toml beta/", OTHER_MACHINES);
    after("callboard submit quorum/roster-3.bundle quorum/roster-3.*.sig --key secretary-1.key --wait 60", WATCH);
    after("callboard submit changed/members-5.bundle changed/members-5.*.sig --key secretary-1.key --wait 60", WATCHED);
    after(
        "callboard submit leaving/members-6.bundle leaving/members-6.*.sig --key secretary-1.key --wait 60",
        BEFORE_ERASURE,
    );
    let printed = walk(&[STAGE, APPLICANTS, &numbers, &blocks, LEFT, AFTERWARDS].join("\n"));
    says(
        &printed,
        &[
            "the quorum becomes 2 of 3 witnesses, of whom 3 cosign now",
            "beta/beta.key holds the new keys; the old ones are in beta/beta.old.key",
            "beta/beta.old.key is deleted: no list names it",
            "people were checked meanwhile",
            "not yet: panel-2 works for beta",
            "erased: replica, webhook secret, hook secret, tag book",
            "beta left callboard.example, and says on",
            "nothing of it is found",
            "not yet: a view takes 2 witnesses, and without those that leave 1 cosign",
            "the drill is over",
        ],
    );
}

#[test]
fn the_runbooks_are_found_whole() {
    for runbook in [RESTORE, SUCCESSION, MEMBERS] {
        assert_eq!(blocks(runbook).len(), runbook.matches("```sh\n").count());
        assert!(blocks(runbook).len() > 5);
    }
}
