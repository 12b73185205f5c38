//! Seats of a sandbox, each with a home of its own, and the secretary at its terminal.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    desk::Opened,
    support::{PASSPHRASE, Sandbox, number, until},
};

const POLICY: &str = "streamer-warning-rules/2022";
pub(crate) const COLUMNS: &str = "kind,identity,names,measure,scopes,term,violations,reasons";

/// The home of a seat, with its key and the pin.
pub(crate) fn home(sandbox: &Sandbox, seat: &str) -> PathBuf {
    let directory = sandbox.kept(&format!("../homes/{seat}"));
    fs::create_dir_all(&directory).unwrap();
    let key = format!("{seat}.key");
    fs::copy(sandbox.kept(&format!("seats/{key}")), directory.join(&key)).unwrap();
    fs::copy(sandbox.kept("genesis.json"), directory.join("genesis.json")).unwrap();
    directory
}

/// What a seat types, at its home.
pub(crate) fn typed(sandbox: &Sandbox, seat: &str, arguments: &[&str]) -> Output {
    let key = format!("{seat}.key");
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(arguments).args(["--key", &key, "--pin", "genesis.json", "--lang", "en"]);
    command.current_dir(home(sandbox, seat)).env("CALLBOARD_PASSPHRASE", PASSPHRASE);
    command.env("CALLBOARD_CLOCK", clock(sandbox)).output().unwrap()
}

#[track_caller]
pub(crate) fn does(sandbox: &Sandbox, seat: &str, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = typed(sandbox, seat, arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{arguments:?}: {said}");
    said
}

/// Rows of three people: two suspended alike, and one barred.
pub(crate) fn three() -> String {
    let row = |at, name: &str, rest: &str| format!("cn-id,{},{name},{rest},NB-11,直播中多次宣扬赌博\n", number(at));
    let rows = row(1, "赵试一", "suspension,live,5年") + &row(2, "钱试二", "suspension,live,5年");
    rows + &row(3, "孙试三", "bar,live,永久")
}

/// The id in what is said.
fn id_in(said: &str) -> String {
    said.split_whitespace().find(|word| word.len() == 36).unwrap().to_owned()
}

/// The secretary puts these rows to the vote, and they are decided as drafted: `NAME.bundle`.
pub(crate) fn decided(sandbox: &Sandbox, name: &str, rows: &str, more: &[&str]) {
    let (secretary, sheet) = ("secretary-1", format!("{name}.csv"));
    let path = home(sandbox, secretary).join(&sheet);
    fs::write(&path, format!("{COLUMNS}\n{rows}")).unwrap();
    let case = id_in(&does(sandbox, secretary, &["case", "open", "--policy", POLICY]));
    let proposal = format!("{name}.proposal.bundle");
    let draft = ["draft", &sheet, "--policy", POLICY, "--case", &case, "--out", &proposal];
    does(sandbox, secretary, &[&draft, more].concat());
    sandbox.decides(&home(sandbox, secretary), name);
    // A sheet is its owner's to keep or not: it isn't the desk's.
    fs::remove_file(path).unwrap();
}

/// What a draft of the secretary's puts to the vote is decided, and sent to who is asked to sign; the draft's id.
pub(crate) fn decided_draft(sandbox: &Sandbox, proposal: &str) -> String {
    let (secretary, file) = ("secretary-1", format!("{proposal}.proposal.bundle"));
    does(sandbox, secretary, &["drafts", "open", proposal, "--out", &file]);
    sandbox.decides(&home(sandbox, secretary), proposal);
    id_in(&does(sandbox, secretary, &["drafts", "send", &format!("{proposal}.bundle")]))
}

/// The secretary sends what was decided of these rows to who is asked; the draft's id.
pub(crate) fn send(sandbox: &Sandbox, name: &str, rows: &str) -> String {
    decided(sandbox, name, rows, &[]);
    id_in(&does(sandbox, "secretary-1", &["drafts", "send", &format!("{name}.bundle")]))
}

/// The same, under a number.
pub(crate) fn send_numbered(sandbox: &Sandbox, name: &str, number: &str, rows: &str, more: &[&str]) -> String {
    decided(sandbox, name, rows, &[&["--number", number], more].concat());
    id_in(&does(sandbox, "secretary-1", &["drafts", "send", &format!("{name}.bundle")]))
}

/// These seats sign a draft at their terminals, and it is logged.
pub(crate) async fn logs(sandbox: &Sandbox, draft: &str, seats: &[&str]) {
    for seat in seats {
        does(sandbox, seat, &["drafts", "sign", draft, "--yes"]);
    }
    ten_minutes(sandbox).await;
    does(sandbox, "secretary-1", &["drafts", "submit", draft]);
}

/// A seat's desk, entered and unlocked.
pub(crate) async fn entered(sandbox: &Sandbox, seat: &str) -> Opened {
    let mut desk = Opened::at(&home(sandbox, seat), &["--clock", &clock(sandbox)]).await;
    desk.enter().await;
    assert_eq!(desk.unlock(&format!("{seat}.key"), PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    desk
}

/// Waits until a desk has verified the log: before that nothing is done in cases.
pub(crate) async fn verified(desk: &Opened) {
    until(async || desk.shows("/").await.text.contains("本机已核验登记册")).await;
}

pub(crate) fn clock(sandbox: &Sandbox) -> String {
    format!("http://{}", sandbox.control())
}

/// Ten minutes go by, and a second.
pub(crate) async fn ten_minutes(sandbox: &Sandbox) {
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "601s"})).await;
}
