//! The runbooks in `ops/`, run as they are written: what an operator pastes on a bad day must work.
//!
//! Real processes over HTTP: a registry and a member's agent, with keys made here (cheap to open, unlike a person's). The
//! same drills in one process, on both engines, are `tests/drills.rs`'s.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

use std::{fs, path::Path};

use callboard_client::{
    key_file::{KeyFile, MemberKey, SeatKey, Work},
    program::chance,
};
use callboard_federation::roster::Role;

#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/walk.rs"]
mod walking;

use sandbox::ports;

const RESTORE: &str = include_str!("../ops/restore.md");
const SUCCESSION: &str = include_str!("../ops/succession.md");
/// Ports as the runbooks and configurations have them: registry, tokens, successor, agent; metrics of registry and tokens.
const PORTS: [&str; 6] = ["8440", "8441", "8450", "8448", "9440", "9441"];
const PASSPHRASE: &str = "a bad day";
const ISSUER: &str = "callboard.example";

/// The committee and the platform.
const SEATS: [(&str, Role); 5] = [
    ("panel-1", Role::Panel),
    ("panel-2", Role::Panel),
    ("chair-1", Role::Chair),
    ("chair-2", Role::Chair),
    ("secretary-1", Role::Secretariat),
];

/// What stands before the bad day: a registry with a member's agent as its witness, and two decisions; an export and a copy of
/// the database that know only of the first.
const STAGE: &str = r#"
ready() { curl -sf --retry 60 --retry-delay 1 --retry-connrefused --retry-all-errors "$1/readyz" > ready.txt; }
decide() {
    printf 'kind,identity,names,measure,scopes,term,violations,reasons\n' > "$1.csv"
    printf 'cn-id,%s,赵试一,suspension,live,5年,NB-11,直播中多次宣扬赌博。\n' "$2" >> "$1.csv"
    callboard draft "$1.csv" --policy streamer-warning-rules/2022 --key secretary-1.key --out "$1.bundle"
    for seat in panel-1 chair-1; do callboard sign "$1.bundle" --key "$seat.key" --yes > "$1.letters"; done
    callboard submit "$1.bundle" "$1".*.sig --key secretary-1.key --wait 60
}
check() { curl -sf http://127.0.0.1:8448/check -H 'content-type: application/json' \
    -H "authorization: Bearer $(callboard-agent token --config alpha/member.toml)" \
    -d "{\"ref\":\"$1\",\"identities\":[{\"kind\":\"cn-id\",\"value\":\"$2\"}]}"; echo; }
export CALLBOARD_PASSPHRASE='a bad day' CALLBOARD_PIN=registry/genesis.json
echo "$CALLBOARD_PASSPHRASE" > passphrase.txt
callboard tokens init tokens --issuer callboard.example
callboard init registry --issuer callboard.example --url http://127.0.0.1:8440 --tokens-url http://127.0.0.1:8441 \
    --seat *-[0-9].pub.json --token-key tokens/epoch-1.pub.json --member alpha.pub.json --quorum 1
configure
for seat in panel-1 chair-1; do callboard sign registry/*.bundle --key "$seat.key" --yes > letters.txt; done
mkdir alpha && cp alpha.key alpha/
cat > alpha/member.toml <<MEMBER
member = "alpha"
issuer = "callboard.example"
genesis = "$(grep -o '"genesis":"[0-9a-f]*"' registry/genesis.json | cut -d\" -f4)"
url = "http://127.0.0.1:8440"
tokensUrl = "http://127.0.0.1:8441"
key = "alpha.key"
maxStaleness = "10m"
listen = "127.0.0.1:8448"
MEMBER
callboard serve registry 2> registry.log &
registry=$!
ready http://127.0.0.1:8440
for docket in genesis policies members; do
    callboard submit "registry/$docket.bundle" registry/"$docket".*.sig --key secretary-1.key --wait 0
done
callboard-agent run --config alpha/member.toml --passphrase-file passphrase.txt 2> agent.log &
agent=$!
ready http://127.0.0.1:8448
callboard tokens serve tokens 2> tokens.log &
tokens=$!
ready http://127.0.0.1:8441
decide first 100000198001150001
check host-1 100000198001150001
kill "$registry" && wait "$registry" || true
callboard export export --from registry
cp registry/registry.sqlite copy.sqlite
callboard serve registry 2>> registry.log &
registry=$!
ready http://127.0.0.1:8440
decide batch 100000198102150019
check host-2 100000198102150019
root() { callboard audit "$1" --key alpha.key | grep '^root\|^genesis\|^size'; }
root http://127.0.0.1:8440 > before.txt
cat before.txt
"#;

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
    until check "host-${person%%:*}" "${person##*:}" | tee answer.txt | grep '"decision":"refuse"'; do sleep 0.2; done
done
echo 'the drill is over'
"#;

/// The `sh` blocks of a runbook, in order.
fn blocks(runbook: &str) -> Vec<&str> {
    runbook.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

/// A script with each port of the runbooks a free one, in the text and in the configurations that it makes.
fn on_free_ports(script: &str) -> String {
    let free = ports::free_ports(7);
    // The successor's own, whose configuration begins with the registry's.
    let (mut script, mut sed) = (script.to_owned(), String::new());
    for (written, port) in PORTS.iter().zip(free..) {
        sed.extend(["s/127.0.0.1:", written, "/127.0.0.1:", &port.to_string(), "/;"]);
        script = script.replace(&format!("127.0.0.1:{written}"), &format!("127.0.0.1:{port}"));
    }
    let metrics = format!("s/127.0.0.1:9440/127.0.0.1:{}/;", free + 6);
    format!(
        "configure() {{
    for file in registry/callboard.toml tokens/tokens.toml; do sed -i '{sed}' $file; done
    sed -i 's/^loopback = false/loopback = true/' registry/callboard.toml
}}
configure_successor() {{
    sed -i '{metrics}{sed}' successor/callboard.toml
    sed -i 's/^loopback = false/loopback = true/' successor/callboard.toml
}}
{script}"
    )
}

/// Runs a script where the keys lie; all that it printed, if it succeeded in time.
#[track_caller]
fn walk(script: &str) -> String {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("walk");
    fs::create_dir(&dir).unwrap();
    make_keys(&dir);
    let script = format!("set -x\n{}", on_free_ports(script));
    walking::walk(&dir, sandbox::programs(), &script).unwrap_or_else(|printed| {
        let logs = ["registry.log", "successor.log", "agent.log", "tokens.log"];
        let logs = logs.map(|log| {
            fs::read_to_string(dir.join(log)).unwrap_or_default().lines().rev().take(8).collect::<Vec<_>>().join("\n")
        });
        panic!("{printed}\n{}", logs.join("\n---\n"))
    })
}

fn make_keys(dir: &Path) {
    for (holder, role) in SEATS {
        let key = SeatKey::generate(holder.to_owned(), role, &mut chance()).unwrap();
        key.public().write(&dir.join(format!("{holder}.pub.json"))).unwrap();
        KeyFile::Seat(key).write(&dir.join(format!("{holder}.key")), PASSPHRASE.into(), Work::LogN(10)).unwrap();
    }
    let key = MemberKey::generate("alpha".to_owned().try_into().unwrap(), ISSUER.to_owned(), &mut chance()).unwrap();
    key.public("Alpha".to_owned()).write(&dir.join("alpha.pub.json")).unwrap();
    KeyFile::Member(key).write(&dir.join("alpha.key"), PASSPHRASE.into(), Work::LogN(10)).unwrap();
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
