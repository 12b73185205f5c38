//! A matter from a platform's report to what the panel resolved: the panel and who is recused from it, notice and the time to
//! answer, sealed votes, confirmation. Each act is a seat's own.

use std::fs;

use anyhow::{Context as _, ensure};
use callboard_federation::{language::Phrase, zh_en};
use serde_json::{Value, json};

use super::{
    DRAFTER,
    demo_env::DemoEnv,
    people::{self, Person},
    platforms::Platforms,
};

/// The seat whose holder works for the platform that reports.
pub(super) const WORKS_FOR_ALPHA: &str = "panel-4";
const PANEL: [&str; 3] = ["panel-1", "panel-2", "panel-3"];
const CHAIR: &str = "chair-1";

/// What is put to the vote, and the docket that is made of what was resolved.
const PROPOSAL: &str = "urgent.proposal.bundle";
const DOCKET: &str = "urgent.bundle";

/// What a platform reports is decided under this policy; the platforms, which go on afterwards.
pub(super) fn decide(
    env: &mut DemoEnv,
    platforms: Platforms,
    streamer: &Person,
    policy: &str,
) -> anyhow::Result<Platforms> {
    let (mut case, mut running) = (String::new(), None);
    env.step(
        Phrase::new(
            "一家平台举报，秘书处立案，合议组组成；任职于该平台的委员回避",
            "A platform reports, a case is opened, a panel named; who works for that platform is recused",
        ),
        |env| {
            let report = report(env, &platforms, streamer)?;
            let opened = env.seat(DRAFTER, &["case", "open", "--policy", policy, "--report", &report])?;
            case = opened.split_whitespace().find(|word| word.len() == 36).context("no case is opened")?.to_owned();
            let name = ["case", "panel", &case];
            let biased = env.seat(CHAIR, &[&name[..], &PANEL[..2], &[WORKS_FOR_ALPHA]].concat());
            ensure!(
                biased.is_err_and(|error| format!("{error:#}").contains("the seat is recused")),
                "who works for the platform that reports may decide"
            );
            env.seat(CHAIR, &[&name[..], &PANEL].concat())?;
            env.write(DRAFTER, "urgent.csv", people::sheet(std::slice::from_ref(streamer)).as_bytes())?;
            let draft = ["draft", "urgent.csv", "--policy", policy, "--case", &case, "--hosts", "alpha", "--out", PROPOSAL];
            env.seat(DRAFTER, &draft)?;
            for seat in PANEL {
                fs::copy(env.home(DRAFTER).join(PROPOSAL), env.home(seat).join(PROPOSAL))?;
            }
            let shown = env.seat(DRAFTER, &["case", "show", &case])?;
            ensure!(shown.contains(&streamer.name), "the secretariat does not read whom the case is about: {shown}");
            env.checked(zh_en!(
                "举报{report}在平台加密，只有秘书处能打开；案件的每一步由采取者签名，由登记系统确认收到",
                "report {report} was encrypted at the platform, for the secretariat alone; each act is signed by who takes \
                 it, and acknowledged by the log"
            ))
        },
    )?;
    env.step(
        Phrase::new(
            "通知送达；申辩期未满，合议组不能开会",
            "Notice is delivered; until the time to answer is over the panel can't sit",
        ),
        |env| {
            env.write(DRAFTER, "delivered.txt", "平台站内信回执".as_bytes())?;
            env.seat(DRAFTER, &["case", "notified", &case, "--items", "1", "--proof", "delivered.txt"])?;
            let early = env.seat(DRAFTER, &["case", "session", &case, PROPOSAL]);
            ensure!(
                early.is_err_and(|error| format!("{error:#}").contains("the time to answer lasts until")),
                "the panel sits before the time to answer is over"
            );
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
    env.step(
        Phrase::new("合议组开会，三票密封后一并公开", "The panel sits: three votes are sealed, then opened together"),
        |env| {
            env.seat(DRAFTER, &["case", "session", &case, PROPOSAL])?;
            for seat in PANEL {
                env.seat(seat, &["case", "present", &case])?;
            }
            for (seat, vote) in PANEL.iter().zip(["for", "for", "against"]) {
                ensure!(env.seat(seat, &["case", "open-vote", &case]).is_err(), "a vote is opened before it is sealed");
                env.seat(seat, &["case", "vote", &case, "--all", vote, "--proposal", PROPOSAL])?;
            }
            for seat in PANEL {
                env.seat(seat, &["case", "open-vote", &case])?;
            }
            let minutes = env.seat(PANEL[0], &["case", "minutes", &case])?;
            ensure!(minutes.contains("item 1: carried"), "it isn't carried: {minutes}");
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
            let docket = ["case", "docket", &case, PROPOSAL, "--out", DOCKET];
            env.seat(PANEL[0], &["case", "resolve", &case])?;
            let early = env.seat(DRAFTER, &docket);
            ensure!(
                early.is_err_and(|error| format!("{error:#}").contains("must be confirmed")),
                "a docket is made before the chairs confirmed"
            );
            env.seat(CHAIR, &["case", "confirm", &case])?;
            env.seat(DRAFTER, &docket)?;
            env.checked(Phrase::new(
                "文书与决议有一字之差，登记系统和每台签署台都会拒绝",
                "with one character other than resolved, the registry and each signer's desk refuse it",
            ))
        },
    )?;
    env.cases.push(case);
    running.context("no agent runs")
}

/// The case is closed once its docket is logged.
pub(super) fn close(env: &DemoEnv) -> anyhow::Result<()> {
    let case = env.cases.first().context("no case")?;
    let shown = env.seat(DRAFTER, &["case", "show", case])?;
    ensure!(shown.contains("is logged"), "the case does not know its docket: {shown}");
    env.seat(DRAFTER, &["case", "close", case]).map(drop)
}

/// What the platform saw; the code by which the report is known.
fn report(env: &DemoEnv, platforms: &Platforms, streamer: &Person) -> anyhow::Result<String> {
    let hours_ago = |hours: i64| env.now().plus_millis(-hours * 3_600_000);
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
