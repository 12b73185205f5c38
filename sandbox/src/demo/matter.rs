//! Three matters from how each began to the docket that is signed: what a platform reports, a return, a wrong name. Panel and
//! recusal, notice and the time to answer, sealed votes, resolution, confirmation; each act is a seat's own.

use std::fs;

use anyhow::{Context as _, ensure};
use callboard_federation::{language::Phrase, zh_en};
use serde_json::{Value, json};

use super::{
    DRAFTER, POLICY,
    demo_env::DemoEnv,
    expect,
    people::{self, Person},
    platforms::Platforms,
    push::AT_ONCE,
    record_of,
};

/// The seat whose holder works for the platform that reports.
pub(super) const WORKS_FOR_ALPHA: &str = "panel-4";
const PANEL: [&str; 3] = ["panel-1", "panel-2", "panel-3"];
const CHAIR: &str = "chair-1";

/// A case, and what it is called in files: `NAME.proposal.bundle` is voted on, `NAME.bundle` made of it.
struct Matter {
    case: String,
    name: &'static str,
}

/// Decides all three; the platforms, which go on afterwards.
pub(super) fn decide(env: &mut DemoEnv, platforms: Platforms, cast: &[Person]) -> anyhow::Result<Platforms> {
    let matters = begin(env, &platforms, cast)?;
    let platforms = wait(env, platforms, &matters)?;
    vote(env, &matters)?;
    env.cases = matters.into_iter().map(|matter| matter.case).collect();
    Ok(platforms)
}

/// How each began.
fn begin(env: &mut DemoEnv, platforms: &Platforms, cast: &[Person]) -> anyhow::Result<Vec<Matter>> {
    let mut matters = Vec::new();
    env.step(
        Phrase::new(
            "一家平台举报，秘书处立案，合议组组成；任职于该平台的委员回避",
            "A platform reports, a case is opened, a panel named; who works for that platform is recused",
        ),
        |env| {
            let report = report(env, platforms, &cast[8])?;
            let matter = Matter::open(env, "urgent", &["--policy", AT_ONCE, "--report", &report])?;
            let biased = matter.takes(env, CHAIR, "panel", &["panel-1", "panel-2", WORKS_FOR_ALPHA]);
            ensure!(
                biased.is_err_and(|error| format!("{error:#}").contains("the seat is recused")),
                "who works for the platform that reports may decide"
            );
            matter.takes(env, CHAIR, "panel", &PANEL)?;
            env.write(DRAFTER, "urgent.csv", people::sheet(std::slice::from_ref(&cast[8])).as_bytes())?;
            matter.is_drafted(env, &["urgent.csv", "--policy", AT_ONCE, "--hosts", "alpha"])?;
            let shown = matter.takes(env, DRAFTER, "show", &[])?;
            ensure!(shown.contains(&cast[8].name), "the secretariat does not read whom the case is about: {shown}");
            matters.push(matter);
            env.checked(zh_en!(
                "举报{report}在平台加密，只有秘书处能打开；案件的每一步由采取者签名，由登记系统确认收到",
                "report {report} was encrypted at the platform, for the secretariat alone; each act is signed by who takes \
                 it, and acknowledged by the log"
            ))
        },
    )?;
    env.step(
        Phrase::new(
            "一人申请复出，另有一项决定当事人有误：各立一案",
            "One person applies to return, and a wrong name is found: each has a case",
        ),
        |env| {
            let matter = Matter::open(env, "return", &["--policy", AT_ONCE])?;
            let record = record_of(&expect(env, &cast[1], "suspended", "refuse")?)?;
            let (probation, from) = (people::in_a_year()?, ["--from", "batch.bundle"]);
            let until = ["--probation", &probation, "--policy", AT_ONCE];
            matter.is_drafted(env, &[&["reinstate", &record], &from[..], &until].concat())?;
            matter.takes(env, CHAIR, "panel", &PANEL)?;
            matters.push(matter);
            let matter = Matter::open(env, "correction", &["--policy", POLICY])?;
            let record = record_of(&expect(env, &cast[4], "suspended", "refuse")?)?;
            env.write(DRAFTER, "right.csv", people::sheet(std::slice::from_ref(&cast[9])).as_bytes())?;
            matter.is_drafted(env, &[&["replace", &record, "--with", "right.csv"], &from[..]].concat())?;
            matter.takes(env, CHAIR, "panel", &PANEL)?;
            matters.push(matter);
            env.checked(Phrase::new(
                "撤销和改正是同一文书中的两项",
                "annulment and correction are two items of one docket",
            ))
        },
    )?;
    Ok(matters)
}

/// Those whom it burdens are told, and have time to answer; the platforms go on afterwards.
fn wait(env: &mut DemoEnv, platforms: Platforms, matters: &[Matter]) -> anyhow::Result<Platforms> {
    let mut running = None;
    env.step(
        Phrase::new(
            "通知送达；申辩期未满，合议组不能开会",
            "Notice is delivered; until the time to answer is over the panel can't sit",
        ),
        |env| {
            env.write(DRAFTER, "delivered.txt", "平台站内信回执".as_bytes())?;
            // A return burdens nobody, so nobody has to be heard on it.
            for (matter, items) in [(&matters[0], "1"), (&matters[2], "1-2")] {
                matter.takes(env, DRAFTER, "notified", &["--items", items, "--proof", "delivered.txt"])?;
                let early = matter.takes(env, DRAFTER, "session", &[&matter.proposal()]);
                let early = early.err().map(|error| format!("{error:#}")).unwrap_or_default();
                ensure!(
                    early.contains("the time to answer lasts until"),
                    "the panel sits before the time to answer is over: {early}"
                );
            }
            env.checked(Phrase::new(
                "申辩期按规则的工作日历计算",
                "the time to answer runs in working days of the policy's calendar",
            ))
        },
    )?;
    env.step(
        Phrase::new("时钟拨快数周：申辩期届满", "The clock is set weeks ahead: the time to answer is over"),
        |env| {
            platforms.stop();
            env.come_to_today()?;
            running = Some(Platforms::start(env)?);
            env.checked(Phrase::new(
                "登记系统、身份代码服务和会员端照常继续",
                "registry, token service and agents go on where they were",
            ))
        },
    )?;
    running.context("no agent runs")
}

/// What is drafted becomes dockets.
fn vote(env: &mut DemoEnv, matters: &[Matter]) -> anyhow::Result<()> {
    env.step(
        Phrase::new("合议组开会，三票密封后一并公开", "The panel sits: three votes are sealed, then opened together"),
        |env| {
            matters[0].is_voted_on(env, ["for", "for", "against"])?;
            matters[1..].iter().try_for_each(|matter| matter.is_voted_on(env, ["for"; 3]))?;
            env.checked(Phrase::new(
                "两票赞成、一票反对：通过；密封期间谁也看不到别人的票",
                "two in favour, one against: carried; while they were sealed nobody saw another's vote",
            ))
        },
    )?;
    env.step(
        Phrase::new(
            "形成决议，主任委员确认，文书由决议生成",
            "It is resolved and confirmed, and the docket made of it",
        ),
        |env| {
            matters.iter().try_for_each(|matter| matter.is_resolved(env))?;
            env.checked(Phrase::new(
                "文书与决议有一字之差，登记系统和每台签署台都会拒绝",
                "with one character other than resolved, the registry and each signer's desk refuse it",
            ))
        },
    )
}

/// The cases are closed once their dockets are logged, and given to whoever audits: the files.
pub(super) fn close(env: &DemoEnv) -> anyhow::Result<Vec<String>> {
    let close = |case: &String| {
        let shown = env.seat(DRAFTER, &["case", "show", case])?;
        ensure!(shown.contains("is logged"), "the case does not know its docket: {shown}");
        env.seat(DRAFTER, &["case", "close", case])?;
        let file = format!("{case}.ndjson");
        let out = env.directory.join(&file).display().to_string();
        env.seat(DRAFTER, &["case", "export", case, "--out", &out])?;
        Ok(file)
    };
    env.cases.iter().map(close).collect()
}

impl Matter {
    fn open(env: &DemoEnv, name: &'static str, how: &[&str]) -> anyhow::Result<Self> {
        let opened = env.seat(DRAFTER, &[&["case", "open"], how].concat())?;
        let case = opened.split_whitespace().find(|word| word.len() == 36).context("no case is opened")?;
        Ok(Self { case: case.to_owned(), name })
    }

    fn proposal(&self) -> String {
        format!("{}.proposal.bundle", self.name)
    }

    /// A seat takes an act in it.
    fn takes(&self, env: &DemoEnv, seat: &str, act: &str, more: &[&str]) -> anyhow::Result<String> {
        env.seat(seat, &[&["case", act, &self.case], more].concat())
    }

    /// What is to be voted on is drafted, and everyone of the panel has it.
    fn is_drafted(&self, env: &DemoEnv, draft: &[&str]) -> anyhow::Result<()> {
        let out = self.proposal();
        env.seat(DRAFTER, &[&["draft"], draft, &["--case", &self.case, "--out", &out]].concat())?;
        for seat in PANEL {
            fs::copy(env.home(DRAFTER).join(&out), env.home(seat).join(&out))?;
        }
        Ok(())
    }

    fn is_voted_on(&self, env: &DemoEnv, votes: [&str; PANEL.len()]) -> anyhow::Result<()> {
        let proposal = self.proposal();
        self.takes(env, DRAFTER, "session", &[&proposal])?;
        for seat in PANEL {
            self.takes(env, seat, "present", &[])?;
        }
        for (seat, vote) in PANEL.into_iter().zip(votes) {
            ensure!(self.takes(env, seat, "open-vote", &[]).is_err(), "a vote is opened before it is sealed");
            self.takes(env, seat, "vote", &["--all", vote, "--proposal", &proposal])?;
        }
        for seat in PANEL {
            self.takes(env, seat, "open-vote", &[])?;
        }
        let minutes = self.takes(env, PANEL[0], "minutes", &[])?;
        ensure!(minutes.contains("item 1: carried"), "it isn't carried: {minutes}");
        Ok(())
    }

    fn is_resolved(&self, env: &DemoEnv) -> anyhow::Result<()> {
        let (proposal, out) = (self.proposal(), format!("{}.bundle", self.name));
        let docket = [&proposal, "--out", &out];
        self.takes(env, PANEL[0], "resolve", &[])?;
        let early = self.takes(env, DRAFTER, "docket", &docket);
        ensure!(
            early.is_err_and(|error| format!("{error:#}").contains("must be confirmed")),
            "a docket is made before the chairs confirmed"
        );
        self.takes(env, CHAIR, "confirm", &[])?;
        self.takes(env, DRAFTER, "docket", &docket).map(drop)
    }
}

/// What the platform saw; the code by which the report is known.
fn report(env: &DemoEnv, platforms: &Platforms, streamer: &Person) -> anyhow::Result<String> {
    let hours_ago = |hours: i64| env.now().plus_hours(-hours);
    let report = json!({
        "codes": ["NB-11"], "places": ["speech"], "happenedFrom": hours_ago(3), "happenedTo": hours_ago(2),
        "description": "直播中多次宣扬赌博；经两次告诫后再犯。",
        "subjects": [{"account": "host-9", "role": "host", "nickname": streamer.name,
            "identities": [{"kind": "cn-id", "value": streamer.number}]}],
    });
    let filed: Value = platforms.ask("alpha", "/reports", &report)?;
    let [id, code] = ["id", "code"].map(|word| filed[word].as_str().unwrap_or_default());
    let way = format!("/reports/{id}");
    let is_there = || platforms.look("alpha", &way).is_ok_and(|filed| filed.get("state").is_some());
    env.wait_for("a report at the registry", is_there)?;
    Ok(code.to_owned())
}
