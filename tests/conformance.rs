//! Other languages against us: an auditor finds what ours finds, and third parties accept what we write.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use callboard_federation::{
    encoding::{Base64, PublicKey, ReportId},
    identity::{Identity, IdentityKind},
    report::follow::FollowCode,
    report_key::{
        ReportSecretKey,
        sealed::{self, SealedForKeys},
        under_key::{self, SealedUnderKey, SealingKey},
    },
    statement::{Act, Statement},
    tag::Epoch,
    token::{Blind, Evaluation, finalise},
};
use callboard_tokens::{Evaluate as _, TokenSecret};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

/// What `cargo xtask test` prepared; without it the test says that it is left out.
fn prepared(variable: &str) -> Option<String> {
    let prepared = std::env::var(variable).ok();
    if prepared.is_none() {
        eprintln!("left out: {variable} is not set; `cargo xtask test` prepares it");
    }
    prepared
}

fn callboard(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callboard")).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn auditors_that_are_not_ours_find_the_same_tree_signers_and_standings() {
    let Some(python) = prepared("CALLBOARD_CONFORMANCE_PYTHON") else { return };
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("story").display().to_string();
    text(&callboard(&["demo", "--once", "--keep", &kept]));

    let held = text(&callboard(&["audit", &kept]));
    let genesis = held.lines().find_map(|line| line.strip_prefix("genesis ")).unwrap();
    let export = format!("{kept}/export");
    assert_eq!(text(&callboard(&["audit", &export, "--genesis", genesis])), held);

    let audit = |genesis: &str| auditor(&python, "__main__.py", &[genesis, &export]);
    assert_eq!(text(&audit(genesis)), held, "line for line");
    assert!(held.matches("standing ").count() >= 9, "everyone of the story is there");

    // The texts of C2SP, as somebody else implemented them.
    let first = std::fs::read_to_string(format!("{export}/feed.ndjson")).unwrap();
    let first: Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    let statement: Base64 = first["items"][0].as_str().unwrap().parse().unwrap();
    let Act::Roster(roster) = Statement::from_json(&statement.0).unwrap().act else { panic!("entry 0 is a roster") };
    let mut tlog = Command::new(&python);
    tlog.args([&script("tlog.py"), &export, &roster.value.log[0].to_string()]);
    for proof in std::fs::read_dir(format!("{kept}/homes/secretary-1/batch.proofs")).unwrap() {
        tlog.arg(proof.unwrap().path());
    }
    assert!(text(&tlog.output().unwrap()).contains("8 proofs"), "aics-tlog accepts checkpoint, tiles and proofs");

    // What is changed after it was signed, or under another pin, is found.
    assert!(!audit(&genesis.replace(|c| c != '0', "0")).status.success());
    let feed = format!("{export}/feed.ndjson");
    let lines = std::fs::read_to_string(&feed).unwrap();
    let halved: String = lines.split_inclusive('\n').take(2).collect();
    std::fs::write(&feed, halved).unwrap();
    let shortened = audit(genesis);
    assert!(!shortened.status.success() && String::from_utf8_lossy(&shortened.stdout).contains("DIFFERS"));
}

/// Runs a part of the auditor in Python; what it prints.
fn auditor(python: &str, part: &str, arguments: &[&str]) -> Output {
    let part = script(&format!("auditor/{part}"));
    Command::new(python).arg("-B").arg(part).args(arguments).output().unwrap()
}

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../federation/vectors");

#[test]
fn the_auditor_in_python_takes_every_vector_as_it_is_told() {
    let Some(python) = prepared("CALLBOARD_CONFORMANCE_PYTHON") else { return };
    let played = auditor(&python, "vectors.py", &[VECTORS]);
    let said = String::from_utf8(played.stdout).unwrap();
    assert!(played.status.success() && said.lines().count() == 9, "{said}{}", String::from_utf8_lossy(&played.stderr));
}

#[test]
fn each_rule_refuses_a_docket_that_no_other_rule_refuses() {
    let Some(python) = prepared("CALLBOARD_CONFORMANCE_PYTHON") else { return };
    let played = auditor(&python, "alone.py", &[VECTORS]);
    let said = String::from_utf8(played.stdout).unwrap();
    assert!(played.status.success(), "{said}{}", String::from_utf8_lossy(&played.stderr));
    let page = include_str!("../docs/formats.md");
    let (_, table) = page.split_once("### 5.8 Words of the rules").unwrap();
    let (table, _) = table.split_once("## 6.").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let words =
        rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|word| word.contains('-') || *word == "issuer");
    let missing: Vec<&str> = words.filter(|word| !said.contains(&format!("{word}: "))).collect();
    assert!(missing.is_empty(), "words of the page that the auditor doesn't know: {missing:?}");
}

/// What an audit prints before it says what differs, and whether anything does.
fn facts(text: &str) -> (&str, bool) {
    let differs = text.find("DIFFERS");
    (&text[..differs.unwrap_or(text.len())], differs.is_some())
}

#[test]
fn two_auditors_say_the_same_of_logs_with_every_kind_of_fault() {
    let Some(python) = prepared("CALLBOARD_CONFORMANCE_PYTHON") else { return };
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().display().to_string();
    text(&auditor(&python, "logs.py", &[VECTORS, &place]));
    let mut exports: Vec<String> =
        std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path().display().to_string()).collect();
    exports.sort();
    let replays: Value = serde_json::from_str(include_str!("../federation/vectors/replays.json")).unwrap();
    let genesis = replays["genesis"].as_str().unwrap();
    let compare = |exports: &[String]| -> Vec<String> {
        let theirs = auditor(
            &python,
            "__main__.py",
            &[&[genesis], &*exports.iter().map(|path| &**path).collect::<Vec<_>>()].concat(),
        );
        let theirs = String::from_utf8(theirs.stdout).unwrap();
        let theirs: Vec<&str> = theirs.split("# ").skip(1).collect();
        assert_eq!(theirs.len(), exports.len());
        let pairs = exports.iter().zip(theirs);
        let mut faults = Vec::new();
        for (export, theirs) in pairs {
            let (_, theirs) = theirs.split_once('\n').unwrap();
            let ours = callboard(&["audit", export, "--genesis", genesis]);
            let clean = ours.status.success();
            let ours = String::from_utf8(ours.stdout).unwrap();
            let name = export.rsplit('/').next().unwrap();
            if facts(theirs) != facts(&ours) {
                let mut lines = theirs.lines().zip(ours.lines()).filter(|(theirs, ours)| theirs != ours);
                faults.push(format!("{name}: theirs, ours: {:?}", lines.next()));
            }
            if clean != (!ours.contains("doesn't count") && !facts(&ours).1) {
                faults.push(format!("{name}: what doesn't count, or differs, fails an audit"));
            }
        }
        faults
    };
    // Two at a time: each half has its own Python.
    let (first, second) = exports.split_at(exports.len() / 2);
    let faults = std::thread::scope(|scope| {
        let first = scope.spawn(|| compare(first));
        [compare(second), first.join().unwrap()].concat()
    });
    assert!(exports.len() > 200 && faults.is_empty(), "{}", faults.join("\n"));
}

/// Runs a tool that has nothing to complain of; what it prints.
fn is_content(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}\n{said}\n{complained}");
    said
}

#[test]
fn a_validator_and_three_generators_take_every_description_without_a_warning() {
    let (Some(python), Some(modules)) =
        (prepared("CALLBOARD_CONFORMANCE_PYTHON"), prepared("CALLBOARD_CONFORMANCE_NODE_MODULES"))
    else {
        return;
    };
    let (python, modules) = (Path::new(&python), Path::new(&modules));
    let made = tempfile::tempdir_in(modules.parent().unwrap()).unwrap();
    let at = |name: &str| made.path().join(name);
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    for name in ["callboard", "tokens", "agent"] {
        let document = root.join(format!("openapi/{name}.json"));
        is_content(Command::new(python).args(["-m", "openapi_spec_validator", "--errors", "all"]).arg(&document));

        // The generator formats what it writes with a program that stands beside it.
        let programs = python.parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut generate = Command::new(programs.join("openapi-python-client"));
        generate.args(["generate", "--fail-on-warning", "--meta", "none", "--path"]).arg(&document);
        generate.arg("--output-path").arg(at(name)).env("PATH", format!("{}:{path}", programs.display()));
        let said = is_content(&mut generate);
        assert!(!said.contains("WARNING"), "{name}: {said}");
        let operations = std::fs::read_to_string(&document).unwrap().matches("\"operationId\"").count();
        let described: Value = serde_json::from_str(&std::fs::read_to_string(&document).unwrap()).unwrap();
        let webhooks = described["webhooks"].as_object().map_or(0, serde_json::Map::len);
        let generated = walked(&at(name).join("api"));
        assert_eq!(generated, operations - webhooks, "{name}: an operation is lost");

        let mut types = Command::new("node");
        types
            .arg(modules.join("openapi-typescript/bin/cli.js"))
            .arg(&document)
            .arg("-o")
            .arg(at(&format!("{name}.ts")));
        is_content(&mut types);
    }

    std::fs::copy(root.join("tests/conformance/descriptions.ts"), at("descriptions.ts")).unwrap();
    let mut compile = Command::new("node");
    compile.arg(modules.join("typescript/bin/tsc")).arg(at("descriptions.ts")).current_dir(made.path());
    compile.args(["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"]);
    is_content(compile.args(["--module", "nodenext", "--target", "es2024", "--types", "node"]));

    let mut lint = Command::new("node");
    lint.arg(modules.join("@redocly/cli/bin/cli.js")).args(["lint", "--format", "json", "--config", "redocly.yaml"]);
    lint.args(["callboard.json", "tokens.json", "agent.json"]).current_dir(root.join("openapi"));
    lint.envs([("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")]);
    let said = is_content(&mut lint);
    let reports: Vec<Value> = serde_json::Deserializer::from_str(&said).into_iter().collect::<Result<_, _>>().unwrap();
    let none = json!({"errors": 0, "warnings": 0, "ignored": 0});
    assert!(reports.len() == 3 && reports.iter().all(|report| report["totals"] == none), "{said}");
}

#[test]
fn a_browser_and_a_desk_open_what_the_other_sealed() {
    let Some(_) = prepared("CALLBOARD_CONFORMANCE_NODE_MODULES") else { return };
    let mut rng = StdRng::seed_from_u64(17);
    let [secret, other] = [ReportSecretKey::generate(&mut rng), ReportSecretKey::generate(&mut rng)];
    let id: ReportId = "019c167f-cc00-7568-8a65-6cc0703e460a".parse().unwrap();
    let name = id.to_string();
    let (key, nonce) = (SealingKey::generate(&mut rng), [5; 12]);
    let words = ["callboard/follow-words/v1", name.as_str()];
    let content = json!({"v": 1, "of": "桌面", "long": "x".repeat(1_000)});
    let keys = [other.public(), secret.public()];
    let sealed = sealed::seal(content.to_string().as_bytes(), &name, &keys, &mut rng).unwrap();
    let said = json!({"text": "请补充"});
    let under = under_key::seal(said.to_string().as_bytes(), &key, &words, &mut rng).unwrap();
    let file = vec![0xf7; 5_000];
    let of_file = under_key::seal_file(&file, &key, &nonce, &name, 0).unwrap();
    let code = FollowCode::from_bytes([0xa5; 16]);
    let asked = json!({
        "secret": Base64(secret.to_bytes().to_vec()), "publicKey": secret.public(), "id": id, "sealed": sealed,
        "key": key, "under": under, "code": code.to_string(),
        "file": {"nonce": Base64(nonce.to_vec()), "number": 0, "length": file.len(), "sealed": Base64(of_file)},
    });

    let mut node = Command::new("node");
    let mut node = node.arg(script("seal.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(node.stdin.take().unwrap(), "{asked}").unwrap();
    let answer: Value = serde_json::from_str(&text(&node.wait_with_output().unwrap())).unwrap();

    assert_eq!(answer["opened"], content);
    assert_eq!(answer["under"], said);
    assert_eq!(answer["file"], json!(Base64(file.clone())));
    assert_eq!(answer["follow"], json!({"id": code.id(), "key": code.key(id)}));
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let theirs: SealedForKeys = serde_json::from_value(answer["sealed"].clone()).unwrap();
    let opened = read(&theirs.open(&name, std::slice::from_ref(&secret)).unwrap());
    assert_eq!((opened["of"].as_str(), theirs.keys.len()), (Some("浏览器"), 1));
    let theirs: SealedUnderKey = serde_json::from_value(answer["sealedUnder"].clone()).unwrap();
    assert_eq!(read(&theirs.open(&key, &words).unwrap()), json!({"text": "答复"}));
    let theirs: Base64 = answer["sealedFile"].as_str().unwrap().parse().unwrap();
    assert_eq!(*under_key::open_file(&theirs.0, &key, &nonce, (&name, 1), file.len()).unwrap(), file);
}

#[test]
fn the_verifier_of_the_page_takes_what_ours_takes_and_refuses_each_flipped_bit() {
    let Some(_) = prepared("CALLBOARD_CONFORMANCE_NODE_MODULES") else { return };
    let at = |path: &str| format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    let mut node = Command::new("node");
    node.arg(script("verify.mjs")).args([at("web/verify"), at("federation/vectors/entries.json")]);
    let said = text(&node.output().unwrap());
    assert!(said.starts_with("6 proofs, 20 refused, "), "{said}");
}

/// How many operations there are in generated Python.
fn walked(api: &Path) -> usize {
    let of = |entry: std::fs::DirEntry| match entry.file_name().to_string_lossy().as_ref() {
        "__init__.py" | "__pycache__" => 0,
        _ if entry.path().is_dir() => walked(&entry.path()),
        _ => 1,
    };
    std::fs::read_dir(api).unwrap().map(|entry| of(entry.unwrap())).sum()
}

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Identities of people who don't exist become the same tags in another language: made there alone, and evaluated here.
fn gives_our_tags(mut peer: Command) {
    let vectors = vectors(include_str!("../federation/vectors/token-key.json"));
    let key = &vectors["keys"][0];
    let seed: [u8; 32] = hex::decode(vectors["seed"].as_str().unwrap()).unwrap().try_into().unwrap();
    let epoch = Epoch::new(key["epoch"].as_u64().unwrap()).unwrap();
    let secret = TokenSecret::derive(&seed, key["issuer"].as_str().unwrap(), epoch).unwrap();
    let identities = vectors_of_identities();
    let inputs: Vec<Vec<u8>> = identities.iter().map(|identity| identity.prf_input().to_vec()).collect();
    let mut rng = StdRng::seed_from_u64(1);
    let blinds: Vec<Blind> = inputs.iter().map(|_| Blind::draw(&mut rng)).collect();
    let batch: Vec<[u8; 32]> = inputs.iter().zip(&blinds).map(|(input, blind)| blind.blind(input).unwrap()).collect();
    let answer = secret.evaluate(&batch, &mut rng).unwrap();
    let evaluated = Evaluation::read(&secret.public(), &batch, &answer).unwrap();
    let pairs: Vec<(&[u8], &Blind)> = inputs.iter().map(Vec::as_slice).zip(&blinds).collect();
    let ours: Vec<String> = finalise(&pairs, &evaluated)
        .unwrap()
        .iter()
        .map(|(tag, seal)| format!("{tag}{}", hex::encode(seal.as_bytes())))
        .collect();

    let mut child = peer.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut line = || {
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        serde_json::from_str::<Value>(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    let public = hex::encode(secret.public().as_bytes());
    let asked = json!({
        "seed": hex::encode(seed), "info": key["info"], "public": public,
        "inputs": inputs.iter().map(hex::encode).collect::<Vec<_>>(),
    });
    writeln!(to, "{asked}").unwrap();
    let first = line();
    assert_eq!(first["public"], public.as_str(), "the same key from the same seed");
    assert_eq!(first["alone"], json!(ours), "the same tags and seal keys, made there alone");
    let theirs: Vec<[u8; 32]> = first["blinded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| hex::decode(point.as_str().unwrap()).unwrap().try_into().unwrap())
        .collect();
    let answer = secret.evaluate(&theirs, &mut rng).unwrap();
    writeln!(to, "{}", json!({"answer": hex::encode(answer)})).unwrap();
    assert_eq!(line()["outputs"], json!(ours), "the same, with our evaluation and our proof");
    assert!(child.wait().unwrap().success());
}

fn vectors_of_identities() -> Vec<Identity> {
    let vectors = vectors(include_str!("../federation/vectors/identities.json"));
    let read = |case: &Value| {
        let kind = IdentityKind::from_word(case["kind"].as_str().unwrap()).unwrap();
        Identity::normalise(kind, case["raw"].as_str().unwrap(), case["confirmed"] == true).unwrap()
    };
    vectors["valid"].as_array().unwrap().iter().map(read).collect()
}

fn script(name: &str) -> String {
    format!("{}/../tests/conformance/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn voprf_in_python_gives_our_tags() {
    let Some(python) = prepared("CALLBOARD_CONFORMANCE_PYTHON") else { return };
    let mut peer = Command::new(python);
    peer.arg(script("tags.py"));
    gives_our_tags(peer);
}

#[test]
fn noble_curves_in_javascript_give_our_tags() {
    if prepared("CALLBOARD_CONFORMANCE_NODE_MODULES").is_none() {
        return;
    }
    let mut peer = Command::new("node");
    peer.arg(script("tags.mjs"));
    gives_our_tags(peer);
}

#[test]
fn securesystemslib_verifies_a_docket_and_sees_a_changed_bit() {
    let Some(python) = prepared("CALLBOARD_CONFORMANCE_PYTHON") else { return };
    let vectors = vectors(include_str!("../federation/vectors/dockets.json"));
    let roster: Value = serde_json::from_str(vectors["rosters"]["one"].as_str().unwrap()).unwrap();
    let keys: serde_json::Map<String, Value> = roster["seats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seat| {
            let key: PublicKey = seat["publicKey"].as_str().unwrap().parse().unwrap();
            (key.id().to_string(), seat["publicKey"].clone())
        })
        .collect();
    let case = vectors["cases"].as_array().unwrap().iter().find(|case| case["accepted"] == true).unwrap();
    let asked = json!({"envelope": case["handIn"]["docket"], "keys": keys, "threshold": 3});
    let mut peer = Command::new(python);
    let mut child = peer.arg(script("dsse.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    assert!(text(&child.wait_with_output().unwrap()).contains("keys signed"));
}
