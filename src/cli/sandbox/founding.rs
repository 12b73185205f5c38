//! A sandbox from nothing: keys, log, both services and the member's agent in one process, by one clock.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use callboard_agent::{
    agent::{Agent, Running},
    config as agent_config,
};
use callboard_client::{
    clock::{AheadClock, Clock as _},
    http::{self, Caller},
    key_file::{KNOWN_PASSPHRASE, KeyFile, MemberKey},
    new_file,
    pin::Pin,
    public_file::{PublicFile, PublicTokenKey},
};
use callboard_federation::{encoding::Time, tag::Epoch};

use super::committee::Committee;
use crate::{
    cli::{
        chance,
        serve::{How, Registry},
    },
    config,
    desk::{genesis::Founding, registry},
    ledger::key_file::make_log_key,
    rules::policies,
    tokens,
};

/// The log's origin: it ends in `.test`, so every program says that nothing in it binds anybody.
const ISSUER: &str = "sandbox.test";
/// The platform that it has.
const MEMBER: &str = "alpha";
/// How far its clock can be set ahead before the roster is over: forty years.
const DAYS: i64 = 40 * 366;
/// How long the agent may take to cosign what was just logged.
const WITNESSED_WITHIN: Duration = Duration::from_secs(30);

/// A sandbox that serves.
pub(super) struct Sandbox {
    pub(super) clock: Arc<AheadClock>,
    pub(super) committee: Committee,
    pub(super) pin: Pin,
    pub(super) registry: Registry,
    pub(super) agent: Option<Running>,
    tokens: tokens::Running,
    /// Where `member.toml` lies.
    pub(super) member: PathBuf,
}

/// Where each of its parts listens: one port behind the other.
#[derive(Clone, Copy)]
pub(super) struct Ports(pub(super) u16);

impl Ports {
    pub(super) fn registry(self) -> SocketAddr {
        self.at(0)
    }

    pub(super) fn tokens(self) -> SocketAddr {
        self.at(1)
    }

    pub(super) fn agent(self) -> SocketAddr {
        self.at(2)
    }

    pub(super) fn control(self) -> SocketAddr {
        self.at(3)
    }

    fn at(self, behind: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.0.saturating_add(behind)).into()
    }
}

impl Sandbox {
    /// Makes everything in `dir`, which is empty, and starts it.
    pub(super) async fn found(dir: &Path, ports: Ports) -> anyhow::Result<Self> {
        let clock = Arc::new(AheadClock::default());
        let at = |name: &str| dir.join(name);
        let committee = Committee::found(&at("seats"), clock.clone())?;
        let (key, token_key) = (member_key(&at(MEMBER))?, token_key(&at("tokens"), ports)?);

        std::fs::create_dir_all(at("registry"))?;
        let seats = committee.seats().iter().map(|key| match key.public() {
            PublicFile::Seat(seat) => Ok(seat),
            _ => anyhow::bail!("a seat's public file is a seat's"),
        });
        let PublicFile::Member(member) = key.public("沙盒平台".to_owned()) else {
            anyhow::bail!("a member's public file is a member's")
        };
        let founding = Founding {
            issuer: ISSUER.to_owned(),
            issued_at: clock.now(),
            expires: clock.now().plus_days(DAYS),
            seats: seats.collect::<Result<_, _>>()?,
            log: make_log_key(&at("registry/log.key"), ISSUER.parse()?, &mut chance())?,
            token_keys: vec![token_key],
            members: vec![member],
            witnesses: Vec::new(),
            // The sandbox's own agent, which runs as long as the registry does.
            quorum: 1,
            policies: policies::ALL.iter().map(policies::Source::document).collect::<Result<_, _>>()?,
        };
        let founded = founding.draft(&mut chance())?;
        let address = |socket: SocketAddr| format!("http://{socket}").parse();
        let (url, tokens_url) = (address(ports.registry())?, address(ports.tokens())?);
        let pin = Pin { v: 1, issuer: ISSUER.to_owned(), genesis: founded.genesis.hash(), url, tokens_url };
        pin.write(&at("genesis.json"))?;
        let member = at(MEMBER).join("member.toml");
        let listen = format!("\"{}\"", ports.agent());
        let configuration = agent_config::written(&pin, key.member(), &[("listen", &listen)]);
        new_file::write(&member, new_file::PRIVATE, configuration.as_bytes())?;

        let registry = Registry::start(registry_config(dir, ports)?, clock.clone(), How::default()).await?;
        for bundle in [Some(founded.genesis), founded.policies, founded.members].into_iter().flatten() {
            let caller = Caller::new(http::client()?, key.request_key(), &*clock);
            committee.issue(&registry::Registry::new(&pin, &caller), &bundle).await?;
        }
        let agent = Agent::start(agent_config::Config::read(&member)?, key, clock.clone(), None).await?;
        // The token service looks at what is proven, so at what the agent has cosigned.
        witnessed(&registry).await?;
        let service = tokens::Service {
            dir: at("tokens"),
            config: tokens::Config::read(&at("tokens"))?,
            genesis: pin.genesis,
            sandbox: true,
            clock: clock.clone(),
            chance: Arc::new(|| Box::new(chance())),
            metrics: None,
        };
        let tokens = service.start().await?;
        Ok(Self { clock, committee, pin, registry, agent: Some(agent), tokens, member })
    }

    /// The agent, unless it was stopped for another to stand in its place.
    pub(super) async fn dismiss_agent(&mut self) {
        if let Some(agent) = self.agent.take() {
            agent.stop().await;
        }
    }

    /// What its clock says.
    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Sets the clock ahead, and lets each part look at it.
    pub(super) async fn advance(&self, millis: u64) {
        self.clock.advance(millis);
        if let Err(error) = self.registry.ledger.refresh().await {
            tracing::warn!(%error, "the log is not signed anew");
        }
        if let Some(agent) = &self.agent {
            agent.hurry();
        }
    }

    /// Waits until a quorum has cosigned all that is logged: only then is there a proof.
    pub(super) async fn witnessed(&self) -> anyhow::Result<()> {
        witnessed(&self.registry).await
    }

    /// Stops everything, the agent first.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.dismiss_agent().await;
        self.tokens.stop().await;
        self.registry.stop().await
    }
}

async fn witnessed(registry: &Registry) -> anyhow::Result<()> {
    let mut board = registry.ledger.subscribe();
    let all = board.wait_for(|board| board.witnessed.as_ref().is_some_and(|seen| seen.size == board.newest.size));
    tokio::time::timeout(WITNESSED_WITHIN, all).await.context("no agent has cosigned the log: is one running?")??;
    Ok(())
}

fn member_key(dir: &Path) -> anyhow::Result<MemberKey> {
    std::fs::create_dir_all(dir)?;
    let path = dir.join(format!("{MEMBER}.key"));
    let key = MemberKey::generate(MEMBER.to_owned().try_into()?, ISSUER.to_owned(), &mut chance())?;
    KeyFile::Member(key).write_known(&path)?;
    Ok(MemberKey::open(&path, KNOWN_PASSPHRASE.into())?)
}

fn token_key(dir: &Path, ports: Ports) -> anyhow::Result<PublicTokenKey> {
    let founding = tokens::Founding {
        issuer: ISSUER.to_owned(),
        epoch: Epoch::new(1)?,
        registry_url: Some(format!("http://{}", ports.registry())),
        public_url: None,
        listen: Some(ports.tokens()),
    };
    let founded = tokens::init(dir, &founding, &mut chance())?;
    PublicTokenKey::read(&founded.public).context("the token key that was just made")
}

/// The registry's configuration, over the defaults.
fn registry_config(dir: &Path, ports: Ports) -> anyhow::Result<config::Config> {
    let at = |name: &str| dir.join("registry").join(name);
    let mut config = config::Config::of_text(&format!(
        "[registry]\nissuer = \"{ISSUER}\"\npublic_url = \"http://{0}\"\nlisten = \"{0}\"\n",
        ports.registry()
    ))?;
    config.registry.store = format!("sqlite:{}", at("registry.sqlite").display());
    config.log.key = at("log.key");
    config.log.signed_note = at("signed.note");
    config.delivery.loopback = true;
    Ok(config)
}
