//! `callboard-tokens`, and `callboard tokens`, which starts it: another hand than the registry's keeps this service.

use std::{io::BufWriter, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use callboard_client::{
    clock::midnight,
    create_new, exposition,
    language::{self, LanguageArg},
    output,
    pin::{Address, PinFile},
    runtime::{self, Bind, Logging, block_on, os_rng, serve_on, told_to_stop},
    sandbox_clock::{ClockArg, SandboxClock},
};
use callboard_federation::{
    encoding::{Hash, Time},
    language::Phrase,
    tag::Epoch,
    zh_en,
};

use crate::{Config, Setup, TokenService, batches::export, metrics, store::BatchFilter};

const EXAMPLES: &str = "\
Examples:
  callboard tokens init tokens --issuer callboard.example
                                           makes the service's directory and the token key of epoch 1
  callboard tokens serve tokens --pin genesis.json
                                           answers members and seats of the registry that the file pins
  callboard tokens batches tokens          what an auditor holds opened blinds against
";

const BATCHES_EXAMPLES: &str = "\
Examples:
  callboard tokens batches tokens --from 2026-05-01 --until 2026-06-01 > may.ndjson
  callboard tokens batches tokens --key 112025279a740ce4…      of one member's key, by its id

Each line: who asked (key id), when, how many points, and the root over the blinded points in their order. An auditor
asks the member to open a point of a batch, recomputes it from identity and blind, and holds its proof against the root.
";

const INIT_EXAMPLES: &str = "\
Examples:
  callboard tokens init tokens --issuer callboard.example --public-url https://tokens.callboard.example
  callboard tokens init tokens --issuer callboard.example --epoch 2
                                           another epoch later, beside the first

The public half, epoch-N.pub.json, goes to `callboard init --token-key`, or to whoever drafts the next roster.
";

const SERVE_EXAMPLES: &str = "\
Examples:
  callboard tokens serve tokens                          pinned by ./genesis.json
  callboard tokens serve tokens --genesis 5d41…          pinned by the hash alone
  callboard tokens serve tokens --sandbox                for an issuer that ends in .test
";

/// The token service: makes tags without seeing whose
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Tokens {
    #[command(subcommand)]
    verb: Verb,
}

/// What each verb is for, in Chinese; in English it stands beside the verb.
const ABOUTS: [(&str, &str); 3] = [
    ("init", "建立服务的目录，生成一期身份代码密钥"),
    ("serve", "运行身份代码服务"),
    ("batches", "输出已答复各批的根值，供审计"),
];

#[derive(clap::Parser)]
#[command(name = "callboard-tokens", version)]
struct Program {
    #[command(flatten)]
    _language: LanguageArg,
    #[command(flatten)]
    tokens: Tokens,
}

#[derive(clap::Subcommand)]
enum Verb {
    Init(Init),
    Serve(Serve),
    Batches(Batches),
}

/// Makes the service's directory, and the token key of an epoch
#[derive(clap::Args)]
#[command(after_long_help = INIT_EXAMPLES)]
struct Init {
    /// The directory; keep it from the registry's
    directory: PathBuf,
    /// The log's origin, for which the key is derived; it never changes
    #[arg(long)]
    issuer: String,
    /// The epoch of the key
    #[arg(long, value_name = "N", default_value = "1")]
    epoch: Epoch,
    /// The registry's public address
    #[arg(long, value_name = "URL")]
    registry_url: Option<Address>,
    /// Where the service listens
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The service's public address, for which members sign their requests; `http://` and where it listens, if absent
    #[arg(long, value_name = "URL")]
    public_url: Option<Address>,
}

#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!("校验文件属于另一登记册 {_0}", "the pin file is of another issuer, {_0}"))]
struct ForeignPinError(String);

/// Serves until it is told to stop
#[derive(clap::Args)]
#[command(after_long_help = SERVE_EXAMPLES)]
struct Serve {
    /// The directory that `tokens init` made
    directory: PathBuf,
    /// The hash that pins the registry's log, in place of a pin file
    #[arg(long, value_name = "HASH")]
    genesis: Option<Hash>,
    #[command(flatten)]
    pin: PinFile,
    /// Serve a sandbox: an issuer that ends in `.test`, for trying things out
    #[arg(long)]
    sandbox: bool,
    #[command(flatten)]
    clock: ClockArg,
    #[command(flatten)]
    bind: Bind,
    #[command(flatten)]
    logging: Logging,
}

/// Prints the roots of answered batches, for an auditor: a line of JSON each
#[derive(clap::Args)]
#[command(after_long_help = BATCHES_EXAMPLES)]
struct Batches {
    /// The service's directory; it may run
    directory: PathBuf,
    /// Those of a key alone: its id, hexadecimal
    #[arg(long, value_name = "KEYID")]
    key: Option<Hash>,
    /// Those answered on this day (UTC) or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<jiff::civil::Date>,
    /// Those answered before this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: Option<jiff::civil::Date>,
}

/// Parses the arguments, does what they say, and prints an error with its causes.
pub fn run() -> ExitCode {
    create_new::private_by_default();
    runtime::end("callboard-tokens", language::parse::<Program>(&ABOUTS).tokens.run())
}

impl Tokens {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.verb {
            Verb::Init(init) => init.run(),
            Verb::Batches(batches) => block_on(batches.run()),
            Verb::Serve(serve) => serve_on(&serve.logging, serve.serve()),
        }
    }
}

impl Init {
    fn run(self) -> anyhow::Result<ExitCode> {
        let Self { directory, issuer, epoch, registry_url, listen, public_url } = self;
        let setup = Setup { issuer, epoch, registry_url, public_url, listen };
        let files = crate::init(&directory, &setup, &mut os_rng())?;
        if let Some(config) = &files.config {
            println!(
                "{}{}",
                config.display(),
                zh_en!("：配置，各项附有说明", ": the configuration, each key explained")
            );
        }
        let public = zh_en!("：公钥，供列入签署权限名单（{}）", ": the public half, for the roster ({})", files.key);
        println!("{}{public}", files.public.display());
        let seed = zh_en!("：第{epoch}期的密钥种子", ": the seed of epoch {epoch}");
        println!("{}{seed}", files.seed.display());
        println!();
        println!(
            "{}",
            zh_en!(
                "请立即备份密钥种子：由数人分别保管，或存入保险柜。丢失后，此期之下再也查不到任何人，密封内容\n\
                 也无法打开；泄露后，持有登记册的人可以逐一试出证件号码。",
                "Back the seed up now, split among seats or in a safe. Without it nobody is ever found again under this\n\
                 epoch, and no details open; with it, whoever has the log can try every identity number there is."
            )
        );
        Ok(ExitCode::SUCCESS)
    }
}

impl Batches {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let day = |day: Option<jiff::civil::Date>| day.map(midnight).transpose();
        let from = day(self.from)?.unwrap_or(Time::from_millis(i64::MIN));
        let until = day(self.until)?.unwrap_or(Time::from_millis(i64::MAX));
        let wanted = BatchFilter { keyid: self.key, from, until };
        let mut out = BufWriter::new(output::rows());
        let count = export(&self.directory, wanted, &mut out).await?;
        eprintln!("callboard{}", zh_en!("：{count}批", ": {count} batches"));
        Ok(ExitCode::SUCCESS)
    }
}

impl Serve {
    async fn serve(&self) -> anyhow::Result<ExitCode> {
        runtime::forbid_core_dumps()?;
        let mut config = Config::read(&self.directory)?;
        config.listen = self.bind.instead_of(config.listen);
        runtime::writes_to(&self.directory)?;
        let genesis = if let Some(genesis) = self.genesis {
            genesis
        } else {
            let pin = self.pin.read()?;
            anyhow::ensure!(pin.issuer == config.issuer, ForeignPinError(pin.issuer));
            pin.genesis
        };
        let ahead = self.clock.ahead(&config.issuer).await?;
        let metrics = exposition::install(metrics::TABLE).context(Phrase::new("运行指标", "metrics"))?;
        let service = TokenService {
            dir: self.directory.clone(),
            config,
            genesis,
            sandbox: self.sandbox,
            clock: SandboxClock::clock_of(ahead.as_ref()),
            os_rng: Arc::new(|| Box::new(os_rng())),
            metrics: Some(metrics),
        };
        let told_to_stop = told_to_stop();
        tokio::pin!(told_to_stop);
        let running = tokio::select! {
            running = service.start() => running?,
            // A start that breaks off is as one that died.
            () = &mut told_to_stop => return Ok(ExitCode::SUCCESS),
        };
        SandboxClock::follow_until(ahead.as_ref(), told_to_stop, async || {}).await;
        tracing::info!("stopping: what was answered is kept");
        running.stop().await;
        Ok(ExitCode::SUCCESS)
    }
}
