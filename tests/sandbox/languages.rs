//! Every verb of the agent speaks the language that is asked for, beside an agent that runs and without one.

use std::fs;

use crate::{
    lists::Program,
    support::{Sandbox, number},
};

#[path = "../support/spoken.rs"]
mod spoken;

use spoken::is_spoken;

const LISTED: &str = "100000199001050013";
const CHECK: &str = "019c167f-cc00-7568-8a65-6cc0703e460a";
/// What the people of a sandbox are called.
const NAMED: &[&str] = &["沙盒", "SHAHE"];

const CALLS: &[&str] = &[
    "status",
    "doctor",
    "check --ref host-1 --identity-file listed.txt",
    "check --ref host-2 --identity-file wrong.txt",
    "check --ref host-2 --identity-file unknown.txt",
    "check --ref host-3 --identity-file nowhere",
    "check --ref host-4",
    "check list.csv --out answers.csv",
    "check list.csv --out answers.csv",
    "check bad.csv --out other.csv",
    "check nowhere.csv",
    "check",
    "enrol list.csv",
    "enrol bad.csv",
    "enrol",
    "refs",
    "refs host-1",
    "refs nobody",
    "refs --decision none",
    "replace host-1 --same",
    "replace nobody",
    "forget host-2",
    "forget nobody",
    "hook test",
    "endpoint list",
    "endpoint create ftp://nowhere",
    "endpoint create http://10.0.0.1/",
    "endpoint attempts 019c167f-cc00-7568-8a65-6cc0703e460a",
    "endpoint delete 019c167f-cc00-7568-8a65-6cc0703e460a",
    "endpoint pause none",
    "receipts",
    "receipts --owed",
    "receipts --before x",
    "receipt 0000000000000000000000000000000000000000000000000000000000000000 --outcome in-effect",
    "receipt 0000000000000000000000000000000000000000000000000000000000000000 --outcome partly --exception x",
    "receipt 0000 --outcome never",
    "declare",
    "declare 2099-Q1 --bans 3",
    "declare 2099-Q9 --bans 3",
    "declare 2020-Q1 --bans 3 --code NB-99=1",
    "open-blind --ref nobody",
    "prove --check 019c167f-cc00-7568-8a65-6cc0703e460a",
    "export log",
    "export log",
    "rotate",
    "leave",
    "leave --passphrase-file nowhere",
    "token",
    "run --passphrase-file nowhere",
    "nothing",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_of_the_agent_speaks_the_language_that_is_asked_for() {
    let mut sandbox = Sandbox::start(&[]).await;
    let worlds = ["zh-CN", "en"].map(|lang| (lang, tempfile::tempdir().unwrap()));
    for (lang, temporary) in &worlds {
        let dir = temporary.path();
        let person = number(7);
        for (name, text) in [
            ("listed.txt", format!("cn-id:{LISTED}\n")),
            ("wrong.txt", "cn-id:100000199001050014\n".to_owned()),
            ("unknown.txt", "king:1\n".to_owned()),
            ("list.csv", format!("ref,kind,identity,more\nhost-1,cn-id,{LISTED},x\nhost-2,cn-id,{person},x\n")),
            ("bad.csv", "ref,kind\nhost-1,king\n".to_owned()),
            ("passphrase", "sandbox\n".to_owned()),
        ] {
            fs::write(dir.join(name), text).unwrap();
        }
        let program = Program { sandbox: &sandbox, dir };
        for call in CALLS {
            let mut arguments: Vec<&str> = call.split(' ').collect();
            if ["rotate", "leave"].contains(call) {
                arguments.extend(["--passphrase-file", "passphrase"]);
            }
            let (_, said) = program.says(&[&arguments[..], &["--lang", lang]].concat(), b"");
            is_spoken(lang, call, &said, NAMED);
        }
    }
    sandbox.end();
    for (lang, temporary) in &worlds {
        let program = Program { sandbox: &sandbox, dir: temporary.path() };
        for call in ["status", "check --ref host-1 --identity-file listed.txt", "receipts", "refs", "hook test"] {
            let arguments: Vec<&str> = call.split(' ').collect();
            let (code, said) = program.says(&[&arguments[..], &["--lang", lang]].concat(), b"");
            is_spoken(lang, call, &said, NAMED);
            assert!(code == 1 && said.contains("127.0.0.1"), "{said}");
        }
        let (_, said) = program.says(&["prove", "--check", CHECK, "--lang", lang], b"");
        is_spoken(lang, "prove", &said, NAMED);
    }
}
