//! A case from its opening to a docket in the log, by verbs alone: each seat at its own computer, with a recusal, a
//! challenge, sealed votes, an exception, and the clock moved over the window.

use std::fs;

use serde_json::json;

use crate::{
    drafts::Home,
    support::{Sandbox, number},
};

const POLICY: &str = "streamer-warning-rules/2022";
const REASONS: &str = "直播中多次宣扬赌博";

/// The id that a line begins with.
fn id_of(told: &str) -> String {
    told.lines().find_map(|line| line.split_whitespace().next().filter(|word| word.len() == 36)).unwrap().to_owned()
}

async fn moves(sandbox: &Sandbox, time: &str) {
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": time})).await;
}

/// The seats of a sandbox, and the case that they decide.
struct Parties {
    secretary: Home,
    panel: [Home; 2],
    chairs: [Home; 2],
    case: String,
}

impl Parties {
    /// The case is opened.
    fn of(sandbox: &Sandbox) -> Self {
        let home = |seat: &str| Home::at(sandbox, seat);
        let secretary = home("secretary-1");
        let case = id_of(&secretary.does(&["case", "open", "--policy", POLICY]));
        let (panel, chairs) = (["panel-1", "panel-2"].map(home), ["chair-1", "chair-2"].map(home));
        Self { secretary, panel, chairs, case }
    }

    fn seats(&self) -> [&Home; 4] {
        [&self.panel[0], &self.panel[1], &self.chairs[0], &self.chairs[1]]
    }

    #[track_caller]
    fn does(&self, home: &Home, verb: &str, more: &[&str]) -> String {
        home.does(&[&["case", verb, &self.case], more].concat())
    }

    #[track_caller]
    fn refuses(&self, home: &Home, verb: &str, more: &[&str]) -> String {
        home.refuses(&[&["case", verb, &self.case], more].concat())
    }

    /// What is put to the vote, in everyone's home.
    fn drafts(&self, name: &str) -> String {
        let columns = "kind,identity,names,measure,scopes,term,violations,reasons";
        let row =
            |person: usize, name: &str| format!("cn-id,{},{name},suspension,live,5年,NB-11,{REASONS}", number(person));
        let sheet = format!("{columns}\n{}\n{}\n", row(1, "赵试一"), row(2, "钱试二"));
        fs::write(self.secretary.directory.join("batch.csv"), sheet).unwrap();
        let told = self.secretary.does(&[
            "draft",
            "batch.csv",
            "--policy",
            POLICY,
            "--case",
            &self.case,
            "--hosts",
            "alpha",
            "--out",
            name,
        ]);
        for seat in self.seats() {
            fs::copy(self.secretary.directory.join(name), seat.directory.join(name)).unwrap();
        }
        told
    }

    /// The panel is named; a chair is recused from item 2, and a challenge is rejected.
    fn is_prepared(&self) {
        let Self { secretary, chairs, .. } = self;
        let drafted = self.drafts("first.bundle");
        assert!(drafted.contains("item 1 added") && drafted.contains("item 2 added"), "{drafted}");
        assert!(self.refuses(secretary, "panel", &["panel-1"]).contains("naming the panel isn't allowed"));
        self.does(&chairs[0], "panel", &["panel-1", "panel-2", "chair-1", "chair-2"]);
        fs::write(chairs[1].directory.join("why.txt"), "与当事人相识").unwrap();
        self.does(&chairs[1], "recuse", &["--items", "2", "--text-file", "why.txt"]);
        self.does(secretary, "challenge", &["panel-2", "--items", "1"]);
        assert!(self.refuses(&self.panel[1], "decide-challenge", &["--rejected"]).contains("recused"));
        self.does(&chairs[0], "decide-challenge", &["--rejected"]);
        fs::write(secretary.directory.join("proof.txt"), "delivered").unwrap();
        self.does(secretary, "notified", &["--items", "1-2", "--proof", "proof.txt"]);
        let early = self.refuses(&chairs[0], "session", &["first.bundle"]);
        assert!(early.contains("the time to answer lasts until"), "{early}");
        assert!(self.does(secretary, "show", &[]).contains("赵试一"), "the secretary reads what is sealed");
    }

    /// The panel sits: item 1 is carried, item 2 isn't.
    fn is_voted_on(&self) {
        let Self { panel, chairs, .. } = self;
        let told = self.drafts("final.bundle");
        assert!(told.contains("the case has all of its items"), "{told}");
        assert!(self.secretary.refuses(&["sign", "final.bundle"]).contains("not to be signed"));
        assert!(self.does(&panel[0], "read", &["final.bundle"]).contains(REASONS));
        self.does(&chairs[0], "session", &["final.bundle"]);
        for seat in self.seats() {
            self.does(seat, "present", &[]);
        }
        let other = self.refuses(&panel[0], "vote", &["--all", "for", "--proposal", "first.bundle"]);
        assert!(other.contains("isn't what is voted on"), "{other}");
        fs::write(panel[0].directory.join("reasons.txt"), "证据确凿").unwrap();
        self.does(&panel[0], "vote", &["--all", "for", "--proposal", "final.bundle", "--reasons", "reasons.txt"]);
        assert!(self.refuses(&panel[0], "open-vote", &[]).contains("not all have voted"));
        self.does(&panel[1], "vote", &["--all", "for", "--except", "2=against"]);
        self.does(&chairs[0], "vote", &["--all", "for", "--except", "2=abstain"]);
        let all = self.does(&chairs[1], "vote", &["--all", "for"]);
        assert!(all.contains("open your vote"), "{all}");
        for seat in self.seats() {
            self.does(seat, "open-vote", &[]);
        }
        let minutes = self.does(&panel[0], "minutes", &[]);
        assert!(minutes.contains("item 1: carried") && minutes.contains("item 2: not carried"), "{minutes}");
        assert!(minutes.contains("chair-2 recused"), "{minutes}");
    }

    /// What was carried is resolved, confirmed, drafted as a docket, signed and logged.
    async fn is_issued(&self, sandbox: &Sandbox) {
        let Self { secretary, panel, chairs, .. } = self;
        assert!(
            self.refuses(secretary, "docket", &["final.bundle", "--out", "early.bundle"]).contains("must be confirmed")
        );
        self.does(&panel[0], "resolve", &[]);
        self.does(&chairs[0], "confirm", &[]);
        let sent = self.does(secretary, "docket", &["final.bundle", "--send", "--out", "decided.bundle"]);
        assert!(sent.contains("1 statement"), "{sent}");
        let draft = &id_of(&sent);
        for seat in [&panel[0], &panel[1], &chairs[0]] {
            let read = seat.does(&["drafts", "sign", draft, "--yes"]);
            assert!(read.contains("赵试一") && !read.contains("钱试二"), "{read}");
        }
        moves(sandbox, "601s").await;
        assert!(secretary.does(&["drafts", "submit", draft]).contains("logged at index"));
        let shown = self.does(secretary, "show", &[]);
        assert!(shown.contains("is logged"), "{shown}");
        self.does(secretary, "close", &[]);
    }

    /// The decision is told though the case is closed, and appealed; nobody is left to hear that who had no part in it.
    fn is_appealed(&self) {
        let Self { secretary, case, .. } = self;
        let told = self.does(secretary, "decision-notified", &["--items", "1", "--proof", "proof.txt"]);
        assert!(told.contains("the decision was told to the subject"), "{told}");
        // Late in a year the calendar of the policy doesn't reach: then no day is guessed, and it is in time.
        let until = self.does(secretary, "show", &[]);
        assert!(until.contains("may be appealed until") || until.contains("no window to appeal"), "{until}");
        fs::write(secretary.directory.join("objection.txt"), "事实有误").unwrap();
        let objects = |items: &'static str, more: &[&'static str]| {
            [&["case", "open", "--appeal", case, "--items", items, "--paper"][..], more].concat()
        };
        assert!(secretary.refuses(&objects("2", &[])).contains("isn't logged yet"));
        let early = secretary.refuses(&objects("1", &["--filed", "2020-01-01"]));
        assert!(early.contains("before its decision was logged"), "{early}");
        let appeal = id_of(&secretary.does(&objects("1", &["--text-file", "objection.txt"])));
        assert!(secretary.refuses(&objects("1", &[])).contains("was appealed already"));
        assert!(
            secretary.refuses(&["case", "open", "--appeal", case]).contains("no appeal that was filed there waits")
        );
        let shown = secretary.does(&["case", "show", &appeal]);
        for says in [
            "no panel that shares nobody with the first can be formed",
            "have none in this: chair-1, chair-2, panel-1, panel-2",
            "draft and propose a stay for item 1",
            "事实有误",
        ] {
            assert!(shown.contains(says), "{says}: {shown}");
        }
        assert!(self.does(secretary, "show", &[]).contains(&format!("case {appeal} hears it")));
        secretary.does(&["case", "add-item", &appeal, "1", "--decides", "stay/ruling", "--name", "赵试一"]);
        let named = self.chairs[0].refuses(&["case", "panel", &appeal, "panel-1"]);
        assert!(named.contains("the seat is recused"), "{named}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_from_its_opening_to_a_logged_docket_by_verbs_alone() {
    let sandbox = Sandbox::start(&[]).await;
    let parties = Parties::of(&sandbox);
    parties.is_prepared();
    moves(&sandbox, "20d").await;
    parties.is_voted_on();
    parties.is_issued(&sandbox).await;
    parties.is_appealed();
    // Whoever audits has the whole chain, with the log's word for each event, and nothing that is sealed.
    let Parties { secretary, case, .. } = &parties;
    secretary.does(&["case", "export", case, "--out", "case.ndjson"]);
    let exported = fs::read_to_string(secretary.directory.join("case.ndjson")).unwrap();
    let kept = format!("acknowledgements/{case}.ndjson");
    let own = fs::read_to_string(secretary.directory.join(kept)).unwrap();
    assert!(own.lines().all(|line| exported.contains(line)), "what the secretary did is in it");
    assert!(exported.lines().count() > own.lines().count());
    assert!(!exported.contains("赵试一") && !exported.contains("YWdlLWVuY3J5cHRpb24"));
}
