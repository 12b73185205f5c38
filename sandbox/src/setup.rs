//! A sandbox's start and end: keys, log, both services and the member's agent in one process, by one clock.
//!
//! What it begins with it makes itself; a sandbox that was kept goes on with what lies in its directory.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;
use callboard_agent::{agent::Agent, config as agent_config};
use callboard_client::{
    clock::{AheadClock, Clock as _, MachineClock},
    create_new,
    http::{self, Caller},
    pin::Pin,
    public_file::{PublicFile, PublicTokenKey},
    runtime::os_rng,
    settings::{of_member, set_texts},
};
use callboard_desk::{policies::taking_over, registry, setup::RegistrySetup};
use callboard_federation::{
    document::Document,
    encoding::{Hash, Time, from_json, to_json},
    policy::Policy,
    tag::Epoch,
};
use callboard_keys::{KNOWN_PASSPHRASE, KeyFile, MemberKey};
use callboard_registry::{
    cli::serve::{Registry, StartOptions},
    config,
    ledger::key_file::make_log_key,
};
use callboard_rules::policies;
use callboard_tokens as tokens;

use super::{TRANSITION, committee::Committee, impostor::Impostor, ports::Ports, procedure::covered, state::State};

/// The log's origin: it ends in `.test`, so every program says that nothing in it binds anybody.
const ISSUER: &str = "sandbox.test";
const MEMBER: &str = "alpha";
/// How far its clock can be set ahead before the roster is over: forty years.
const DAYS: i64 = 40 * 366;
/// How long before it begins its committee is there: its cases are heard meanwhile.
const FOUNDED_DAYS: i64 = 60;
/// How long rulings from before it may be taken over.
const TRANSITION_DAYS: i64 = 360;
/// How long the agent may take to cosign what was just logged.
const WITNESSED_WITHIN: Duration = Duration::from_secs(30);
/// The registry's database and the note that it signed last, below its directory.
pub(super) const HISTORY: [&str; 2] = ["registry/registry.sqlite", "registry/signed.note"];

pub(super) struct Sandbox {
    pub(super) clock: Arc<AheadClock>,
    pub(super) committee: Committee,
    pub(super) pin: Pin,
    pub(super) state: State,
    pub(super) ports: Ports,
    /// The registry, unless it is down.
    pub(super) registry: Option<Registry>,
    pub(super) agent: Option<Agent>,
    pub(super) tokens: Tokens,
}

/// What stands where the token service is.
pub(super) enum Tokens {
    Service(tokens::RunningService),
    /// Something that has another key.
    Impostor(Impostor),
    None,
}

impl Tokens {
    async fn stop(self) {
        match self {
            Self::Service(service) => service.stop().await,
            Self::Impostor(impostor) => impostor.stop().await,
            Self::None => {}
        }
    }
}

impl Sandbox {
    /// Makes everything in a directory, which is empty, and starts it.
    pub(super) async fn found(state: State, ports: Ports, hook: Option<&str>) -> anyhow::Result<Self> {
        let mut policies: Vec<Document<Policy>> =
            policies::ALL.iter().map(policies::Source::document).collect::<Result<_, _>>()?;
        let now = MachineClock.now();
        let founded_at = founded_at(&policies, now)?;
        let clock = Arc::new(AheadClock::at(founded_at));
        let committee = Committee::found(&state.at("seats"), clock.clone())?;
        let (key, token_key) = (make_member_key(&state.at(MEMBER))?, token_key(&state.at("tokens"), ports)?);

        std::fs::create_dir_all(state.at("registry"))?;
        let seats = committee.seats().iter().map(|key| match key.public() {
            PublicFile::Seat(seat) => Ok(seat),
            _ => anyhow::bail!("a seat's public file is a seat's"),
        });
        let PublicFile::Member(member) = key.public("沙盒平台".to_owned()) else {
            anyhow::bail!("a member's public file is a member's")
        };
        policies.push(transition(clock.now())?);
        let setup = RegistrySetup {
            issuer: ISSUER.to_owned(),
            issued_at: clock.now(),
            expires: clock.now().plus_days(DAYS),
            seats: seats.collect::<Result<_, _>>()?,
            log: make_log_key(&state.at("registry/log.key"), ISSUER.parse()?, &mut os_rng())?,
            token_keys: vec![token_key],
            members: vec![member],
            witnesses: Vec::new(),
            // The sandbox's own agent, which runs as long as the registry does.
            quorum: 1,
            policies,
        };
        let drafts = setup.draft(&mut os_rng())?;
        let pin = pin(drafts.genesis.hash(), ports)?;
        state.write("genesis.json", &to_json(&pin))?;
        let configuration = configured(&of_member(&pin, key.member()), &pin, ports, hook);
        create_new::write(&state.member(), create_new::PRIVATE, configuration.as_bytes())?;

        let registry =
            Registry::start(registry_config(&state, ports, HISTORY)?, clock.clone(), StartOptions::default()).await?;
        for bundle in [Some(drafts.genesis), drafts.policies, drafts.members].into_iter().flatten() {
            let caller = Caller::new(http::client()?, key.request_key(), &*clock);
            committee.issue(&registry::Registry::new(&pin, &caller), &bundle).await?;
        }
        let (agent, tokens, registry) = (None, Tokens::None, Some(registry));
        let sandbox = Self { clock, committee, pin, state, ports, registry, agent, tokens };
        sandbox.set_ahead(u64::try_from(now.as_millis() - founded_at.as_millis())?).await;
        sandbox.with_services(true).await
    }

    /// Goes on with what lies in a directory, on whichever ports.
    pub(super) async fn go_on(state: State, ports: Ports, hook: Option<&str>, has_agent: bool) -> anyhow::Result<Self> {
        let clock = Arc::new(AheadClock::default());
        clock.advance(state.ahead()?);
        let committee = Committee::open(&state.at("seats"), clock.clone())?;
        let before: Pin = from_json(&std::fs::read(state.at("genesis.json"))?)?;
        let pin = pin(before.genesis, ports)?;
        let (registry, agent, tokens) = (None, None, Tokens::None);
        let mut sandbox = Self { clock, committee, pin, state, ports, registry, agent, tokens };
        // First, since it takes the directory for this process alone.
        sandbox.start_registry().await?;
        let Self { state, pin, .. } = &sandbox;
        state.write("genesis.json", &to_json(pin))?;
        let configuration = std::fs::read_to_string(state.member())?;
        state.write("alpha/member.toml", configured(&configuration, pin, ports, hook).as_bytes())?;
        sandbox.with_services(has_agent).await
    }

    async fn with_services(mut self, has_agent: bool) -> anyhow::Result<Self> {
        if has_agent {
            self.start_agent().await?;
            // The token service looks at what is proven, so at what the agent has cosigned.
            self.witnessed().await?;
        }
        self.start_tokens().await?;
        Ok(self)
    }

    /// Starts the registry with its own history, which is the true one.
    pub(super) async fn start_registry(&mut self) -> anyhow::Result<()> {
        let config = registry_config(&self.state, self.ports, HISTORY)?;
        self.registry = Some(Registry::start(config, self.clock.clone(), StartOptions::default()).await?);
        Ok(())
    }

    /// Stops the registry, if it isn't down.
    pub(super) async fn stop_registry(&mut self) -> anyhow::Result<()> {
        match self.registry.take() {
            Some(registry) => registry.stop().await,
            None => Ok(()),
        }
    }

    pub(super) async fn start_agent(&mut self) -> anyhow::Result<()> {
        let key = self.member_key()?;
        let config = agent_config::Config::read(&self.state.member())?;
        self.agent = Some(Agent::start(config, key, self.clock.clone(), None).await?);
        Ok(())
    }

    /// Stops the agent that it has itself, if it has one.
    pub(super) async fn dismiss_agent(&mut self) {
        if let Some(agent) = self.agent.take() {
            agent.stop().await;
        }
    }

    pub(super) async fn start_tokens(&mut self) -> anyhow::Result<()> {
        let dir = self.state.at("tokens");
        let mut config = tokens::Config::read(&dir)?;
        // As `tokens init` wrote it, on whichever ports.
        config.listen = self.ports.tokens();
        config.public_url = format!("http://{}", self.ports.tokens()).parse()?;
        config.registry_url = format!("http://{}", self.ports.registry()).parse()?;
        let service = tokens::TokenService {
            dir,
            config,
            genesis: self.pin.genesis,
            sandbox: true,
            clock: self.clock.clone(),
            os_rng: Arc::new(|| Box::new(os_rng())),
            metrics: None,
        };
        self.tokens = Tokens::Service(service.start().await?);
        Ok(())
    }

    /// Stops what stands where the token service is.
    pub(super) async fn stop_tokens(&mut self) {
        std::mem::replace(&mut self.tokens, Tokens::None).stop().await;
    }

    pub(super) fn member_key(&self) -> anyhow::Result<MemberKey> {
        let path = self.state.at(MEMBER).join(format!("{MEMBER}.key"));
        Ok(MemberKey::open(&path, KNOWN_PASSPHRASE.into())?)
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Sets the clock ahead, and lets each part look at it.
    pub(super) async fn advance(&self, millis: u64) -> anyhow::Result<()> {
        // Kept first: a clock that is behind its own log after a crash would be of no use.
        self.state.keep_ahead(self.state.ahead()?.saturating_add(millis))?;
        self.set_ahead(millis).await;
        Ok(())
    }

    async fn set_ahead(&self, millis: u64) {
        self.clock.advance(millis);
        if let Some(registry) = &self.registry {
            registry.is_set_ahead().await;
        }
        if let Some(agent) = &self.agent {
            agent.hurry();
        }
    }

    /// Waits until a quorum has cosigned all that is logged: only then is there a proof.
    pub(super) async fn witnessed(&self) -> anyhow::Result<()> {
        let registry = self.registry.as_ref().context("the registry is down: undo the scenario first")?;
        let mut board = registry.ledger.subscribe();
        let all = board.wait_for(|board| board.witnessed.as_ref().is_some_and(|seen| seen.size == board.newest.size));
        let seen = tokio::time::timeout(WITNESSED_WITHIN, all).await.context("no agent runs that cosigns the log")?;
        seen.context("the log is closed")?;
        Ok(())
    }

    /// Stops everything at once, so that it takes no longer than one of them.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        let Self { agent, tokens, registry, .. } = self;
        let dismissed = async {
            if let Some(agent) = agent {
                agent.stop().await;
            }
        };
        let closed = async {
            match registry {
                Some(registry) => registry.stop().await,
                None => Ok(()),
            }
        };
        tokio::join!(dismissed, tokens.stop(), closed).2
    }
}

/// When a committee was there first that decides today under these policies: cases take weeks.
pub(super) fn founded_at(policies: &[Document<Policy>], now: Time) -> anyhow::Result<Time> {
    policies.iter().try_fold(now.plus_days(-FOUNDED_DAYS), |at, policy| covered(&policy.value, at))
}

fn pin(genesis: Hash, ports: Ports) -> anyhow::Result<Pin> {
    let (url, tokens_url) = (format!("http://{}", ports.registry()), format!("http://{}", ports.tokens()));
    Ok(Pin { v: 1, issuer: ISSUER.to_owned(), genesis, url: url.parse()?, tokens_url: tokens_url.parse()? })
}

/// A `member.toml` with this sandbox's addresses; all else in it stays.
fn configured(file: &str, pin: &Pin, ports: Ports, hook: Option<&str>) -> String {
    let mut values = vec![
        ("url", pin.url.to_string()),
        ("tokens_url", pin.tokens_url.to_string()),
        ("listen", ports.agent().to_string()),
    ];
    values.extend(hook.map(|hook| ("hook", hook.to_owned())));
    set_texts(file, &values)
}

/// The rules of 2022, as a policy under which rulings from before the registry are taken over.
fn transition(now: Time) -> anyhow::Result<Document<Policy>> {
    let rules = policies::find("streamer-warning-rules", "2022").context("the rules of 2022")?;
    let (instrument, version) = TRANSITION.split_once('/').context("a policy's name")?;
    let policy = Policy { instrument: instrument.to_owned(), version: version.to_owned(), ..rules.document()?.value };
    Ok(taking_over(policy, now.plus_days(TRANSITION_DAYS))?)
}

fn make_member_key(dir: &Path) -> anyhow::Result<MemberKey> {
    std::fs::create_dir_all(dir)?;
    let path = dir.join(format!("{MEMBER}.key"));
    let key = MemberKey::generate(MEMBER.to_owned().try_into()?, ISSUER.to_owned(), &mut os_rng())?;
    KeyFile::Member(key).write_known(&path)?;
    Ok(MemberKey::open(&path, KNOWN_PASSPHRASE.into())?)
}

fn token_key(dir: &Path, ports: Ports) -> anyhow::Result<PublicTokenKey> {
    let setup = tokens::Setup {
        issuer: ISSUER.to_owned(),
        epoch: Epoch::new(1)?,
        registry_url: Some(format!("http://{}", ports.registry()).parse()?),
        public_url: None,
        listen: Some(ports.tokens()),
    };
    let drafts = tokens::init(dir, &setup, &mut os_rng())?;
    PublicTokenKey::read(&drafts.public).context("the token key that was just made")
}

/// The registry's configuration, over the defaults, with a history: its database, and the note that it signed last.
pub(super) fn registry_config(state: &State, ports: Ports, history: [&str; 2]) -> anyhow::Result<config::Config> {
    let mut config = config::Config::of_text(&format!(
        "[registry]\nissuer = \"{ISSUER}\"\npublic_url = \"http://{0}\"\nlisten = \"{0}\"\n",
        ports.registry()
    ))?;
    config.registry.store = format!("sqlite:{}", state.at(history[0]).display());
    config.log.key = state.at("registry/log.key");
    config.log.signed_note = state.at(history[1]);
    config.delivery.loopback = true;
    Ok(config)
}
