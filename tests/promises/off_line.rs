//! *No forging*, off line: a flipped bit of anything that is signed or hashed fails, and the part that fails is named; how the
//! container is written changes nothing. Proof files, docket files and exports, through `callboard verify` and through what
//! it calls.

use std::{
    fmt::Debug,
    fs,
    path::Path,
    process::{Command, Output},
    thread,
};

use callboard_client::export::{Export, Writer};
use callboard_desk::verify::{VerifiedFile, VerifyError, verify};
use callboard_federation::{
    anchor::{Anchor, AnchorProof},
    encoding::{Base64, Hash, Time},
    proof_file::{Part, PartError, ProofFileError},
    tlog::{
        checkpoint::Checkpoint,
        merkle::{Tree, leaf_hash},
        proof::{Inclusion, Proof},
    },
};
use callboard_registry::ledger::export;
use ed25519_dalek::SigningKey;
use serde_json::{Map, Value, json};

use crate::support::{Database, Engine, World, hex};

/// Stands where a value was, until another is put there.
const HOLE: &str = "\"@@hole@@\"";

/// Long after the vectors were signed.
fn now() -> Time {
    "2027-01-01T00:00:00.000Z".parse().unwrap()
}

fn log() -> Value {
    serde_json::from_str(include_str!("../../federation/vectors/entries.json")).unwrap()
}

fn genesis(log: &Value) -> Hash {
    log["genesis"].as_str().unwrap().parse().unwrap()
}

fn proof_file(log: &Value, name: &str) -> Value {
    let files = log["proofFiles"].as_array().unwrap();
    let file = files.iter().find(|file| file["name"] == name).unwrap();
    serde_json::from_str(file["file"].as_str().unwrap()).unwrap()
}

/// The docket file of an entry of the log, none of whose statements has details.
fn docket_file(log: &Value, index: u64) -> Value {
    let line = log["disclosures"].as_array().unwrap().iter().find(|line| line["index"] == index).unwrap();
    let items: Vec<Value> = line["items"].as_array().unwrap().iter().map(|item| json!({"statement": item})).collect();
    json!({"docket": line["docket"], "items": items})
}

/// How bytes stand in a container.
#[derive(Clone, Copy)]
enum Carried {
    Base64,
    Text,
}

/// A container with one value taken out, so that every bit of it can be flipped and put back.
struct Place {
    before: String,
    value: Vec<u8>,
    after: String,
    carried: Carried,
}

impl Place {
    fn of(container: &Value, pointer: &str, carried: Carried) -> Self {
        let mut container = container.clone();
        let value = container.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        let Value::String(text) = std::mem::replace(value, json!(HOLE.trim_matches('"'))) else {
            panic!("{pointer} is no text")
        };
        let value = match carried {
            Carried::Base64 => base64(&text),
            Carried::Text => text.into_bytes(),
        };
        let text = container.to_string();
        let (before, after) = text.split_once(HOLE).unwrap();
        Self { before: before.to_owned(), value, after: after.to_owned(), carried }
    }

    fn bits(&self) -> usize {
        self.value.len() * 8
    }

    fn flipped(&self, bit: usize) -> Vec<u8> {
        let mut value = self.value.clone();
        value[bit / 8] ^= 1 << (bit % 8);
        let mut file = self.before.clone().into_bytes();
        file.push(b'"');
        match self.carried {
            Carried::Base64 => file.extend(Base64(value).to_string().bytes()),
            // Byte for byte, since what a flip makes of a text may be no text.
            Carried::Text => value.into_iter().for_each(|byte| match byte {
                b'"' | b'\\' => file.extend([b'\\', byte]),
                0..0x20 => file.extend(format!("\\u{byte:04x}").bytes()),
                _ => file.push(byte),
            }),
        }
        file.push(b'"');
        file.extend(self.after.bytes());
        file
    }

    /// Flips each of these bits by itself, on every core: each must fail as `expected` says.
    fn each_fails(
        &self,
        told: &str,
        bits: &[usize],
        check: impl Fn(&[u8]) -> Result<VerifiedFile, VerifyError> + Sync,
        expected: impl Fn(&VerifyError) -> bool + Sync,
    ) {
        assert!(!bits.is_empty(), "{told} has no bits");
        let (check, expected) = (&check, &expected);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for chunk in bits.chunks(bits.len().div_ceil(threads)) {
                scope.spawn(move || {
                    for bit in chunk {
                        let Err(fault) = check(&self.flipped(*bit)) else { panic!("{told}, bit {bit}: verified") };
                        // What a flip makes of a text may be no text, so that nothing can be told of the file.
                        let is_no_text =
                            matches!(self.carried, Carried::Text) && (bit % 8 == 7 || !self.value[bit / 8].is_ascii());
                        let is_expected = expected(&fault) || is_no_text && matches!(fault, VerifyError::Unknown);
                        assert!(is_expected, "{told}, bit {bit}: {}", causes(&fault));
                    }
                });
            }
        });
    }
}

fn base64(text: &str) -> Vec<u8> {
    serde_json::from_value::<Base64>(json!(text)).unwrap().0
}

fn every_bit(place: &Place) -> Vec<usize> {
    (0..place.bits()).collect()
}

/// One bit of each byte, another in each.
fn a_bit_of_every_byte(place: &Place) -> Vec<usize> {
    (0..place.value.len()).map(|byte| byte * 8 + byte % 8).collect()
}

fn causes(error: &VerifyError) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        told.extend([": ", &error.to_string()]);
        cause = error.source();
    }
    told
}

/// The bytes of one part that are signed or hashed, and which fault a flip of them is.
fn flip_part(file: &Value, genesis: &Hash, part: Part, bits: impl Fn(&Place) -> Vec<usize>) {
    let at = match part {
        Part::Record | Part::Notice => String::new(),
        Part::Root(at) => format!("/roots/{at}"),
    };
    let flip = |member: &str, carried, expected: &(dyn Fn(&ProofFileError) -> bool + Sync)| {
        let place = Place::of(file, &format!("{at}{member}"), carried);
        let told = format!("{part}{member}");
        let expected = |fault: &VerifyError| matches!(fault, VerifyError::Proof(fault) if expected(fault));
        place.each_fails(&told, &bits(&place), |file| verify(file, genesis, None, None, now()), expected);
    };
    let named = move |fault: &ProofFileError, is: fn(&PartError) -> bool| matches!(fault, ProofFileError::Part { part: named, fault } if *named == part && is(fault));
    flip("/statement", Carried::Base64, &|fault| named(fault, |fault| matches!(fault, PartError::Commitment)));
    flip("/docket/payload", Carried::Base64, &|fault| named(fault, |fault| matches!(fault, PartError::Docket)));
    for line in 0..file.pointer(&format!("{at}/docket/signatures")).unwrap().as_array().unwrap().len() {
        let member = format!("/docket/signatures/{line}/sig");
        flip(&member, Carried::Base64, &|fault| named(fault, |fault| matches!(fault, PartError::Signatures)));
        let keyid = |fault: &ProofFileError| {
            matches!(fault, ProofFileError::Json(_)) || named(fault, |fault| matches!(fault, PartError::Signatures))
        };
        flip(&format!("/docket/signatures/{line}/keyid"), Carried::Text, &keyid);
    }
    // An instant that is moved may first be seen where the next part, or the checkpoint, doesn't fit it.
    flip("/entry", Carried::Base64, &|fault| matches!(fault, ProofFileError::Part { .. }));
    let way = |fault: &ProofFileError| {
        let is_its_way = named(fault, |fault| matches!(fault, PartError::Index | PartError::Inclusion));
        let is_the_checkpoint = matches!(
            fault,
            ProofFileError::Checkpoint(_) | ProofFileError::Stranger | ProofFileError::Quorum | ProofFileError::Json(_)
        );
        is_its_way || is_the_checkpoint
    };
    flip("/proof", Carried::Text, &way);
}

#[test]
fn every_bit_of_a_record_in_its_proof_file_counts() {
    let log = log();
    flip_part(&proof_file(&log, "a reinstatement"), &genesis(&log), Part::Record, every_bit);
}

#[test]
fn every_byte_of_a_root_in_a_proof_file_counts() {
    let log = log();
    for root in 0..3 {
        flip_part(&proof_file(&log, "a reinstatement"), &genesis(&log), Part::Root(root), a_bit_of_every_byte);
    }
}

#[test]
fn every_bit_of_a_docket_file_counts() {
    let log = log();
    let genesis = genesis(&log);
    let file = docket_file(&log, 4);
    let roster = proof_file(&log, "the genesis").to_string();
    let check = |file: &[u8]| verify(file, &genesis, Some(roster.as_bytes()), None, now());
    assert!(matches!(check(file.to_string().as_bytes()), Ok(VerifiedFile::Docket(shown)) if shown.is_signed));

    let flip = |pointer: &str, carried, expected: &(dyn Fn(&VerifyError) -> bool + Sync)| {
        let place = Place::of(&file, pointer, carried);
        place.each_fails(pointer, &every_bit(&place), check, expected);
    };
    flip("/items/0/statement", Carried::Base64, &|fault| matches!(fault, VerifyError::Commitment(_)));
    for line in 0..3 {
        let sig = format!("/docket/signatures/{line}/sig");
        flip(&sig, Carried::Base64, &|fault| matches!(fault, VerifyError::Signatures(_)));
        let is_of_key = |fault: &_| matches!(fault, VerifyError::Signatures(_) | VerifyError::Json(_));
        flip(&format!("/docket/signatures/{line}/keyid"), Carried::Text, &is_of_key);
    }
    // What is signed is read before its signatures are: a flip may already say something else than the statement.
    flip("/docket/payload", Carried::Base64, &|fault| {
        !matches!(fault, VerifyError::Unknown | VerifyError::Proof(_) | VerifyError::Json(_))
    });
}

/// A docket with all that a docket can carry: details with a share, and a public text.
fn published() -> (Value, Value) {
    let vectors: Value = serde_json::from_str(include_str!("../../federation/vectors/dockets.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["name"] == "with its publication").unwrap();
    (case["handIn"].clone(), vectors["genesis"].clone())
}

#[test]
fn every_bit_of_share_and_publication_counts_before_any_roster_is_at_hand() {
    let (file, genesis) = published();
    let genesis: Hash = genesis.as_str().unwrap().parse().unwrap();
    let check = |file: &[u8]| verify(file, &genesis, None, None, now());
    assert!(check(file.to_string().as_bytes()).is_ok());
    let flip = |pointer: &str, expected: fn(&VerifyError) -> bool| {
        let place = Place::of(&file, pointer, Carried::Base64);
        place.each_fails(pointer, &every_bit(&place), check, expected);
    };
    flip("/items/0/share", |fault| matches!(fault, VerifyError::Shares(_)));
    flip("/items/0/statement", |fault| matches!(fault, VerifyError::Commitment(_)));
    flip("/publication", |fault| matches!(fault, VerifyError::Publication));
}

/// `callboard verify`, as people run it.
struct Verifier {
    directory: tempfile::TempDir,
    genesis: String,
}

impl Verifier {
    fn new(genesis: &str) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), genesis: genesis.to_owned() }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.arg("verify").args(arguments).args(["--genesis", &self.genesis]).output().unwrap()
    }

    #[track_caller]
    fn verifies(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        assert!(told.starts_with("verified "), "{told}");
        told
    }

    /// Exit code 1, `not verified`, and the part by name.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], part: &str) {
        let output = self.run(arguments);
        let (told, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{part}: {told}{why}");
        assert!(told.contains("not verified "), "{part}: {told}");
        assert!(why.contains(part), "{part} is not named: {why}");
    }
}

/// The bit that makes of the first byte of `after` behind `text` another letter of base64 or hexadecimal text.
fn behind(bytes: &[u8], text: &str) -> usize {
    let at = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap() + text.len();
    let fits = |bit: &usize| (bytes[at] ^ (1 << bit)).is_ascii_alphanumeric();
    at * 8 + (0..8).find(fits).unwrap()
}

#[test]
fn verify_names_the_part_of_a_proof_file_that_fails() {
    let log = log();
    let verifier = Verifier::new(log["genesis"].as_str().unwrap());
    let file = proof_file(&log, "a reinstatement");
    verifier.verifies(&[&verifier.file("proof.json", file.to_string())]);
    let refuses = |pointer: &str, carried, bit: &dyn Fn(&[u8]) -> usize, part: &str| {
        let place = Place::of(&file, pointer, carried);
        verifier.refuses(&[&verifier.file("flipped.json", place.flipped(bit(&place.value)))], part);
    };
    let first = |_: &[u8]| 0;
    let salt = |statement: &[u8]| behind(statement, "\"salt\":\"");
    refuses("/statement", Carried::Base64, &first, "the record: the statement does not open its commitment");
    refuses("/statement", Carried::Base64, &salt, "the record: the statement does not open its commitment");
    refuses("/docket/payload", Carried::Base64, &first, "the record: the leaf is of another docket");
    refuses("/docket/signatures/1/sig", Carried::Base64, &first, "the record: the leaf is of other signatures");
    refuses("/entry", Carried::Base64, &first, "the record: the leaf is no entry of a docket");
    let hash = |proof: &[u8]| behind(proof, "\nindex 4\n");
    refuses("/proof", Carried::Text, &hash, "the record: the leaf is not shown to be in the tree");
    let root = |proof: &[u8]| behind(proof, "\ncallboard.example\n7\n");
    refuses("/proof", Carried::Text, &root, "the proof file: the checkpoint: ");
    let cosignature = |proof: &[u8]| behind(proof, "/witness/alpha /");
    refuses(
        "/proof",
        Carried::Text,
        &cosignature,
        "the proof file: fewer witnesses cosigned than the last roster asks",
    );
    refuses("/roots/0/statement", Carried::Base64, &first, "root 0: the statement does not open its commitment");
    refuses("/roots/2/docket/payload", Carried::Base64, &first, "root 2: the leaf is of another docket");
    let other = Verifier::new(&Hash::of(b"another registry").to_string());
    other.refuses(&[&other.file("proof.json", file.to_string())], "the first roster is not the pinned genesis");
}

#[test]
fn verify_names_the_part_of_a_docket_file_that_fails() {
    let log = log();
    let verifier = Verifier::new(log["genesis"].as_str().unwrap());
    let file = docket_file(&log, 4);
    let roster = verifier.file("roster.json", proof_file(&log, "the genesis").to_string());
    let told = verifier.verifies(&[&verifier.file("docket.json", file.to_string()), "--roster", &roster]);
    assert!(told.contains("signed by as many seats as the roster asks"), "{told}");
    let refuses = |pointer: &str, bit: &dyn Fn(&[u8]) -> usize, part: &str| {
        let place = Place::of(&file, pointer, Carried::Base64);
        let flipped = verifier.file("flipped.json", place.flipped(bit(&place.value)));
        verifier.refuses(&[&flipped, "--roster", &roster], part);
    };
    refuses(
        "/items/0/statement",
        &|statement| behind(statement, "\"salt\":\""),
        "is not the one that the docket commits to",
    );
    refuses("/docket/signatures/0/sig", &|_| 0, "the signatures: the signature of key ");
    refuses(
        "/docket/payload",
        &|payload| behind(payload, "\"issuedAt\":\"202"),
        "the signatures: the signature of key ",
    );

    let (file, genesis) = published();
    let verifier = Verifier::new(genesis.as_str().unwrap());
    for (pointer, part) in [("/items/0/share", "the shares"), ("/publication", "the publication")] {
        let flipped = Place::of(&file, pointer, Carried::Base64).flipped(0);
        verifier.refuses(&[&verifier.file("flipped.json", flipped)], part);
    }
}

/// The same JSON, its members in the other order.
fn backwards(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let turned: Map<String, Value> =
                members.iter().rev().map(|(name, value)| (name.clone(), backwards(value))).collect();
            Value::Object(turned)
        }
        Value::Array(values) => Value::Array(values.iter().map(backwards).collect()),
        other => other.clone(),
    }
}

#[test]
fn how_a_container_is_written_changes_nothing() {
    let log = log();
    let verifier = Verifier::new(log["genesis"].as_str().unwrap());
    let roster = proof_file(&log, "the genesis");
    for file in [proof_file(&log, "a reinstatement"), docket_file(&log, 4)] {
        let told = |bytes: &[u8], roster: &[u8]| {
            let roster = verifier.file("roster.json", roster);
            verifier.verifies(&[&verifier.file("file.json", bytes), "--roster", &roster])
        };
        let written = told(file.to_string().as_bytes(), roster.to_string().as_bytes());
        let pretty = |value: &Value| serde_json::to_vec_pretty(&backwards(value)).unwrap();
        assert_ne!(pretty(&file), file.to_string().as_bytes());
        assert_eq!(told(&pretty(&file), &pretty(&roster)), written);
    }
}

/// What `callboard export` writes of the vectors' beginning.
async fn write_export(directory: &Path) -> String {
    let vectors: Value = serde_json::from_str(include_str!("../../federation/vectors/dockets.json")).unwrap();
    let database = Database::new(Engine::Sqlite, None).await;
    let now = database.lay(&vectors, vectors["beginning"].as_array().unwrap()).await;
    let issuer = vectors["issuer"].as_str().unwrap();
    let world = World::start(&database, issuer, &hex(&vectors["logKeySeed"]), now).await;
    export::write(world.ledger.store(), &world.ledger.published().newest.note, directory, |_, _| ()).await.unwrap();
    world.stop().await;
    database.drop().await;
    vectors["genesis"].as_str().unwrap().to_owned()
}

/// Whether the export is found whole; what else is found.
fn audited(directory: &Path, genesis: &str) -> Result<(), String> {
    let told = |difference: &dyn Debug| format!("{difference:?}");
    let found = Export::find(directory).ok_or("no export")?;
    let report = export::audit(&found, Some(genesis.parse().unwrap()), None, now()).map_err(|why| told(&why))?;
    let uncounted = report.dockets.iter().any(|docket| docket.breaks.is_some());
    if report.is_clean() && !uncounted { Ok(()) } else { Err(told(&report)) }
}

#[tokio::test]
async fn a_flipped_bit_of_an_export_is_found() {
    let verifier = Verifier::new("");
    let directory = verifier.directory.path().join("log");
    let verifier = Verifier { genesis: write_export(&directory).await, ..verifier };
    let place = directory.display().to_string();
    verifier.verifies(&[&place]);

    let read = |name: &str| fs::read(directory.join(name)).unwrap();
    let flip = |name: &str, bit: usize| {
        let mut bytes = read(name);
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(directory.join(name), bytes).unwrap();
    };
    let (checkpoint, feed) = (read("checkpoint"), read("feed.ndjson"));
    let [tile, bundle] = ["tile/0/000.p/8", "tile/entries/000.p/8"].map(|name| (name, read(name).len()));
    let body = checkpoint.windows(2).position(|window| window == b"\n\n").unwrap();
    let entry = behind(&feed, "\"index\":3,\"entry\":\"");
    let key = behind(&feed, "\"keyid\":\"");
    for (name, bit, part) in [
        ("checkpoint", behind(&checkpoint, "\n8\n"), "the checkpoint"),
        ("checkpoint", 0, "the checkpoint"),
        (tile.0, 40 * 8, "tile/0/000.p/8 is not that of the leaves"),
        (bundle.0, 40 * 8, "tile/entries/000.p/8 is not that of the leaves"),
        ("feed.ndjson", entry, "entry 3"),
        // The leaf holds the key ids too: with another one it is no line of this log.
        ("feed.ndjson", key, "entry 0: the envelope is not the one that the leaf says"),
    ] {
        flip(name, bit);
        verifier.refuses(&[&place], part);
        flip(name, bit);
    }
    verifier.verifies(&[&place]);

    for ((name, length), stride) in
        [(("checkpoint", body), 1), (tile, 5), (bundle, 23), (("feed.ndjson", feed.len()), 101)]
    {
        for byte in (0..length).step_by(stride) {
            let bit = byte * 8 + byte / stride % 8;
            flip(name, bit);
            assert!(audited(&directory, &verifier.genesis).is_err(), "{name}, byte {byte}, bit {}", bit % 8);
            flip(name, bit);
        }
    }
    assert_eq!(audited(&directory, &verifier.genesis), Ok(()));
}

/// A check's proof as anyone can make one, and the anchor that this key signs of it.
fn check_file(signer: &SigningKey, root: Option<Hash>, log_index: Option<u64>) -> Value {
    let line = br#"{"v":1,"id":"019c167f-cc00-7568-8a65-6cc0703e460a","answer":{"decision":"allow"}}"#;
    let own = leaf_hash(line);
    let anchor = Anchor {
        v: 1,
        member: "alpha".to_owned().try_into().unwrap(),
        size: 1,
        root: root.unwrap_or(own),
        at: "2026-05-01T01:00:00.000Z".parse().unwrap(),
    };
    let check = json!({"v": 1, "line": Base64(line.to_vec()), "index": 0, "size": 1, "root": own, "proof": []});
    let mut file = json!({"check": check, "anchor": anchor.sign(signer)});
    if let Some(index) = log_index {
        file["logIndex"] = index.into();
    }
    file
}

#[test]
fn a_check_without_its_anchor_in_the_log_is_never_said_to_be_verified() {
    let log = log();
    let verifier = Verifier::new(log["genesis"].as_str().unwrap());
    let receipts: Value = serde_json::from_str(include_str!("../../federation/vectors/receipts.json")).unwrap();
    let alpha = SigningKey::from_bytes(&hex(&receipts["seed"]));
    let members = verifier.file("members.json", proof_file(&log, "the members").to_string());
    let said = |file: &Value, arguments: &[&str]| {
        let path = verifier.file("check.json", file.to_string());
        let output = verifier.run(&[&[path.as_str()], arguments].concat());
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), told.split(' ').next().unwrap_or_default().to_owned(), told)
    };
    let mut bare = check_file(&alpha, None, None);
    drop(bare.as_object_mut().unwrap().remove("anchor"));
    let mut claims = bare.clone();
    claims["logIndex"] = json!(4);
    let (not_logged, logged) = (check_file(&alpha, None, None), check_file(&alpha, None, Some(4)));
    let with = ["--members", members.as_str()];
    let unanchored: [(&Value, &[&str]); 8] = [
        (&bare, &[]),
        (&bare, &with),
        (&claims, &[]),
        (&claims, &with),
        (&not_logged, &[]),
        (&not_logged, &with),
        // Signed by somebody, said to be logged, and held against nobody's key.
        (&logged, &[]),
        // Said to be logged, in an entry that is there, by the file alone.
        (&logged, &with),
    ];
    for (at, (file, arguments)) in unanchored.into_iter().enumerate() {
        let (code, word, told) = said(file, arguments);
        assert_eq!((code, word.as_str()), (Some(2), "unanchored"), "{at}: {told}");
        assert!(!told.contains("verified check") && !told.starts_with("verified"), "{at}: {told}");
    }
    // Another's key, and another root, are failures, and no matter of time.
    let stranger = check_file(&SigningKey::from_bytes(&[9; 32]), None, Some(4));
    let another = check_file(&alpha, Some(Hash::of(b"another")), Some(4));
    // A proof that the log holds another's anchor: of this log, and of nothing else.
    let (entry, text) = (&log["entries"][5]["entry"], log["checkpoint"].as_str().unwrap());
    let tree: Tree = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["leafHash"].as_str().unwrap().parse::<Hash>().unwrap())
        .collect();
    let inclusion = Inclusion::of(&tree, 5, 7).unwrap();
    let payloads = log["anchors"]["payloads"].as_array().unwrap().iter();
    let payloads: Vec<Hash> =
        payloads.map(|payload| Hash::of(&payload.as_str().unwrap().parse::<Base64>().unwrap().0)).collect();
    let line = Base64(entry.as_str().unwrap().into());
    let proof = Proof { inclusion, checkpoint: text.parse().unwrap() };
    let proof = AnchorProof::new(line, payloads.iter().copied(), &payloads[0], proof).unwrap();
    let mut stolen = check_file(&alpha, None, Some(5));
    stolen["logged"] = serde_json::to_value(&proof).unwrap();
    let mut elsewhere = stolen.clone();
    elsewhere["logIndex"] = json!(4);
    let mut unsigned = stolen.clone();
    drop(unsigned.as_object_mut().unwrap().remove("anchor"));
    let failing: [(&Value, &[&str], &str); 7] = [
        (&stolen, &with, "the anchor in the log: the entry holds other anchors"),
        (&elsewhere, &with, "the proof is of entry 5, the file says 4"),
        (&elsewhere, &[], "the proof is of entry 5, the file says 4"),
        (&unsigned, &with, "and has none"),
        (&stranger, &with, "the anchor"),
        (&another, &with, "the anchor is of another size or root than the check's"),
        (&another, &[], "the anchor is of another size or root than the check's"),
    ];
    for (file, arguments, part) in failing {
        let path = verifier.file("check.json", file.to_string());
        verifier.refuses(&[&[path.as_str()], arguments].concat(), part);
    }
    // A failure beside it outweighs what only waits.
    let (bare, another) = (verifier.file("bare.json", bare.to_string()), verifier.file("o.json", another.to_string()));
    for files in [[&*bare, &*another], [&*another, &*bare]] {
        assert_eq!(verifier.run(&files).status.code(), Some(1));
    }
}

#[test]
fn a_docket_whose_signatures_nobody_held_against_a_roster_is_unproven() {
    let log = log();
    let verifier = Verifier::new(log["genesis"].as_str().unwrap());
    let output = verifier.run(&[&verifier.file("docket.json", docket_file(&log, 4).to_string())]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.code() == Some(2) && told.starts_with("unproven "), "{told}");
}

#[test]
fn an_audit_fails_on_a_docket_in_the_log_that_does_not_count() {
    let vectors: Value = serde_json::from_str(include_str!("../../federation/vectors/replays.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    for (name, rule) in [
        ("two key ids swapped, as the leaf says too: it doesn't count", "signature-invalid"),
        ("payloadType altered, as the leaf says too: it doesn't count", "payload-type"),
    ] {
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("export");
        let mut writer = Writer::create(&place).unwrap();
        let mut tree = Tree::new();
        for line in vectors["beginning"].as_array().unwrap().iter().chain(case["disclosures"].as_array().unwrap()) {
            let shown = line.get("shown").unwrap_or(&line["handIn"]);
            let statement = |item: &Value| item.get("statement").unwrap_or(item).clone();
            let items: Vec<Value> = shown["items"].as_array().unwrap().iter().map(statement).collect();
            let mut fed = json!({
                "index": line["index"], "entry": line["entry"], "docket": shown["docket"], "items": items,
            });
            if let Some(publication) = shown.get("publication") {
                fed["publication"] = publication.clone();
            }
            let entry: Base64 = line["entry"].as_str().unwrap().parse().unwrap();
            writer.line(fed.to_string().as_bytes(), &entry.0).unwrap();
            tree.push(leaf_hash(&entry.0));
        }
        let origin = vectors["issuer"].as_str().unwrap().parse().unwrap();
        let checkpoint = Checkpoint { origin, size: tree.size(), root: tree.current_root() };
        let note = checkpoint.sign(&SigningKey::from_bytes(&hex(&vectors["logKeySeed"])));
        writer.finish([], &note).unwrap();
        let genesis = vectors["genesis"].as_str().unwrap();
        let run = |verb: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
            command.arg(verb).arg(&place).args(["--genesis", genesis]).output().unwrap()
        };
        let audit = run("audit");
        let (told, why) = (String::from_utf8_lossy(&audit.stdout), String::from_utf8_lossy(&audit.stderr));
        assert_eq!(audit.status.code(), Some(1), "{told}");
        assert!(told.contains(&format!(": doesn't count: {rule}\n")) && !told.contains("DIFFERS"), "{told}");
        assert!(why.contains("1 dockets that don't count"), "{why}");
        assert_eq!(run("verify").status.code(), Some(1));
    }
}
