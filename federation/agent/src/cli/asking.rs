//! Asking the agent that runs, over its API, with its token.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Context as _;
use callboard_client::http::{self, HttpError};
use callboard_federation::{language::Phrase, zh_en};
use reqwest::StatusCode;

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
        Ok(AgentClient { client: http::agent_client(token.as_str())?, at })
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
    /// What stands at a path, or `None` where nothing does.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        http::get(&self.client, &self.url(path)).await.map_err(|error| self.said(error))
    }

    pub(super) async fn post(&self, path: &str, json: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        let answer = http::post(&self.client, &self.url(path), "application/json", json).await;
        answer.map_err(|error| self.said(error))
    }

    /// Posts JSON about what is known, or isn't: whether it is.
    pub(super) async fn post_known(&self, path: &str, json: Vec<u8>) -> anyhow::Result<bool> {
        match http::post(&self.client, &self.url(path), "application/json", json).await {
            Ok(_) => Ok(true),
            Err(HttpError::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(false),
            Err(error) => Err(self.said(error)),
        }
    }

    pub(super) async fn patch(&self, path: &str, json: serde_json::Value) -> anyhow::Result<Vec<u8>> {
        let answer = http::patch(&self.client, &self.url(path), json.to_string().into_bytes()).await;
        answer.map_err(|error| self.said(error))
    }

    /// Whether anything stood there.
    pub(super) async fn delete(&self, path: &str) -> anyhow::Result<bool> {
        http::delete(&self.client, &self.url(path)).await.map_err(|error| self.said(error))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    fn said(&self, error: HttpError) -> anyhow::Error {
        let what = match &error {
            HttpError::Unreachable(_) => zh_en!(
                "{} 没有会员端应答：callboard-agent run 是否在运行？",
                "no agent answers at {}: is `callboard-agent run` running?",
                self.at
            ),
            _ => zh_en!("会员端 {}", "the agent at {}", self.at),
        };
        anyhow::Error::new(error).context(what)
    }
}

/// Which of the people at a path is meant.
pub(super) fn query(person: Option<&str>) -> String {
    person.map_or_else(String::new, |person| format!("?person={}", segment(person)))
}

/// A text as one part of a path (RFC 3986 §2.1: what is not unreserved is escaped).
pub(super) fn segment(text: &str) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escaped = text.bytes().map(|byte| match byte {
        byte if is_unreserved(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use super::{here, segment};

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

    #[test]
    fn a_ref_of_any_characters_is_one_part_of_a_path() {
        assert_eq!(segment("host-1"), "host-1");
        assert_eq!(segment("a/b?主播"), "a%2Fb%3F%E4%B8%BB%E6%92%AD");
    }
}
