//! `callboard demo`: the whole story on one machine, with real processes, fresh keys and people who don't exist.
//!
//! [`demo_env`] runs the programs and prints the timeline, [`people`] makes the people; here is the story, in [`platforms`]
//! its scene of those who ask, in [`matter`] that of those who decide, and in [`push`] that of those who act; [`gate`] is a
//! platform's own side. It goes by a [`story_clock`], since to decide takes weeks. [`desks`] stay open afterwards, if
//! they are asked for.
//!
//! Long because it tells one story in order, each step in both languages.

mod demo_env;
mod desks;
mod gate;
mod matter;
mod people;
mod platforms;
mod push;
mod story_clock;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail, ensure};
use callboard_client::{
    clock::{Clock as _, MachineClock},
    create_new,
    public_file::PublicFile,
    runtime::{block_on, os_rng, told_to_stop},
};
use callboard_federation::{language::Phrase, roster::Role, zh_en};
use callboard_keys::{KeyFile, SeatKey};
use callboard_rules::policies;
use demo_env::{DemoEnv, Service};
use desks::Desks;
use people::Person;
use platforms::Platforms;
use serde_json::Value;

use crate::{linked, nobody, setup::founded_at};

const EXAMPLES: &str = "\
Examples:
  callboard demo --once                 tells the story and ends; exit code 1 if a step doesn't hold
  callboard demo --once --keep d        leaves everything in `d`: then `callboard audit d`
  callboard demo                        tells the story, then stays up and prints what to try
  callboard demo --desk                 and opens the desks of three seats, for whom a draft waits";

/// The log's origin: it ends in `.test`, so that nothing in it binds anybody, and its clock may be another.
const ISSUER: &str = "callboard.test";
/// Who signs: as many as the first roster asks for a ruling.
const SIGNERS: [&str; 3] = ["panel-1", "panel-2", "chair-1"];
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

/// Tells the whole story on this machine: keys, a spreadsheet, platforms that ask, a report, a panel, signatures, a return
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Demo {
    /// End at the end, instead of staying up
    #[arg(long)]
    once: bool,
    /// Stay up with the desks of three seats, each at an address for your browser, and a draft that waits for them
    #[arg(long, conflicts_with = "once")]
    desk: bool,
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
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let temporary = if self.keep.is_some() { None } else { Some(tempfile::tempdir()?) };
        let directory = match (&self.keep, &temporary) {
            (Some(keep), _) => {
                create_new::not_there(keep)?;
                std::fs::create_dir_all(keep)?;
                keep.canonicalize()?
            }
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => anyhow::bail!("no directory"),
        };
        let registry = Service::at(self.registry_listen, self.registry_url.clone())?;
        let tokens = Service::at(self.tokens_listen, self.tokens_url.clone())?;
        let policies = policies::ALL.iter().map(policies::Source::document).collect::<Result<Vec<_>, _>>()?;
        let founded_at = founded_at(&policies, MachineClock.now())?;
        let mut env = DemoEnv::new(directory, registry, tokens, founded_at)?;
        let told = tell(&mut env);
        env.stop();
        told?;
        env.finish();
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
            env.start("registry")?;
            env.start("tokens")?;
            env.await_tokens()?;
            let platforms = Platforms::start(&env)?;
            let desks = if self.desk { Some(Desks::open(&env)?) } else { None };
            env.invite(|| platforms.invite(), || desks.iter().for_each(Desks::invite));
            block_on(async {
                told_to_stop().await;
                Ok(())
            })?;
            drop(desks);
            platforms.stop();
            env.stop();
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The story, step by step; the first step that doesn't hold ends it.
fn tell(env: &mut DemoEnv) -> anyhow::Result<()> {
    let cast = people::cast();
    found(env)?;
    take_over(env, &cast)?;
    let (platforms, streamer) = (platforms::join(env)?, &cast[8]);
    platforms::onboard(env, &platforms, &cast)?;
    push::prepare(env, &platforms, streamer)?;
    let platforms = matter::decide(env, platforms, &cast)?;
    push::act(env, &platforms, streamer)?;
    push::return_is_heard(env, &platforms, &cast[1])?;
    make_good(env, &cast)?;
    platforms.stop();
    check_off_line(env, &cast)
}

/// Keys, the token service's and the registry's directories, the first dockets.
fn found(env: &mut DemoEnv) -> anyhow::Result<()> {
    env.step(
        Phrase::new(
            "委员会的八名签署人在八台计算机上各自生成密钥",
            "Eight seats of a committee make keys of their own, on eight computers",
        ),
        |env| {
            for (holder, role) in SEATS {
                let home = env.move_in(holder)?;
                let key = SeatKey::generate(holder.to_owned(), role, &mut os_rng())?;
                let PublicFile::Seat(mut public) = key.public() else { bail!("a seat's public file is a seat's") };
                public.member =
                    (holder == matter::WORKS_FOR_ALPHA).then(|| "alpha".to_owned().try_into()).transpose()?;
                PublicFile::Seat(public).write(&home.join(format!("{holder}.pub.json")))?;
                KeyFile::Seat(key).write_known(&home.join(format!("{holder}.key")))?;
            }
            env.checked(Phrase::new(
                "每个密钥都有密码，各存一处（演示用的密码人人皆知）",
                "each key lies under a passphrase, in its own home (everyone knows this one: it is a demo)",
            ))
        },
    )?;
    env.step(
        Phrase::new(
            "身份代码服务生成密钥；登记册设立，起草首批文书",
            "The token service makes its secret; the registry is set up, and its first dockets drafted",
        ),
        |env| {
            let (issuer, tokens_url, listen) = (ISSUER, env.tokens.url.clone(), env.tokens.listen.to_string());
            let url = env.registry.url.clone();
            env.run(
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
            env.write("", "at-once.json", push::at_once()?.as_bytes())?;
            init.extend(["--policy-file", "at-once.json", "--import-days", "90", "--seat"]);
            init.extend(seats.iter().map(String::as_str));
            let told = env.run("", &init)?;
            let genesis =
                told.lines().find_map(|line| line.strip_prefix("genesis ")).context("init tells no genesis")?;
            genesis.clone_into(&mut env.genesis);
            env.listen_as_told()?;
            env.hand_out_pin()?;
            env.checked(zh_en!("此后以此为准：登记册校验码 {genesis}", "pinned from here on: genesis {genesis}"))
        },
    )?;
    env.step(
        Phrase::new(
            "三名签署人阅读并签署首份签署权限名单和五部规则",
            "Three of them read and sign the first roster and the five instruments",
        ),
        |env| {
            sign(env, "registry", &["genesis", "policies"])?;
            env.checked(Phrase::new(
                "每个签名各在一处完成，互不依赖",
                "each signature was made in another home, and none of them needed the others",
            ))
        },
    )?;
    env.step(
        Phrase::new(
            "登记系统和身份代码服务启动：两个进程，由两方分别保管",
            "Registry and token service start, as two processes under two hands",
        ),
        |env| {
            env.start("registry")?;
            submit(env, "genesis")?;
            submit(env, "policies")?;
            env.start("tokens")?;
            ensure!(env.log_size()? == 2, "the log has another size");
            env.await_tokens()?;
            env.checked(Phrase::new(
                "两件文书均已登记，每份证明均可由校验码核验",
                "both dockets are logged, and every proof verifies from the pinned hash",
            ))
        },
    )
}

/// What was decided before there was a registry becomes a docket, three people sign it, the registry logs it, a lookup
/// answers.
fn take_over(env: &mut DemoEnv, cast: &[Person]) -> anyhow::Result<()> {
    env.step(
        Phrase::new(
            "登记册设立前的决定：八名主播的表格成为一件文书",
            "What was decided before there was a registry: a spreadsheet of eight streamers becomes a docket",
        ),
        |env| {
            let sheet = people::sheet(&cast[..8]);
            env.write(DRAFTER, "batch.csv", sheet.as_bytes())?;
            let draft = ["draft", "batch.csv", "--policy", POLICY, "--out", "batch.bundle"];
            ensure!(env.seat(DRAFTER, &draft).is_err(), "a ruling is drafted that no case decided");
            env.seat(DRAFTER, &[&draft[..], &["--import"]].concat())?;
            let bundle = std::fs::read(env.home(DRAFTER).join("batch.bundle"))?;
            for person in cast {
                for secret in [person.name.as_bytes(), person.number.as_bytes()] {
                    ensure!(!bundle.windows(secret.len()).any(|window| window == secret), "the bundle shows a person");
                }
            }
            env.checked(Phrase::new(
                "只有设立前的决定可以没有案件；身份代码盲算得出；待签文件只有签署人能打开",
                "no case is behind them alone; tags derived from blinded points; the bundle opens for its signers alone",
            ))
        },
    )?;
    env.step(
        Phrase::new("三名签署人在三台计算机上阅读并签署", "Three people read the letters and sign, on three computers"),
        |env| {
            sign(env, DRAFTER, &["batch"])?;
            env.checked(Phrase::new(
                "每人签署前都用自己的密钥重新生成全部身份代码，打开全部密封内容",
                "each derived every tag and opened every seal with a key of their own before signing",
            ))
        },
    )?;
    env.step(
        Phrase::new("登记系统一次登记该文书", "The registry logs the docket in one transaction"),
        |env| {
            submit(env, "batch")?;
            let proofs = std::fs::read_dir(env.home(DRAFTER).join("batch.proofs"))?.count();
            ensure!(proofs == 8, "{proofs} proofs for 8 records");
            ensure!(env.log_size()? == 3, "the log has another size");
            env.checked(Phrase::new("八条记录，八份证明，一个条目", "eight records, eight proofs, one entry"))
        },
    )?;
    env.step(Phrase::new("按证件精确查询", "An exact lookup answers"), |env| {
        expect(env, &cast[0], "suspended", "refuse")?;
        expect(env, &cast[8], "clear", "allow")?;
        let mistyped = format!("cn-id:{}", nobody::mistyped(&cast[0].number));
        env.write(DRAFTER, "person.txt", mistyped.as_bytes())?;
        let refused = env.seat(DRAFTER, &["ask", "--identity-file", "person.txt"]);
        ensure!(
            refused.is_err_and(|error| !format!("{error:#}").contains(&mistyped[6..])),
            "a mistyped number is answered"
        );
        env.checked(Phrase::new(
            "已列入的拒绝准入，未列入的可以准入，输错的号码被指出",
            "a listed person is refused, an unlisted one allowed, a mistyped number is told to be one",
        ))
    })
}

/// A wrong name is annulled and replaced in one docket.
fn make_good(env: &mut DemoEnv, cast: &[Person]) -> anyhow::Result<()> {
    env.step(
        Phrase::new("撤销错误的当事人并改正，在同一文书中完成", "A wrong name is annulled and replaced, in one docket"),
        |env| {
            let (wrong, right) = (&cast[4], &cast[9]);
            expect(env, wrong, "suspended", "refuse")?;
            expect(env, right, "clear", "allow")?;
            sign(env, DRAFTER, &["correction"])?;
            submit(env, "correction")?;
            expect(env, wrong, "clear", "allow")?;
            expect(env, right, "suspended", "refuse")?;
            env.checked(Phrase::new(
                "任何时刻都不会两人皆未列入，或者两人同时列入",
                "at no instant was neither listed, or both",
            ))
        },
    )
}

/// With everything stopped, all of it is checked again from the pinned hash.
fn check_off_line(env: &mut DemoEnv, cast: &[Person]) -> anyhow::Result<()> {
    env.step(
        Phrase::new(
            "全部停止，仅凭一个校验码离线核验",
            "Everything is stopped, and checked off line from one pinned hash",
        ),
        |env| {
            let size = env.log_size()?;
            let chains = matter::close(env)?;
            env.stop();
            let genesis = env.genesis.clone();
            let mut verified = 0;
            for proofs in ["batch.proofs", "return.proofs", "correction.proofs", "urgent.proofs"] {
                for proof in std::fs::read_dir(env.home(DRAFTER).join(proofs))? {
                    let path = proof?.path().display().to_string();
                    env.run(DRAFTER, &["verify", &path, "--genesis", &genesis])?;
                    verified += 1;
                }
            }
            let held = env.run("", &["audit", "registry", "--genesis", &genesis])?;
            env.run("", &["export", "export", "--from", "registry"])?;
            let mut audit = vec!["audit", "export", "--genesis", &genesis];
            let exported = env.run("", &audit)?;
            audit.push("--cases");
            audit.extend(chains.iter().map(String::as_str));
            env.run("", &audit)?;
            let jobs = env.run("", &[linked::NAME, "registry", "jobs", "registry"])?;
            ensure!(jobs.contains("audit-log") && !jobs.contains("FAILED"), "a job failed: {jobs}");
            ensure!(held == exported, "the audits of store and export differ");
            ensure!(held.starts_with(&format!("size {size}\n")), "the audit finds another size");
            ensure!(held.matches(" refuse ").count() >= cast.len() - 4, "the audit finds other standings");
            env.checked(zh_en!(
                "{verified}份证明通过核验；两次审计得出相同的条目、签署人和状态；每件文书均与其案件相符",
                "{verified} proof files verify; two audits find the same tree, signers and standings; each docket follows from \
                 its case"
            ))
        },
    )
}

/// Takes bundles to three homes, and the signatures back.
fn sign(env: &DemoEnv, from: &str, names: &[&str]) -> anyhow::Result<()> {
    let source = if from == "registry" { env.directory.join("registry") } else { env.home(from) };
    let bundles: Vec<String> = names.iter().map(|name| format!("{name}.bundle")).collect();
    for signer in SIGNERS {
        let mut arguments = vec!["sign", "--yes"];
        for bundle in &bundles {
            std::fs::copy(source.join(bundle), env.home(signer).join(bundle))?;
            arguments.push(bundle);
        }
        env.seat(signer, &arguments)?;
    }
    for name in names {
        let bundle = format!("{name}.bundle");
        if from == "registry" {
            std::fs::copy(source.join(&bundle), env.home(DRAFTER).join(&bundle))?;
        }
        for signer in SIGNERS {
            for file in env.signatures(signer, name)? {
                std::fs::copy(env.home(signer).join(&file), env.home(DRAFTER).join(&file))?;
            }
        }
    }
    Ok(())
}

/// Hands a docket in with the signatures that came back.
fn submit(env: &DemoEnv, name: &str) -> anyhow::Result<()> {
    let bundle = format!("{name}.bundle");
    let signatures = env.signatures(DRAFTER, name)?;
    let mut arguments = vec!["submit", &bundle];
    arguments.extend(signatures.iter().map(String::as_str));
    env.seat(DRAFTER, &arguments).map(drop)
}

/// Asks for a person, and holds the answer against what should hold.
fn expect(from: &DemoEnv, person: &Person, state: &str, action: &str) -> anyhow::Result<Value> {
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
