//! A committee whose seats share no directory and no mail: a ruling is drafted, asked about, signed, stopped and
//! submitted by way of the registry, which can read nothing of it.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::json;

use crate::{
    heard::{Heard, shows_nothing},
    support::{PASSPHRASE, Sandbox, number},
};

const POLICY: &str = "streamer-warning-rules/2022";
const REASONS: &str = "直播中多次宣扬赌博";
const QUESTION: &str = "直播录像是否经当事人辨认？";
const REPLY: &str = "经辨认，笔录见卷宗第三册。";
const REFUSAL: &str = "本人与当事人相识，不宜签署。";

/// A seat at its own computer, which has its key and the pin.
pub(crate) struct Home {
    pub(crate) directory: PathBuf,
    key: String,
    proxy: String,
    clock: String,
}

impl Home {
    pub(crate) fn of(sandbox: &Sandbox, seat: &str, proxy: &str) -> Self {
        let directory = sandbox.kept(&format!("../homes/{seat}"));
        fs::create_dir_all(&directory).unwrap();
        let key = format!("{seat}.key");
        fs::copy(sandbox.kept(&format!("seats/{key}")), directory.join(&key)).unwrap();
        fs::copy(sandbox.kept("genesis.json"), directory.join("genesis.json")).unwrap();
        Self { directory, key, proxy: proxy.to_owned(), clock: format!("http://{}", sandbox.control()) }
    }

    /// The same, with nobody who listens.
    pub(crate) fn at(sandbox: &Sandbox, seat: &str) -> Self {
        Self::of(sandbox, seat, "")
    }

    fn typed(&self, arguments: &[&str], answers: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(arguments).args(["--key", &self.key, "--pin", "genesis.json", "--lang", "en"]);
        command.current_dir(&self.directory).env("CALLBOARD_PASSPHRASE", PASSPHRASE);
        command.env("CALLBOARD_CLOCK", &self.clock).env("HTTP_PROXY", &self.proxy).env("http_proxy", &self.proxy);
        command.env_remove("NO_PROXY").env_remove("no_proxy");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
        process.wait_with_output().unwrap()
    }

    #[track_caller]
    pub(crate) fn does(&self, arguments: &[&str]) -> String {
        self.answers(arguments, "")
    }

    #[track_caller]
    pub(crate) fn answers(&self, arguments: &[&str], answers: &str) -> String {
        let output = self.typed(arguments, answers);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out}{err}");
        format!("{out}{err}")
    }

    #[track_caller]
    pub(crate) fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.typed(arguments, "");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success(), "{arguments:?}: {out}{err}");
        format!("{out}{err}")
    }

    /// Its files but for those that it began with.
    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(&self.directory).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = files.filter(|file| *file != self.key && file != "genesis.json").collect();
        files.sort();
        files
    }
}

/// The id that a line begins with.
fn id_of(told: &str) -> String {
    told.lines().find_map(|line| line.split_whitespace().next().filter(|word| word.len() == 36)).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_is_drafted_signed_and_logged_without_a_file_between_its_seats_and_nobody_else_can_read_it() {
    let (mut sandbox, heard) = (Sandbox::start(&[]).await, Heard::default());
    let proxy = heard.before(&sandbox).await;
    let home = |seat| Home::of(&sandbox, seat, &proxy);
    let (secretary, panel, second, third, chair) =
        (home("secretary-1"), home("panel-1"), home("panel-2"), home("chair-2"), home("chair-1"));
    let person = number(1);
    let columns = "kind,identity,names,measure,scopes,term,violations,reasons";
    let sheet = format!("{columns}\ncn-id,{person},赵试一,suspension,live,5年,NB-11,{REASONS}\n");
    fs::write(secretary.directory.join("batch.csv"), sheet).unwrap();
    let case = id_of(&secretary.does(&["case", "open", "--policy", POLICY]));
    let proposal = "batch.proposal.bundle";
    secretary.does(&["draft", "batch.csv", "--policy", POLICY, "--case", &case, "--out", proposal]);
    sandbox.decides(&secretary.directory, "batch");
    let draft = id_of(&secretary.does(&["drafts", "send", "batch.bundle"]));
    assert_eq!(id_of(&secretary.does(&["drafts", "send", "batch.bundle"])), draft, "sent again it is the same");

    // It waits for whoever is asked; one asks back, and one refuses.
    assert!(panel.does(&["drafts"]).contains("waits for you"));
    panel.answers(&["drafts", "ask", &draft], &format!("{QUESTION}\n"));
    let read = secretary.does(&["drafts", "open", &draft]);
    assert!(read.contains("panel-1") && read.contains(QUESTION), "{read}");
    secretary.answers(&["drafts", "reply", &draft], &format!("{REPLY}\n"));
    assert!(panel.does(&["drafts", "open", &draft]).contains(REPLY));
    third.answers(&["drafts", "refuse", &draft], &format!("{REFUSAL}\n"));
    let told = chair.does(&["drafts", "open", &draft]);
    assert!(told.contains("chair-2  refused (for drafter and secretariat to read)"), "{told}");
    assert!(secretary.does(&["drafts", "open", &draft]).contains(REFUSAL));

    // Each reads the letter on its own computer, checked as always, and signs it.
    let read = panel.does(&["drafts", "sign", &draft, "--yes"]);
    assert!(read.contains("赵试一") && read.contains(REASONS), "{read}");
    let waits = secretary.refuses(&["drafts", "submit", &draft]);
    assert!(waits.contains("1 more of the chair") && waits.contains("chair-1"), "{waits}");
    assert!(!waits.contains("chair-2"), "who refused isn't waited for: {waits}");
    assert!(!waits.contains("of the panel"), "{waits}");
    panel.does(&["drafts", "withdraw", &draft, "--yes"]);
    assert!(secretary.refuses(&["drafts", "submit", &draft]).contains("1 more of the panel"));
    for seat in [&panel, &second, &chair] {
        seat.does(&["drafts", "sign", &draft, "--yes"]);
    }

    // For ten minutes anybody who is asked may stop it.
    let pause = "until";
    assert!(secretary.refuses(&["drafts", "submit", &draft]).contains(pause));
    third.does(&["drafts", "stop", &draft]);
    let minutes = async |sandbox: &Sandbox| {
        sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "601s"})).await;
    };
    minutes(&sandbox).await;
    assert!(secretary.refuses(&["drafts", "submit", &draft]).contains("stopped by chair-2"));
    third.does(&["drafts", "withdraw", &draft, "--yes"]);
    assert!(secretary.refuses(&["drafts", "submit", &draft]).contains(pause), "the minutes begin anew");
    minutes(&sandbox).await;
    let told = second.does(&["drafts", "submit", &draft]);
    assert!(told.contains("logged at index"), "whoever can open it may: {told}");

    // No file went from one to the other: what a home has, it made.
    let drafted = ["acknowledgements", "batch.bundle", "batch.csv", "batch.proposal.bundle", "log"];
    assert_eq!(secretary.files(), drafted);
    let submitted = [format!("draft-{draft}.docket.json"), format!("draft-{draft}.proofs"), "log".to_owned()];
    assert_eq!(second.files(), submitted);
    for (home, own) in [(&panel, &["log"][..]), (&chair, &["log"]), (&third, &[])] {
        assert_eq!(home.files(), own, "{}", home.key);
    }
    assert!(panel.does(&["drafts"]).contains("no drafts"));
    assert!(panel.does(&["drafts", "--all"]).contains("logged"));
    assert!(chair.refuses(&["drafts", "stop", &draft]).contains("takes no answers"));

    // Nothing of it can be read from what the registry heard, said or keeps.
    for said in [b"/v1/drafts".as_slice(), draft.as_bytes(), b"YWdlLWVuY3J5cHRpb24u"] {
        assert!(heard.has(said), "the traffic wasn't heard");
    }
    sandbox.end();
    let texts = [("number", person.as_str()), ("name", "赵试一"), ("reasons", REASONS), ("question", QUESTION)];
    shows_nothing(&heard, &sandbox, texts.into_iter().chain([("reply", REPLY), ("refusal", REFUSAL)])).await;
}
