//! Asking the agent that runs, over its API, with its token.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Context as _;
use callboard_api::Question;
use callboard_client::{
    http::{self, HttpError},
    pin::Address,
};
use callboard_federation::{
    language::{Language, Phrase},
    zh_en,
};
use serde::de::DeserializeOwned;

use crate::{config::Config, token};

/// Which agent is asked.
#[derive(clap::Args)]
pub(super) struct AgentArgs {
    /// The configuration of the agent that runs: it says where
    #[arg(long, global = true, value_name = "FILE", default_value = "member.toml")]
    pub(super) config: PathBuf,
    /// Where the agent answers, instead of what the configuration says
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    agent: Option<SocketAddr>,
    /// A file with the token of the agent's API, instead of the one in the configuration's directory
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

pub(super) struct AgentClient {
    client: reqwest::Client,
    at: SocketAddr,
    base: Address,
}

impl AgentArgs {
    /// Whom to ask, with the token that its configuration leads to.
    pub(super) fn open(&self) -> anyhow::Result<AgentClient> {
        let config = || {
            Config::read(&self.config)
                .context(Phrase::new("请用 --config 指明会员端的配置", "name the agent's configuration with --config"))
        };
        let (at, token) = match (self.agent, &self.token_file) {
            (Some(at), Some(file)) => (at, token::read_at(file)?),
            (at, file) => {
                let config = config()?;
                let token = match file {
                    Some(file) => token::read_at(file),
                    None => token::read(&config.directory),
                };
                let told = Phrase::new(
                    "会员端的接口口令（会员端首次启动时生成）",
                    "the token with which the agent's API is asked (it is made at the agent's first start)",
                );
                (at.unwrap_or_else(|| here(config.listen)), token.context(told)?)
            }
        };
        let base = format!("http://{at}").parse()?;
        Ok(AgentClient { client: http::agent_client(token.as_str())?, at, base })
    }
}

/// Where an agent that listens is asked from its own machine: «any address» is none that anyone asks.
fn here(listen: SocketAddr) -> SocketAddr {
    match listen {
        SocketAddr::V4(at) if at.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, at.port()).into(),
        SocketAddr::V6(at) if at.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, at.port()).into(),
        at => at,
    }
}

impl AgentClient {
    /// Asks what the agent has an operation for, of its own or forwarded.
    pub(super) async fn ask<A: DeserializeOwned>(&self, question: Question<A>) -> anyhow::Result<A> {
        http::ask(&self.client, &self.base, &own(question)).await.map_err(|error| self.said(error))
    }

    /// The same of what may not be there: `None` where nothing is.
    pub(super) async fn find<A: DeserializeOwned>(&self, question: Question<A>) -> anyhow::Result<Option<A>> {
        http::find(&self.client, &self.base, &own(question)).await.map_err(|error| self.said(error))
    }

    /// The same, with the answer's bytes as they are.
    pub(super) async fn find_bytes<A>(&self, question: Question<A>) -> anyhow::Result<Option<Vec<u8>>> {
        let url = self.base.at(&question.address);
        http::get(&self.client, &url).await.map_err(|error| self.said(error))
    }

    fn said(&self, error: HttpError) -> anyhow::Error {
        let what = match &error {
            HttpError::Unreachable(_) => zh_en!(
                "{} 没有会员端应答：callboard-agent run 是否在运行？",
                "no agent answers at {}: is `callboard-agent run` running?",
                self.at
            ),
            HttpError::Shape(_) => super::ANSWER.pick(Language::spoken()).to_owned(),
            _ => zh_en!("会员端 {}", "the agent at {}", self.at),
        };
        anyhow::Error::new(error).context(what)
    }
}

/// What an agent has of the registry's stands at its own address.
fn own<A>(mut question: Question<A>) -> Question<A> {
    if let Some(address) = question.address.strip_prefix("/v1") {
        question.address = address.to_owned();
    }
    question
}

#[cfg(test)]
mod tests {
    use super::here;

    #[test]
    fn an_agent_that_listens_everywhere_is_asked_on_loopback() {
        for (listen, asked) in [
            ("0.0.0.0:8448", "127.0.0.1:8448"),
            ("[::]:8448", "[::1]:8448"),
            ("192.0.2.7:8448", "192.0.2.7:8448"),
            ("127.0.0.1:1", "127.0.0.1:1"),
        ] {
            assert_eq!(here(listen.parse().unwrap()).to_string(), asked);
        }
    }
}
