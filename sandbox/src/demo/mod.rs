//! `callboard demo`: the whole story on one machine, with real processes, fresh keys and people who don't exist.
//!
//! [`stage`] runs the programs and prints the timeline, [`people`] makes the people; here is the story, in [`platforms`]
//! its scene of those who ask, and in [`push`] that of those who act; [`gate`] is a platform's own side.
//!
//! Long because it tells one story in order, each step in both languages.

mod gate;
mod people;
mod platforms;
mod push;
mod stage;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, ensure};
use callboard_client::{
    new_file,
    program::{block_on, chance, told_to_stop},
};
use callboard_federation::{language::Phrase, roster::Role, zh_en};
use callboard_keys::{KeyFile, SeatKey};
use people::Person;
use platforms::Platforms;
use serde_json::Value;
use stage::{Service, Stage};

use crate::{linked, nobody};

const EXAMPLES: &str = "\
Examples:
  callboard demo --once                 tells the story and ends; exit code 1 if a step doesn't hold
  callboard demo --once --keep d        leaves everything in `d`: then `callboard audit d`
  callboard demo                        tells the story, then stays up and prints what to try";

/// Who signs: as many as the first roster asks for a ruling.
const SIGNERS: [&str; 3] = ["panel-1", "panel-2", "chair-1"];
/// Every seat, with its role.
const SEATS: [(&str, Role); 8] = [
    ("panel-1", Role::Panel),
    ("panel-2", Role::Panel),
    ("panel-3", Role::Panel),
    ("panel-4", Role::Panel),
    ("chair-1", Role::Chair),
    ("chair-2", Role::Chair),
    ("secretary-1", Role::Secretariat),
    ("secretary-2", Role::Secretariat),
];
/// Who drafts, hands in and asks.
const DRAFTER: &str = "secretary-1";
const POLICY: &str = "streamer-warning-rules/2022";
/// The instruments that come with the program.
const POLICIES: [&str; 4] =
    ["streamer-warning-rules/2018", "streamer-warning-rules/2020", "performers-self-discipline/2021", POLICY];

/// Tells the whole story on this machine: keys, a spreadsheet, three signatures, a return, a wrong name made good, platforms that ask
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Demo {
    /// End at the end, instead of staying up
    #[arg(long)]
    once: bool,
    /// Leave everything in this directory, which isn't there yet
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Where the registry listens
    #[arg(long, hide = true)]
    registry_listen: Option<SocketAddr>,
    /// Where the token service listens
    #[arg(long, hide = true)]
    tokens_listen: Option<SocketAddr>,
    /// The registry's address as everyone sees it, where something stands between
    #[arg(long, hide = true)]
    registry_url: Option<String>,
    /// The token service's address as everyone sees it
    #[arg(long, hide = true)]
    tokens_url: Option<String>,
}

impl Demo {
    /// Does what the arguments say.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let temporary = if self.keep.is_some() { None } else { Some(tempfile::tempdir()?) };
        let directory = match (&self.keep, &temporary) {
            (Some(keep), _) => {
                new_file::not_there(keep)?;
                std::fs::create_dir_all(keep)?;
                keep.canonicalize()?
            }
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => anyhow::bail!("no directory"),
        };
        let registry = Service::at(self.registry_listen, self.registry_url.clone())?;
        let tokens = Service::at(self.tokens_listen, self.tokens_url.clone())?;
        let mut stage = Stage::new(directory, registry, tokens)?;
        let told = tell(&mut stage);
        stage.stop();
        told?;
        stage.curtain();
        if let Some(keep) = &self.keep {
            println!(
                "{}",
                zh_en!(
                    "全部内容在 {0}：可执行 `callboard audit {0}`。",
                    "Everything is in {0}: try `callboard audit {0}`.",
                    keep.display()
                )
            );
        }
        if !self.once {
            stage.start("registry")?;
            stage.start("tokens")?;
            let platforms = Platforms::start(&stage)?;
            stage.invite(|| platforms.invite());
            block_on(async {
                told_to_stop().await;
                Ok(())
            })?;
            platforms.stop();
            stage.stop();
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The story, step by step; the first step that doesn't hold ends it.
fn tell(stage: &mut Stage) -> anyhow::Result<()> {
    let cast = people::cast();
    found(stage)?;
    rule(stage, &cast)?;
    reinstate(stage, &cast)?;
    make_good(stage, &cast)?;
    let platforms = platforms::join(stage)?;
    let told = platforms::onboard(stage, &platforms, &cast).and_then(|()| push::act(stage, &platforms, &cast));
    platforms.stop();
    told?;
    check_off_line(stage, &cast)
}

/// Keys, the token service's and the registry's directories, the first dockets.
fn found(stage: &mut Stage) -> anyhow::Result<()> {
    stage.step(
        Phrase::new(
            "委员会的八名签署人在八台计算机上各自生成密钥",
            "Eight seats of a committee make keys of their own, on eight computers",
        ),
        |stage| {
            for (holder, role) in SEATS {
                let home = stage.move_in(holder)?;
                let key = SeatKey::generate(holder.to_owned(), role, &mut chance())?;
                key.public().write(&home.join(format!("{holder}.pub.json")))?;
                KeyFile::Seat(key).write_known(&home.join(format!("{holder}.key")))?;
            }
            stage.checked(Phrase::new(
                "每个密钥都有密码，各存一处（演示用的密码人人皆知）",
                "each key lies under a passphrase, in its own home (everyone knows this one: it is a demo)",
            ))
        },
    )?;
    stage.step(
        Phrase::new(
            "身份代码服务生成密钥；登记册设立，起草首批文书",
            "The token service makes its secret; the registry is set up, and its first dockets drafted",
        ),
        |stage| {
            let (issuer, tokens_url, listen) =
                ("callboard.example", stage.tokens.url.clone(), stage.tokens.listen.to_string());
            let url = stage.registry.url.clone();
            stage.run(
                "",
                &[
                    linked::NAME,
                    "tokens",
                    "init",
                    "tokens",
                    "--issuer",
                    issuer,
                    "--public-url",
                    &tokens_url,
                    "--listen",
                    &listen,
                    "--registry-url",
                    &url,
                ],
            )?;
            let mut init = vec!["init", "registry", "--issuer", issuer, "--url", &url, "--tokens-url", &tokens_url];
            let seats: Vec<String> =
                SEATS.iter().map(|(holder, _)| format!("homes/{holder}/{holder}.pub.json")).collect();
            init.extend(["--token-key", "tokens/epoch-1.pub.json", "--policy"]);
            init.extend(POLICIES);
            stage.write("", "at-once.json", push::at_once()?.as_bytes())?;
            init.extend(["--policy-file", "at-once.json", "--seat"]);
            init.extend(seats.iter().map(String::as_str));
            let told = stage.run("", &init)?;
            let genesis =
                told.lines().find_map(|line| line.strip_prefix("genesis ")).context("init tells no genesis")?;
            genesis.clone_into(&mut stage.genesis);
            stage.listen_as_told()?;
            stage.hand_out_pin()?;
            stage.checked(zh_en!("此后以此为准：登记册校验码 {genesis}", "pinned from here on: genesis {genesis}"))
        },
    )?;
    stage.step(
        Phrase::new(
            "三名签署人阅读并签署首份签署权限名单和五部规则",
            "Three of them read and sign the first roster and the five instruments",
        ),
        |stage| {
            sign(stage, "registry", &["genesis", "policies"])?;
            stage.checked(Phrase::new(
                "每个签名各在一处完成，互不依赖",
                "each signature was made in another home, and none of them needed the others",
            ))
        },
    )?;
    stage.step(
        Phrase::new(
            "登记系统和身份代码服务启动：两个进程，由两方分别保管",
            "Registry and token service start, as two processes under two hands",
        ),
        |stage| {
            stage.start("registry")?;
            submit(stage, "genesis")?;
            submit(stage, "policies")?;
            stage.start("tokens")?;
            ensure!(stage.log_size()? == 2, "the log has another size");
            stage.await_tokens()?;
            stage.checked(Phrase::new(
                "两件文书均已登记，每份证明均可由校验码核验",
                "both dockets are logged, and every proof verifies from the pinned hash",
            ))
        },
    )
}

/// A spreadsheet becomes a docket, three people sign it, the registry logs it, a lookup answers.
fn rule(stage: &mut Stage, cast: &[Person]) -> anyhow::Result<()> {
    stage.step(
        Phrase::new("八名主播的表格成为一件文书", "A spreadsheet of eight streamers becomes a docket"),
        |stage| {
            let sheet = people::sheet(&cast[..8]);
            stage.write(DRAFTER, "batch.csv", sheet.as_bytes())?;
            stage.seat(DRAFTER, &["draft", "batch.csv", "--policy", POLICY, "--out", "batch.bundle"])?;
            let bundle = std::fs::read(stage.home(DRAFTER).join("batch.bundle"))?;
            for person in cast {
                for secret in [person.name.as_bytes(), person.number.as_bytes()] {
                    ensure!(!bundle.windows(secret.len()).any(|window| window == secret), "the bundle shows a person");
                }
            }
            stage.checked(Phrase::new(
                "身份代码由身份代码服务盲算得出；待签文件只有签署人能打开",
                "tags derived at the token service, which saw blinded points; the bundle opens for its signers alone",
            ))
        },
    )?;
    stage.step(
        Phrase::new("三名签署人在三台计算机上阅读并签署", "Three people read the letters and sign, on three computers"),
        |stage| {
            sign(stage, DRAFTER, &["batch"])?;
            stage.checked(Phrase::new(
                "每人签署前都用自己的密钥重新生成全部身份代码，打开全部密封内容",
                "each derived every tag and opened every seal with a key of their own before signing",
            ))
        },
    )?;
    stage.step(
        Phrase::new("登记系统一次登记该文书", "The registry logs the docket in one transaction"),
        |stage| {
            submit(stage, "batch")?;
            let proofs = std::fs::read_dir(stage.home(DRAFTER).join("batch.proofs"))?.count();
            ensure!(proofs == 8, "{proofs} proofs for 8 records");
            ensure!(stage.log_size()? == 3, "the log has another size");
            stage.checked(Phrase::new("八条记录，八份证明，一个条目", "eight records, eight proofs, one entry"))
        },
    )?;
    stage.step(Phrase::new("按证件精确查询", "An exact lookup answers"), |stage| {
        expect(stage, &cast[0], "suspended", "refuse")?;
        expect(stage, &cast[8], "clear", "allow")?;
        let mistyped = format!("cn-id:{}", nobody::mistyped(&cast[0].number));
        stage.write(DRAFTER, "person.txt", mistyped.as_bytes())?;
        let refused = stage.seat(DRAFTER, &["ask", "--identity-file", "person.txt"]);
        ensure!(
            refused.is_err_and(|error| !format!("{error:#}").contains(&mistyped[6..])),
            "a mistyped number is answered"
        );
        stage.checked(Phrase::new(
            "已列入的拒绝准入，未列入的可以准入，输错的号码被指出",
            "a listed person is refused, an unlisted one allowed, a mistyped number is told to be one",
        ))
    })
}

/// One person returns, under watch.
fn reinstate(stage: &mut Stage, cast: &[Person]) -> anyhow::Result<()> {
    stage.step(Phrase::new("一人复出，进入观察期", "One person is reinstated, on probation"), |stage| {
        let record = record_of(&expect(stage, &cast[1], "suspended", "refuse")?)?;
        let probation = people::in_a_year()?;
        let from = ["--from", "batch.bundle", "--probation", &probation, "--out", "return.bundle"];
        stage.seat(DRAFTER, &[&["draft", "reinstate", &record], &from[..]].concat())?;
        sign(stage, DRAFTER, &["return"])?;
        submit(stage, "return")?;
        expect(stage, &cast[1], "probation", "review")?;
        expect(stage, &cast[0], "suspended", "refuse")?;
        stage.checked(Phrase::new(
            "只有复出者的措施放宽，其他人不变",
            "the measure is eased for the one who returned, and for nobody else",
        ))
    })
}

/// A wrong name is annulled and replaced in one docket.
fn make_good(stage: &mut Stage, cast: &[Person]) -> anyhow::Result<()> {
    stage.step(
        Phrase::new("撤销错误的当事人并改正，在同一文书中完成", "A wrong name is annulled and replaced, in one docket"),
        |stage| {
            let (wrong, right) = (&cast[4], &cast[9]);
            let record = record_of(&expect(stage, wrong, "suspended", "refuse")?)?;
            expect(stage, right, "clear", "allow")?;
            stage.write(DRAFTER, "right.csv", people::sheet(std::slice::from_ref(right)).as_bytes())?;
            let from = ["--from", "batch.bundle", "--with", "right.csv", "--out", "correction.bundle"];
            stage.seat(DRAFTER, &[&["draft", "replace", &record], &from[..]].concat())?;
            sign(stage, DRAFTER, &["correction"])?;
            submit(stage, "correction")?;
            expect(stage, wrong, "clear", "allow")?;
            expect(stage, right, "suspended", "refuse")?;
            stage.checked(Phrase::new(
                "任何时刻都不会两人皆未列入，或者两人同时列入",
                "at no instant was neither listed, or both",
            ))
        },
    )
}

/// With everything stopped, all of it is checked again from the pinned hash.
fn check_off_line(stage: &mut Stage, cast: &[Person]) -> anyhow::Result<()> {
    stage.step(
        Phrase::new(
            "全部停止，仅凭一个校验码离线核验",
            "Everything is stopped, and checked off line from one pinned hash",
        ),
        |stage| {
            let size = stage.log_size()?;
            stage.stop();
            let genesis = stage.genesis.clone();
            let mut verified = 0;
            for proofs in ["batch.proofs", "return.proofs", "correction.proofs", "urgent.proofs", "back.proofs"] {
                for proof in std::fs::read_dir(stage.home(DRAFTER).join(proofs))? {
                    let path = proof?.path().display().to_string();
                    stage.run(DRAFTER, &["verify", &path, "--genesis", &genesis])?;
                    verified += 1;
                }
            }
            let held = stage.run("", &["audit", "registry", "--genesis", &genesis])?;
            stage.run("", &["export", "export", "--from", "registry"])?;
            let exported = stage.run("", &["audit", "export", "--genesis", &genesis])?;
            let jobs = stage.run("", &[linked::NAME, "registry", "jobs", "registry"])?;
            ensure!(jobs.contains("audit-log") && !jobs.contains("FAILED"), "a job failed: {jobs}");
            ensure!(held == exported, "the audits of store and export differ");
            ensure!(held.starts_with(&format!("size {size}\n")), "the audit finds another size");
            ensure!(held.matches(" refuse ").count() >= cast.len() - 4, "the audit finds other standings");
            stage.checked(zh_en!(
                "{verified}份证明通过核验；两次审计得出相同的条目、签署人和状态",
                "{verified} proof files verify; two audits find the same tree, signers and standings"
            ))
        },
    )
}

/// Takes bundles to three homes, and the signatures back.
fn sign(stage: &Stage, from: &str, names: &[&str]) -> anyhow::Result<()> {
    let source = if from == "registry" { stage.directory.join("registry") } else { stage.home(from) };
    let bundles: Vec<String> = names.iter().map(|name| format!("{name}.bundle")).collect();
    for signer in SIGNERS {
        let mut arguments = vec!["sign", "--yes"];
        for bundle in &bundles {
            std::fs::copy(source.join(bundle), stage.home(signer).join(bundle))?;
            arguments.push(bundle);
        }
        stage.seat(signer, &arguments)?;
    }
    for name in names {
        let bundle = format!("{name}.bundle");
        if from == "registry" {
            std::fs::copy(source.join(&bundle), stage.home(DRAFTER).join(&bundle))?;
        }
        for signer in SIGNERS {
            for file in stage.signatures(signer, name)? {
                std::fs::copy(stage.home(signer).join(&file), stage.home(DRAFTER).join(&file))?;
            }
        }
    }
    Ok(())
}

/// Hands a docket in with the signatures that came back.
fn submit(stage: &Stage, name: &str) -> anyhow::Result<()> {
    let bundle = format!("{name}.bundle");
    let signatures = stage.signatures(DRAFTER, name)?;
    let mut arguments = vec!["submit", &bundle];
    arguments.extend(signatures.iter().map(String::as_str));
    stage.seat(DRAFTER, &arguments).map(drop)
}

/// Asks for a person, and holds the answer against what should hold.
fn expect(from: &Stage, person: &Person, state: &str, action: &str) -> anyhow::Result<Value> {
    from.write(DRAFTER, "person.txt", format!("cn-id:{}", person.number).as_bytes())?;
    let answer = from.seat(DRAFTER, &["ask", "--identity-file", "person.txt", "--json"])?;
    let standing: Value = serde_json::from_str(&answer).context("the answer is no standing")?;
    ensure!(
        standing["state"] == state && standing["action"] == action,
        "a person is {} and {}, not {state} and {action}",
        standing["state"],
        standing["action"]
    );
    Ok(standing)
}

fn record_of(standing: &Value) -> anyhow::Result<String> {
    Ok(standing["reasons"][0]["record"].as_str().context("the standing rests on no record")?.to_owned())
}
