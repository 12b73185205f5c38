//! What acts on a terminal or hides is planted in every string of every document that people are shown, and none of it
//! comes out raw.

use std::path::Path;

use callboard_client::public_file::PublicFile;
use callboard_desk::bundle::{Bundle, Item};
use callboard_federation::{
    docket::{self, Docket},
    encoding::{Base64, Hash, Octets, to_json},
    recipient::Recipient,
    statement::{Kind, Statement},
};
use callboard_keys::SeatKey;
use callboard_rules::policies;
use serde_json::{Value, json};

use super::{callboard, json_of, make_seat, succeeds};

/// A cursor, colour that hides, a line turned around, nothing to see, a tag, an end of line, a line of ours that isn't, a
/// private character, a mark on nothing.
const PLANTED: &str =
    "\u{1b}[8m\u{9b}2J\u{202e}\u{2066}\u{200b}\u{e0041}\u{2028}\rverified\u{7}\u{e000}\u{3164} \u{301}";

/// Every character of it that may not come out.
fn raw(said: &str) -> Option<char> {
    PLANTED.chars().filter(|c| !c.is_ascii() || c.is_control()).find(|c| said.contains(*c))
}

#[track_caller]
fn shows_nothing_raw(dir: &Path, arguments: &[&str], what: &str) -> String {
    let output = callboard(dir, arguments);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(!said.is_empty(), "{what}: nothing was said");
    assert_eq!(raw(&said), None, "{what}: {said}");
    said
}

/// The value with one string, or name of a member, planted, for each of them; of a list the first two elements.
fn planted(value: &Value, place: &str) -> Vec<(String, Value)> {
    match value {
        Value::String(text) => vec![(place.to_owned(), json!(format!("{text}{PLANTED}")))],
        Value::Array(values) => {
            let each = values.iter().enumerate().take(2).flat_map(|(at, inner)| {
                planted(inner, &format!("{place}[{at}]")).into_iter().map(move |(place, inner)| (at, place, inner))
            });
            let with = |(at, place, inner): (usize, String, Value)| {
                let mut values = values.clone();
                values[at] = inner;
                (place, Value::Array(values))
            };
            each.map(with).collect()
        }
        Value::Object(members) => {
            let mut all = Vec::new();
            for (name, inner) in members {
                let place = format!("{place}.{name}");
                for (place, inner) in planted(inner, &place) {
                    let mut members = members.clone();
                    members.insert(name.clone(), inner);
                    all.push((place, Value::Object(members)));
                }
                let mut renamed = members.clone();
                let inner = renamed.remove(name).unwrap_or_default();
                renamed.insert(format!("{name}{PLANTED}"), inner);
                all.push((format!("{place} (name)"), Value::Object(renamed)));
            }
            all
        }
        _ => Vec::new(),
    }
}

/// A bundle of one public document, whatever its text, for the seats of `recipients`.
fn bundle(kind: Kind, document: &str, issuer: &str, path: &Path, recipients: &[Recipient]) {
    let id = "019b8b74-1800-7000-8000-000000000001";
    let statement = json!({"v": 1, "id": id, "kind": kind.as_str(), "salt": Octets([7; 32]), "document": document});
    let statement = statement.to_string().into_bytes();
    let now = callboard_client::clock::Clock::now(&callboard_client::clock::MachineClock);
    let item =
        docket::Item { record: id.parse().unwrap(), kind, of: None, commitment: Statement::commitment(&statement) };
    let docket = Docket {
        v: 1,
        id: "019b8b74-1800-7000-8000-000000000002".parse().unwrap(),
        issuer: issuer.to_owned(),
        issued_at: now,
        roster: 1,
        items: vec![item],
        publication: None,
    };
    let item = Item { statement: Base64(statement), share: None, identities: Vec::new(), plain: None };
    let bundle = Bundle::draft(&docket, vec![item], None, Vec::new()).unwrap();
    bundle.write(path, recipients).unwrap();
}

fn public_of(path: &Path) -> (Recipient, Value) {
    match PublicFile::read(path).unwrap() {
        PublicFile::Seat(seat) => (seat.recipient, json!(seat.public_key)),
        _ => panic!("a seat's"),
    }
}

#[test]
fn nothing_of_a_public_document_comes_out_raw() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    make_seat(dir, "panel-1", "panel");
    let (recipient, key) = public_of(&dir.join("panel-1.pub.json"));
    let recipients = [recipient];
    let members = json!({"v": 1, "version": 1, "members": [
        {"member": "alpha", "name": "阿尔法直播", "keys": [key], "quota": {"perDay": 100, "grants": [
            {"count": 9_000_000_000_000_000_u64, "until": "2027-01-01T00:00:00.000Z"}]}}]});
    let policy: Value = serde_json::from_str(&policies::ALL[3].document().unwrap().text).unwrap();
    let roster = roster(&recipients[0], &key);
    let mut seen = 0;
    for (kind, document) in [(Kind::Members, members), (Kind::Policy, policy), (Kind::Roster, roster)] {
        let path = dir.join("a.bundle");
        let as_it_is = std::iter::once(("nothing".to_owned(), document.clone()));
        for (place, document) in as_it_is.chain(planted(&document, "")) {
            // The calendar and the violations repeat the same shape.
            if place.contains("decide") && seen % 3 != 0 {
                seen += 1;
                continue;
            }
            let issuer = format!("callboard.test{PLANTED}");
            let issuer = if seen % 2 == 0 { "callboard.test" } else { issuer.as_str() };
            bundle(kind, &document.to_string(), issuer, &path, &recipients);
            let lang = if seen % 2 == 0 { "zh" } else { "en" };
            let what = format!("{kind}{place}");
            let sign = ["sign", "a.bundle", "--key", "panel-1.key", "--yes", "--lang", lang];
            let said = shows_nothing_raw(dir, &sign, &what);
            if place == "nothing" && kind == Kind::Members {
                assert!(said.contains("9,000,000,000,000,000"), "{said}");
            }
            std::fs::remove_file(&path).unwrap();
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen} strings");
}

fn roster(recipient: &Recipient, key: &Value) -> Value {
    let kinds = Kind::ALL.map(|kind| (kind.to_string(), json!([{"role": "panel", "count": 1}])));
    json!({"v": 1, "version": 1, "issuer": "callboard.test", "expires": "2036-01-01T00:00:00.000Z",
        "seats": [
            {"publicKey": key, "recipient": recipient, "holder": "评议一", "role": "panel", "member": "alpha"},
            {"publicKey": key, "recipient": recipient, "holder": "评议二", "role": "panel"}],
        "thresholds": serde_json::Map::from_iter(kinds), "log": ["callboard.test+00000000+AA=="],
        "witnesses": {"quorum": 0, "keys": []}, "epochs": [{"number": 1, "publicKey": key, "state": "live"}]})
}

#[test]
fn nothing_of_a_file_that_is_verified_comes_out_raw() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let vectors =
        json_of(&Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("federation/vectors/entries.json"));
    let genesis = vectors["genesis"].as_str().unwrap();
    let proof: Value = serde_json::from_str(vectors["proofFiles"][0]["file"].as_str().unwrap()).unwrap();
    let replays =
        json_of(&Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("federation/vectors/replays.json"));
    let docket = replays["beginning"][4]["handIn"].clone();
    let line = format!("{{\"ref\":\"{PLANTED}\"}}");
    let check = json!({"check": {"v": 1, "line": Base64(line.clone().into_bytes()), "index": 0, "size": 1,
        "root": Hash::of(&[&[0], line.as_bytes()].concat()), "proof": []}});
    for file in [proof, docket, check] {
        let as_it_is = std::iter::once(("nothing".to_owned(), file.clone()));
        for (at, (place, file)) in as_it_is.chain(planted(&file, "")).enumerate() {
            if at > 40 {
                break;
            }
            std::fs::write(dir.join("file.json"), file.to_string()).unwrap();
            shows_nothing_raw(dir, &["verify", "file.json", "--genesis", genesis], &place);
        }
    }
    // A docket that says what it commits to, of an issuer that isn't one.
    let key = SeatKey::generate("a".to_owned(), callboard_federation::roster::Role::Panel, &mut rng()).unwrap();
    let path = dir.join("b.bundle");
    bundle(Kind::Policy, "{}", &format!("a{PLANTED}"), &path, &[key.recipient().clone()]);
    let bundle = Bundle::open(&path, &key).unwrap();
    std::fs::write(dir.join("b.json"), to_json(&bundle.with_signatures(Vec::new()))).unwrap();
    shows_nothing_raw(dir, &["verify", "b.json", "--genesis", genesis], "a docket's issuer");
}

#[test]
fn nothing_of_a_file_that_is_read_comes_out_raw() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let (genesis, name) = ("0".repeat(64), format!("a{PLANTED}.json").replace('\u{0}', ""));
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    make_seat(dir, "panel-1", "panel");
    let pin = json!({"v": 1, "issuer": "callboard.test", "genesis": genesis, "url": "http://127.0.0.1:9",
        "tokensUrl": "http://127.0.0.1:9"});
    for (place, pin) in planted(&pin, "") {
        write("genesis.json", &pin.to_string());
        let ask = ["ask", "--key", "panel-1.key", "--pin", "genesis.json", "--identity", "cn-id:100000200001011239"];
        shows_nothing_raw(dir, &ask, &place);
    }
    write("genesis.json", &pin.to_string());
    write("a.toml", &policies::ALL[3].text.replace("Asia/Shanghai", &PLANTED.replace(['\u{1b}', '\u{7}', '\r'], "")));
    write("a.docket.json", &json!({"docket": PLANTED}).to_string());
    write(&name, &json!({"v": 1}).to_string());
    for arguments in [
        &["policy", "check", "a.toml"][..],
        &["policy", "show", PLANTED],
        &["verify", &name, "--genesis", &genesis],
        &["submit", "a.docket.json", "--key", "panel-1.key"],
        &["submit", &name, "--key", "panel-1.key"],
        &["audit", &name],
        &["draft", &name, "--import", "--policy", "a/1", "--key", "panel-1.key", "--out", "a.bundle"],
        &["sign", &name, "--key", "panel-1.key", "--yes"],
    ] {
        shows_nothing_raw(dir, arguments, arguments[0]);
    }
    // What a program prints for programs says the same, escaped as JSON has it.
    let shown = succeeds(dir, &["policy", "show", "streamer-warning-rules/2022", "--json"]);
    assert_eq!(Hash::of(shown.trim_end().as_bytes()), policies::ALL[3].document().unwrap().hash);
}

fn rng() -> rand_core::UnwrapErr<rand::rngs::SysRng> {
    rand_core::UnwrapErr(rand::rngs::SysRng)
}
