//! Three desks that stay open, each for a seat of the demo, with a draft that waits for them: `callboard demo --desk`.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;
use callboard_federation::{
    language::{Language, Phrase},
    zh_en,
};
use callboard_keys::KNOWN_PASSPHRASE;

use super::{DRAFTER, POLICY, SIGNERS, demo_env::DemoEnv, people};
use crate::linked;

/// Desks that run until they are dropped.
pub(super) struct Desks(Vec<(&'static str, Child, String)>);

impl Desks {
    /// Sends a draft to the seats, and opens their desks.
    pub(super) fn open(env: &DemoEnv) -> anyhow::Result<Self> {
        env.write(DRAFTER, "waiting.csv", people::waiting().as_bytes())?;
        env.seat(DRAFTER, &["draft", "waiting.csv", "--import", "--policy", POLICY, "--out", "waiting.bundle"])?;
        env.seat(DRAFTER, &["drafts", "send", "waiting.bundle"])?;
        let mut desks = Self(Vec::new());
        for seat in SIGNERS {
            let mut command = Command::new(env.program());
            let language = Language::spoken().pick("zh-CN", "en");
            command.args([linked::NAME, "desk", "--lang", language, "--no-browser", "--home"]).arg(env.home(seat));
            let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
            let told = process.stdout.take().context("a desk says nothing")?;
            let mut lines = BufReader::new(told).lines().map_while(Result::ok);
            let url = lines.find(|line| line.starts_with("http://"));
            desks.0.push((seat, process, url.context("a desk tells no address")?));
        }
        Ok(desks)
    }

    /// Where they are.
    pub(super) fn invite(&self) {
        let title = Phrase::new(
            "待签文书一份，三个签署台（地址只能打开一次）",
            "A draft waits at three desks (each address opens once)",
        );
        println!("\n{title}");
        for (seat, _, url) in &self.0 {
            println!("  {seat:<12} {url}");
        }
        println!("  {}", zh_en!("密码：{KNOWN_PASSPHRASE}", "passphrase: {KNOWN_PASSPHRASE}"));
    }
}

impl Drop for Desks {
    fn drop(&mut self) {
        for (_, process, _) in &mut self.0 {
            drop(process.kill());
            drop(process.wait());
        }
    }
}
