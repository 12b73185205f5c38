//! Two platforms with agents: they join, ask before they onboard, and go on when the token service doesn't.
//!
//! The agents run in this process, each with the `member.toml` and the key file of its platform, and are asked over HTTP as
//! a platform's own programs ask.

use std::{fs, sync::Arc};

use anyhow::{Context as _, ensure};
use callboard_agent::{agent::Agent, config::Config, token};
use callboard_client::{http, runtime::os_rng, settings::set};
use callboard_federation::{language::Phrase, zh_en};
use callboard_keys::{KNOWN_PASSPHRASE, KeyFile, MemberKey};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{
    DRAFTER, ISSUER,
    demo_env::DemoEnv,
    gate::Gate,
    people::{self, Person},
    sign, submit,
};
use crate::nobody;

/// Each with the name that people call it.
const PLATFORMS: [(&str, &str); 2] = [("alpha", "甲直播"), ("beta", "乙直播")];

pub(super) struct Platforms {
    runtime: Runtime,
    running: Vec<Agent>,
    clients: Vec<reqwest::Client>,
    gates: Vec<Arc<Gate>>,
}

impl Platforms {
    pub(super) fn start(env: &DemoEnv) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let start = |(member, _): &(&str, &str)| {
            let home = env.home(member);
            let config = Config::read(&home.join("member.toml"))?;
            let key = MemberKey::open(&config.key, KNOWN_PASSPHRASE.into())?;
            Ok(runtime.block_on(Agent::start(config, key, env.clock(), None))?)
        };
        let running = PLATFORMS.iter().map(start).collect::<anyhow::Result<Vec<Agent>>>()?;
        let gate = |running: &Agent| {
            let hook = running.hook().context("no hook")?;
            let at = hook.trim_start_matches("http://").split('/').next().unwrap_or_default().parse()?;
            Gate::open(&runtime, at, running.addr)
        };
        let gates = running.iter().map(gate).collect::<anyhow::Result<_>>()?;
        let client = |(member, _): &(&str, &str)| {
            let config = Config::read(&env.home(member).join("member.toml"))?;
            Ok(http::agent_client(token::read(&config.directory)?.as_str())?)
        };
        let clients = PLATFORMS.iter().map(client).collect::<anyhow::Result<_>>()?;
        Ok(Self { runtime, running, clients, gates })
    }

    pub(super) fn stop(self) {
        for running in self.running {
            self.runtime.block_on(running.stop());
        }
    }

    /// Whether the roster names every agent a witness, and each has a witnessed view of that size.
    fn are_witnesses_of(&self, size: u64) -> anyhow::Result<bool> {
        let status = |(running, client): (&Agent, &reqwest::Client)| {
            let url = format!("http://{}/status", running.addr);
            let status = self.runtime.block_on(http::get(client, &url))?.context("no status")?;
            Ok(serde_json::from_slice::<Value>(&status)?["log"].clone())
        };
        let all = self.running.iter().zip(&self.clients).map(status).collect::<anyhow::Result<Vec<Value>>>()?;
        Ok(all.iter().all(|log| log["isWitness"] == true && log["witnessed"] == size))
    }

    /// What every agent decides about the person of an account: `refuse`, or `blocked: under-age`; all must say the
    /// same.
    pub(super) fn decide(&self, account: &str, number: &str) -> anyhow::Result<String> {
        let question = json!({"ref": account, "identities": [{"kind": "cn-id", "value": number}]});
        let mut decisions = Vec::new();
        for (running, client) in self.running.iter().zip(&self.clients) {
            let url = format!("http://{}/check", running.addr);
            let asked = http::post(client, &url, "application/json", question.to_string().into());
            let answer = self.runtime.block_on(asked)?;
            let answer: Value = serde_json::from_slice(&answer).context("the agent's answer")?;
            let word = |name: &str| answer[name].as_str().map(str::to_owned);
            let decision = word("decision").context("the agent decides nothing")?;
            decisions.push(word("blocked").map_or(decision.clone(), |why| format!("{decision}: {why}")));
        }
        decisions.dedup();
        ensure!(decisions.len() == 1, "the agents answer differently: {decisions:?}");
        decisions.pop().context("no agent runs")
    }

    pub(super) fn gates(&self) -> impl Iterator<Item = &Arc<Gate>> {
        self.gates.iter()
    }

    /// Where the registry may push to: each platform's own address.
    pub(super) fn webhooks(&self) -> impl Iterator<Item = (&'static str, String)> {
        let hooks = self.running.iter().filter_map(|running| running.hook());
        PLATFORMS.iter().zip(hooks).map(|((member, _), hook)| (*member, hook.replace("/hook", "/webhook")))
    }

    pub(super) fn ask(&self, member: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let ((client, url), json) = (self.way(member, path)?, body.to_string().into_bytes());
        let answer = self.runtime.block_on(http::post(client, &url, "application/json", json))?;
        serde_json::from_slice(&answer).context("the agent's answer")
    }

    pub(super) fn look(&self, member: &str, path: &str) -> anyhow::Result<Value> {
        let (client, url) = self.way(member, path)?;
        let answer = self.runtime.block_on(http::get(client, &url))?.context("nothing is there")?;
        serde_json::from_slice(&answer).context("the agent's answer")
    }

    /// What a platform asks its agent with, and where.
    fn way(&self, member: &str, path: &str) -> anyhow::Result<(&reqwest::Client, String)> {
        let at = PLATFORMS.iter().position(|(known, _)| *known == member).context("no such platform")?;
        let running = self.running.get(at).context("no agent runs")?;
        Ok((self.clients.get(at).context("no agent runs")?, format!("http://{}{path}", running.addr)))
    }

    /// What to try while they stay up.
    pub(super) fn invite(&self) {
        for ((member, _), running) in PLATFORMS.iter().zip(&self.running) {
            println!(
                "{:<14} http://{}   ({member}; API: http://{1}/docs)",
                Phrase::new("会员端", "Agent"),
                running.addr
            );
        }
    }
}

/// Platforms join: the members' list, then the roster whose witnesses their agents are.
pub(super) fn join(env: &mut DemoEnv) -> anyhow::Result<Platforms> {
    let mut platforms = None;
    env.step(
        Phrase::new(
            "两家平台加入，各有密钥；其会员端跟随登记册并会签见证",
            "Two platforms join, each with keys of its own; their agents follow the log and witness it",
        ),
        |env| {
            let mut joining = vec!["member", "add"];
            let files: Vec<String> = PLATFORMS.iter().map(|(member, _)| format!("{member}.pub.json")).collect();
            for ((member, name), file) in PLATFORMS.iter().zip(&files) {
                let home = env.move_in(member)?;
                let id = (*member).to_owned().try_into()?;
                let key = MemberKey::generate(id, ISSUER.to_owned(), &mut os_rng())?;
                key.public((*name).to_owned()).write(&home.join(file))?;
                KeyFile::Member(key).write_known(&home.join(format!("{member}.key")))?;
                fs::copy(home.join(file), env.home(DRAFTER).join(file))?;
                joining.push(file);
            }
            env.seat(DRAFTER, &joining)?;
            sign(env, DRAFTER, &["members-1", "roster-2"])?;
            submit(env, "members-1")?;
            for (member, _) in PLATFORMS {
                let told = fs::read_to_string(env.home(DRAFTER).join(member).join("member.toml"))?;
                let (agent, gate) = (super::demo_env::free_port()?, super::demo_env::free_port()?);
                let listening = set(&told, "listen", &format!("\"{agent}\""));
                let hooked = set(&listening, "hook", &format!("\"http://{gate}/hook\""));
                env.write(member, "member.toml", hooked.as_bytes())?;
            }
            let started = Platforms::start(env)?;
            // From this roster on their agents cosign; the quorum stays 0.
            submit(env, "roster-2")?;
            let size = env.log_size()?;
            env.wait_for("an agent that has seen the whole log", || started.are_witnesses_of(size).unwrap_or(false))?;
            // Both cosign now, so both may be asked for: it isn't before the committee says so.
            env.seat(DRAFTER, &["member", "quorum", "2"])?;
            sign(env, DRAFTER, &["roster-3"])?;
            submit(env, "roster-3")?;
            let size = env.log_size()?;
            env.wait_for("a view that both witness", || started.are_witnesses_of(size).unwrap_or(false))?;
            platforms = Some(started);
            env.checked(zh_en!(
                "各一个文件 member.toml；两家现已见证全部{size}条",
                "one file each, `member.toml`; both are witnesses of all {size} entries now"
            ))
        },
    )?;
    platforms.context("no agent runs")
}

/// Each platform asks about four people; then the token service is gone.
pub(super) fn onboard(env: &mut DemoEnv, platforms: &Platforms, cast: &[Person]) -> anyhow::Result<()> {
    let expect = |who: &str, number: &str, decision: &str| {
        let decided = platforms.decide(who, number)?;
        ensure!(decided == decision, "{who} person is answered {decided}, not {decision}");
        Ok(())
    };
    env.step(
        Phrase::new(
            "两家各查询四人：已列入的、未列入的、号码输错的、未成年的",
            "Both ask about a listed, an unlisted, a mistyped and an under-age person",
        ),
        |env| {
            expect("a listed", &cast[0].number, "refuse")?;
            expect("an unlisted", &cast[8].number, "allow")?;
            expect("a mistyped", &nobody::mistyped(&cast[0].number), "blocked: identity-invalid")?;
            expect("an under-age", &people::minor()?, "blocked: under-age")?;
            env.checked(Phrase::new(
                "拒绝、准入、证件无效、未成年：两家在各自机器上答复一致",
                "refuse, allow, identity-invalid, under-age: the same at both, on their own machines",
            ))
        },
    )?;
    env.step(
        Phrase::new(
            "身份代码服务停止，已知人员照常答复",
            "The token service is stopped, and whom they know is still answered",
        ),
        |env| {
            env.stop_one("tokens");
            expect("a listed", &cast[0].number, "refuse")?;
            expect("an unlisted", &cast[8].number, "allow")?;
            expect("a new", &cast[1].number, "blocked: unavailable")?;
            env.checked(Phrase::new(
                "已知人员凭本地数据答复；新人员不会误答准入，而是暂缓",
                "known people from memory; a new one is nobody's `allow`, but `unavailable`",
            ))
        },
    )
}
