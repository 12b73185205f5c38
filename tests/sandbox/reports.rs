//! A platform reports a violation; the secretariat asks back, asks whose another account is, and dismisses it with reasons
//! that the platform reads. Real programs, and a registry in between that can read nothing of it, nor write in
//! anybody's name.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use callboard_federation::{
    declaration::{self, MemberRecipient},
    encoding::{Time, to_json},
    members::MemberId,
};
use callboard_keys::age_file::FileIdentity;
use ed25519_dalek::SigningKey;
use sqlx::{Connection as _, SqliteConnection};

use crate::{
    agent::Agent,
    drafts::Home,
    heard::{Heard, shows_nothing},
    support::{PASSPHRASE, Sandbox, number, programs::programs, until},
};

const TEXT: &str = "直播中多次引导观众参与赌博";
const EVIDENCE: &str = "证据录像一.mp4";
const QUESTION: &str = "嘉宾的账号是哪一个？";
const ANSWER: &str = "嘉宾账号为第二个所列账号。";
const WHY_ASKED: &str = "请核实该账号的实名信息";
const REASON: &str = "所附证据不足以认定行为发生在本平台。";
const ORDER: &str = "禁止从业三年的刑事判决";

/// The platform's own machine: its agent, asked by its program.
struct Platform<'a> {
    sandbox: &'a Sandbox,
    directory: PathBuf,
}

impl Platform<'_> {
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.directory.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn typed(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(programs().join("callboard-agent"));
        command.args(arguments).arg("--config").arg(self.sandbox.member()).args(["--lang", "en"]);
        command.env("CALLBOARD_PASSPHRASE", PASSPHRASE).output().unwrap()
    }

    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        let output = self.typed(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out}{err}");
        format!("{out}{err}")
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.typed(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Reports a violation of an account; the report's code.
    fn reports(&self, account: &str, text: &str) -> String {
        let text = self.write(&format!("{account}.txt"), text);
        let typed = "report --code NB-11 --place speech --from 2026-01-20T20:00 --to 2026-01-20T20:40 --account";
        let typed: Vec<&str> = typed.split(' ').chain([account, "--text-file", &text]).collect();
        first_word(&self.does(&typed))
    }
}

fn first_word(told: &str) -> String {
    told.split_whitespace().next().unwrap().to_owned()
}

/// The platform, and the secretariat that it reports to.
struct Parties<'a> {
    platform: Platform<'a>,
    secretary: Home,
}

impl Parties<'_> {
    /// A file in the secretary's home, by its name there.
    fn secretary_writes<'n>(&self, name: &'n str, text: &str) -> &'n str {
        fs::write(self.secretary.directory.join(name), text).unwrap();
        name
    }

    /// The platform reports what happened, with a character that hides, and a script for whoever shows it; the code.
    fn is_reported(&self, host: &str) -> String {
        let platform = &self.platform;
        let text = platform.write("report.txt", &format!("{TEXT}\u{202e}<script>alert(1)</script>"));
        let identities = platform.write("hosts.txt", &format!("host-1 cn-id:{host}\n"));
        let evidence = format!("recording={}", platform.write(EVIDENCE, "recorded bytes"));
        let typed = "report --place speech --account host-1 --from 2026-01-20T20:00 --to 2026-01-20T20:40 --text-file";
        let typed: Vec<&str> = typed.split(' ').chain([text.as_str()]).collect();
        let more = ["--code", "NB-11", "--guest", "host-2", "--evidence", &evidence, "--ref", "2026-117"];
        let told = platform.does(&[&typed[..], &more, &["--identity-file", &identities]].concat());
        assert!(told.contains("received") && told.contains("due "), "{told}");
        let refused = platform.refuses(&[&typed[..], &["--code", "NB-99"]].concat());
        assert!(refused.contains("no policy in force has the violation NB-99"), "{refused}");
        first_word(&told)
    }

    /// The secretariat opens it, each character visible.
    fn is_read(&self, code: &str, host: &str) {
        assert!(self.secretary.does(&["reports"]).contains(code));
        let shown = self.secretary.does(&["reports", "show", code]);
        for said in [TEXT, "\\u{202e}<script>", host, EVIDENCE, "host-2", "2026-117"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        assert!(!shown.contains('\u{202e}'));
    }

    /// The secretariat asks back, and reads the answer.
    fn is_asked_about(&self, code: &str) {
        let Self { platform, secretary } = self;
        secretary.answers(&["reports", "ask", code], &format!("{QUESTION}\n"));
        assert!(platform.does(&["reports", "--open"]).contains("asked back"));
        assert!(platform.does(&["reports", "show", code]).contains(QUESTION));
        let answer = platform.write("answer.txt", ANSWER);
        platform.does(&["reports", "answer", code, "--text-file", &answer]);
        let again = platform.write("again.txt", "again");
        assert!(platform.refuses(&["reports", "answer", code, "--text-file", &again]).contains("nothing is asked"));
        assert!(secretary.does(&["reports", "show", code]).contains(ANSWER));
    }

    /// The secretariat asks whose another account is: the member sees that account, and no report.
    fn is_asked_whose_another_is(&self, code: &str, other: &str) {
        let Self { platform, secretary } = self;
        let why = self.secretary_writes("why.txt", WHY_ASKED);
        let asked = ["reports", "ask-identity", code, "--member", "alpha", "--account", "host-9", "--text-file", why];
        secretary.does(&asked);
        let question = platform.does(&["identity-requests"]);
        assert!(question.contains("host-9") && question.contains(WHY_ASKED) && !question.contains(TEXT), "{question}");
        let numbers = platform.write("numbers.txt", &format!("cn-id:{other}\n"));
        platform.does(&["identity-requests", "answer", &first_word(&question), "--identity-file", &numbers]);
        assert_eq!(platform.does(&["identity-requests"]), "");
        assert!(secretary.does(&["reports", "show", code]).contains(other));
    }

    /// It is dismissed, and the platform reads why.
    fn is_dismissed(&self, code: &str) {
        let Self { platform, secretary } = self;
        let reason = self.secretary_writes("reason.txt", REASON);
        assert!(secretary.does(&["reports", "dismiss", code, "--text-file", reason]).contains("dismissed"));
        assert!(platform.does(&["reports", "show", code]).contains(REASON));
        assert!(secretary.refuses(&["reports", "accept", code]).contains("accepted, dismissed or merged"));
    }

    /// One goes on as part of another, a record hit a stranger, and a court's order comes on paper; the first's code.
    async fn others_come(&self, sandbox: &Sandbox) -> String {
        let Self { platform, secretary } = self;
        let (first, second) = (platform.reports("host-3", TEXT), platform.reports("host-3", TEXT));
        assert!(secretary.does(&["reports", "merge", &second, "--into", &first]).contains("merged"));
        assert!(platform.does(&["reports", "show", &second]).contains("merged"));
        let record = sandbox.decide(sheet(&number(9))).await.remove(0);
        let text = platform.write("stranger.txt", TEXT);
        let arguments = ["report", "--not-this-person", &record, "--account", "host-4", "--text-file", &text];
        until(async || platform.typed(&arguments).status.success()).await;
        assert!(secretary.does(&["reports"]).contains("not this person"));
        let order = self.secretary_writes("order.txt", ORDER);
        let typed = "reports enter court --number 2026-1 --by 某法院 --on 2026-01-20 --text-file";
        let typed: Vec<&str> = typed.split(' ').chain([order]).collect();
        let order = secretary.does(&typed);
        assert!(secretary.does(&["reports", "show", &first_word(&order)]).contains(ORDER));
        first
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_asked_about_answered_and_dismissed_and_only_who_is_meant_can_read_any_of_it() {
    let (mut sandbox, heard) = (Sandbox::start(&["--without-agent"]).await, Heard::default());
    let proxy = heard.before(&sandbox).await;
    let mut agent = Agent::start(&sandbox, Some(&proxy));
    let ready = sandbox.url(2, "/readyz");
    until(async || sandbox.http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success())).await;
    let directory = sandbox.kept("../platform");
    fs::create_dir_all(&directory).unwrap();
    let secretary = Home::of(&sandbox, "secretary-1", &proxy);
    let parties = Parties { platform: Platform { sandbox: &sandbox, directory }, secretary };
    let (host, other) = (number(7), number(8));

    let code = parties.is_reported(&host);
    parties.is_read(&code, &host);
    let panel = Home::of(&sandbox, "panel-1", &proxy);
    assert!(panel.refuses(&["reports"]).contains("the secretariat alone"));
    parties.is_asked_about(&code);
    parties.is_asked_whose_another_is(&code, &other);
    parties.is_dismissed(&code);
    let first = parties.others_come(&sandbox).await;

    // A recipient that the registry put in the member's place is no member's word: nothing is encrypted to it.
    forge_recipient(&sandbox.kept("registry")).await;
    let refused = parties.secretary.refuses(&["reports", "dismiss", &first, "--text-file", "reason.txt"]);
    assert!(refused.contains("isn't signed with a key of it that is in force"), "{refused}");

    // Nothing of it can be read from what the registry heard, said or keeps; nor, of people, from what the agent keeps.
    for said in [b"/v1/reports".as_slice(), code.as_bytes(), b"YWdlLWVuY3J5cHRpb24u"] {
        assert!(heard.has(said), "the traffic wasn't heard");
    }
    agent.ends();
    sandbox.end();
    let texts = [("number", host.as_str()), ("another number", &other), ("text", TEXT), ("evidence", EVIDENCE)];
    let said = [("question", QUESTION), ("answer", ANSWER), ("why", WHY_ASKED), ("reason", REASON), ("order", ORDER)];
    shows_nothing(&heard, &sandbox, texts.into_iter().chain(said)).await;
    let book = fs::read(sandbox.kept("alpha/agent/book.sqlite")).unwrap();
    for secret in [host.as_bytes(), other.as_bytes(), TEXT.as_bytes(), REASON.as_bytes()] {
        assert!(!book.windows(secret.len()).any(|window| window == secret), "it lies in the agent's file");
    }
}

fn sheet(person: &str) -> String {
    format!(
        "kind,identity,names,measure,scopes,term,violations,reasons\ncn-id,{person},沙盒,bar,live,永久,NB-11,示例\n"
    )
}

/// Another's recipient stands in the registry's store as alpha's.
async fn forge_recipient(registry: &Path) {
    let forged = MemberRecipient {
        v: 1,
        member: MemberId::try_from("alpha".to_owned()).unwrap(),
        issuer: "sandbox.test".to_owned(),
        recipient: FileIdentity::generate().recipient().unwrap(),
        at: Time::from_seconds(4_000_000_000),
    };
    let envelope = to_json(&declaration::sign(&forged, &SigningKey::from_bytes(&[1; 32])));
    let address = format!("sqlite:{}", registry.join("registry.sqlite").display());
    let mut connection = SqliteConnection::connect(&address).await.unwrap();
    let changed = sqlx::query("UPDATE member_recipient SET envelope = $1 WHERE member = 'alpha'").bind(envelope);
    assert_eq!(changed.execute(&mut connection).await.unwrap().rows_affected(), 1);
    connection.close().await.unwrap();
}
