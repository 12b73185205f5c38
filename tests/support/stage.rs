//! A registry, a token service and a member's agent as real processes, started by a script as an operator types it; with keys
//! that are cheap to open, unlike a person's.

use std::{fs, path::Path};

use callboard_client::{public_file::PublicFile, runtime::os_rng};
use callboard_federation::roster::Role;
use callboard_keys::{KeyFile, MemberKey, SeatKey};

use crate::{
    sandbox::{self, ports},
    walking,
};

/// Ports as the runbooks and configurations have them: registry, tokens, successor, the agents of three members; metrics of
/// registry and tokens.
const PORTS: [&str; 8] = ["8440", "8441", "8450", "8448", "8458", "8468", "9440", "9441"];
const ISSUER: &str = "callboard.example";

/// The committee and the platform.
pub(crate) const SEATS: [(&str, Role); 5] = [
    ("panel-1", Role::Panel),
    ("panel-2", Role::Panel),
    ("chair-1", Role::Chair),
    ("chair-2", Role::Chair),
    ("secretary-1", Role::Secretariat),
];

/// Whose holder works for a member that joins and leaves.
const WORKS_FOR_BETA: &str = "panel-2";

/// What stands before the bad day: a registry with a member's agent as its witness, and two decisions from before there was a
/// registry; an export and a copy of the database that know only of the first.
pub(crate) const STAGE: &str = r#"
ready() { curl -sf --retry 60 --retry-delay 1 --retry-connrefused --retry-all-errors "$1/readyz" > ready.txt; }
decide() {
    printf 'kind,identity,names,measure,scopes,term,violations,reasons\n' > "$1.csv"
    printf 'cn-id,%s,赵试一,suspension,live,5年,NB-11,直播中多次宣扬赌博。\n' "$2" >> "$1.csv"
    callboard draft "$1.csv" --import --policy streamer-warning-rules/2022 --key secretary-1.key --out "$1.bundle"
    for seat in panel-1 chair-1; do callboard sign "$1.bundle" --key "$seat.key" --yes > "$1.letters"; done
    callboard submit "$1.bundle" "$1".*.sig --key secretary-1.key --wait 60
}
check() { curl -sf http://127.0.0.1:8448/check -H 'content-type: application/json' \
    -H "authorization: Bearer $(callboard-agent token --config alpha/member.toml)" \
    -d "{\"ref\":\"$1\",\"identities\":[{\"kind\":\"cn-id\",\"value\":\"$2\"}]}"; echo; }
export CALLBOARD_PASSPHRASE=sandbox CALLBOARD_PIN=registry/genesis.json
echo "$CALLBOARD_PASSPHRASE" > passphrase.txt
callboard tokens init tokens --issuer callboard.example
callboard init registry --issuer callboard.example --url http://127.0.0.1:8440 --tokens-url http://127.0.0.1:8441 \
    --seat *-[0-9].pub.json --token-key tokens/epoch-1.pub.json --member alpha.pub.json --quorum 1 --import-days 300
configure
for seat in panel-1 chair-1; do callboard sign registry/*.bundle --key "$seat.key" --yes > letters.txt; done
mkdir alpha && cp alpha.key alpha/
cat > alpha/member.toml <<MEMBER
member = "alpha"
issuer = "callboard.example"
genesis = "$(grep -o '"genesis":"[0-9a-f]*"' registry/genesis.json | cut -d\" -f4)"
url = "http://127.0.0.1:8440"
tokens_url = "http://127.0.0.1:8441"
key = "alpha.key"
max_staleness = "10m"
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

/// A script with each port of the runbooks a free one, in the text and in the configurations that it makes.
fn on_free_ports(script: &str) -> String {
    let free = ports::free_ports(9);
    // The successor's own, whose configuration begins with the registry's.
    let (mut script, mut sed) = (script.to_owned(), String::new());
    for (written, port) in PORTS.iter().zip(free..) {
        sed.extend(["s/127.0.0.1:", written, "/127.0.0.1:", &port.to_string(), "/;"]);
        script = script.replace(&format!("127.0.0.1:{written}"), &format!("127.0.0.1:{port}"));
    }
    let metrics = format!("s/127.0.0.1:9440/127.0.0.1:{}/;", free + 8);
    format!(
        "configure() {{
    for file in registry/callboard.toml tokens/tokens.toml; do sed -i '{sed}' $file; done
    sed -i 's/^loopback = false/loopback = true/' registry/callboard.toml
}}
configure_member() {{ sed -i \"s/127.0.0.1:8448/127.0.0.1:$2/\" \"$1\"; sed -i '{sed}' \"$1\"; }}
configure_successor() {{
    sed -i '{metrics}{sed}' successor/callboard.toml
    sed -i 's/^loopback = false/loopback = true/' successor/callboard.toml
}}
{script}"
    )
}

/// Runs a script where the keys lie; all that it printed, if it succeeded in time.
#[track_caller]
pub(crate) fn walk(script: &str) -> String {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("walk");
    fs::create_dir(&dir).unwrap();
    make_keys(&dir);
    let script = format!("set -x\n{}", on_free_ports(script));
    walking::walk(&dir, sandbox::programs::programs(), &script).unwrap_or_else(|printed| {
        let logs = ["registry.log", "successor.log", "agent.log", "tokens.log"];
        let logs = logs.map(|log| {
            fs::read_to_string(dir.join(log)).unwrap_or_default().lines().rev().take(8).collect::<Vec<_>>().join("\n")
        });
        panic!("{printed}\n{}", logs.join("\n---\n"))
    })
}

pub(crate) fn make_keys(dir: &Path) {
    for (holder, role) in SEATS {
        let key = SeatKey::generate(holder.to_owned(), role, &mut os_rng()).unwrap();
        let PublicFile::Seat(mut public) = key.public() else { unreachable!() };
        public.member = (holder == WORKS_FOR_BETA).then(|| "beta".to_owned().try_into().unwrap());
        PublicFile::Seat(public).write(&dir.join(format!("{holder}.pub.json"))).unwrap();
        KeyFile::Seat(key).write_known(&dir.join(format!("{holder}.key"))).unwrap();
    }
    for member in ["alpha", "gamma"] {
        let key = MemberKey::generate(member.to_owned().try_into().unwrap(), ISSUER.to_owned(), &mut os_rng()).unwrap();
        key.public(member.to_owned()).write(&dir.join(format!("{member}.pub.json"))).unwrap();
        KeyFile::Member(key).write_known(&dir.join(format!("{member}.key"))).unwrap();
    }
}
