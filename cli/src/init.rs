//! `callboard init`: a registry's data directory, with its first dockets to be signed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_client::{
    clock::Clock as _,
    create_new, output,
    pin::Address,
    public_file::{PublicMember, PublicSeat, PublicTokenKey},
    sandbox_clock::ClockArg,
    settings::of_member,
};
use callboard_desk::{
    policies,
    setup::{self, ROSTER_DAYS, RegistrySetup, SetupDrafts},
};
use callboard_federation::{
    document::Document,
    members::MemberId,
    policy::{MAX_IMPORT_DAYS, Policy},
    tlog::vkey::{KeyName, VerifierKey},
    zh_en,
};
use callboard_registry::{
    cli::succeed::{FOR_SERVE, NOBODY_ELSES},
    config,
    ledger::key_file::make_log_key,
};
use callboard_rules::policies::{ALL, Source};

use super::member::write_configuration;

const CONFIG: &str = "callboard.toml";
const LOG_KEY: &str = "log.key";

const EXAMPLES: &str = "\
Example:
  callboard init registry --issuer callboard.example \\
      --url https://callboard.example --tokens-url https://tokens.callboard.example \\
      --seat keys/panel-*.pub.json keys/chair-*.pub.json keys/secretary-*.pub.json \\
      --token-key tokens/epoch-1.pub.json --member keys/alpha.pub.json

Then enough seats sign genesis.bundle, policies.bundle and members.bundle, which are handed in in this order within \
14 days. Each first member gets its MEMBER/member.toml, which it puts beside its key.

The first roster asks, for a ruling and for all that undoes one or changes the rules, 2 seats of the panel (1 where \
there are but 2) and a chair; for an interim or a stay, a chair; for a dispute or a rejoinder, one of the secretariat; \
for members, 1 of the panel and a chair; for an erasure, a chair and one of the secretariat. These are defaults of \
ours, not of any instrument; a later roster may ask otherwise.";

/// Set up a registry: its configuration, its log key, and its first dockets to be signed
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Init {
    /// The registry's data directory; made if it isn't there
    dir: PathBuf,
    /// The log's origin, which names the registry for good; one that ends in .test is a sandbox
    #[arg(long)]
    issuer: KeyName,
    /// The registry's public address
    #[arg(long)]
    url: Address,
    /// The token service's public address
    #[arg(long, value_name = "URL")]
    tokens_url: Address,
    /// The public files of the seats, from `callboard keygen`
    #[arg(long = "seat", value_name = "FILE", num_args = 1.., required = true)]
    seats: Vec<PathBuf>,
    /// The public files of the token keys, from `callboard tokens init`
    #[arg(long = "token-key", value_name = "FILE", num_args = 1.., required = true)]
    token_keys: Vec<PathBuf>,
    /// The public files of the first members, from `callboard keygen --member`
    #[arg(long = "member", value_name = "FILE", num_args = 1..)]
    members: Vec<PathBuf>,
    /// Verifier keys of witnesses that aren't members
    #[arg(long = "witness", value_name = "VKEY", num_args = 1..)]
    witnesses: Vec<VerifierKey>,
    /// How many witnesses a view needs: 0, or more than half. Nobody cosigns before the log begins: with another than 0
    /// nothing is proven until so many agents run
    #[arg(long, default_value_t = 0)]
    quorum: u64,
    /// The day on which the first roster ends, in UTC [default: in two years]
    #[arg(long, value_name = "YYYY-MM-DD")]
    expires: Option<jiff::civil::Date>,
    /// The policies to rule under, of those that come with the program, as INSTRUMENT/VERSION [default: all]
    #[arg(long = "policy", value_name = "POLICY", num_args = 1.., value_parser = policies::named)]
    policies: Vec<&'static Source>,
    /// Policies of the committee's own: their documents, as JSON; then those of the program are only those named
    #[arg(long = "policy-file", value_name = "FILE", num_args = 1..)]
    policy_files: Vec<PathBuf>,
    /// For so many days these policies take over rulings from before the registry, without a case: `callboard draft
    /// --import`
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=MAX_IMPORT_DAYS))]
    import_days: Option<i64>,
    #[command(flatten)]
    clock: ClockArg,
}

impl Init {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let at = |name: &str| self.dir.join(name);
        for name in [CONFIG, LOG_KEY].into_iter().chain(setup::FILES) {
            anyhow::ensure!(
                !at(name).exists(),
                zh_en!(
                    "{} 已经存在；登记册只能设立一次",
                    "{} is there already; a registry is set up once",
                    at(name).display()
                )
            );
        }
        let issued_at = self.clock.of(self.issuer.as_str()).await?.now();
        let seats = self.seats.iter().map(|path| PublicSeat::read(path)).collect::<Result<_, _>>()?;
        let token_keys = self.token_keys.iter().map(|path| PublicTokenKey::read(path)).collect::<Result<_, _>>()?;
        let members: Vec<PublicMember> =
            self.members.iter().map(|path| PublicMember::read(path)).collect::<Result<_, _>>()?;
        let ids: Vec<MemberId> = members.iter().map(|member| member.member.clone()).collect();
        for path in ids.iter().map(|id| self.of_member(id)) {
            create_new::not_there(&path)?;
        }
        let mut policies = self.policies()?;
        if let Some(days) = self.import_days {
            let until = issued_at.plus_days(days);
            let taking_over = |policy: Document<Policy>| policies::taking_over(policy.value, until);
            policies = policies.into_iter().map(taking_over).collect::<Result<_, _>>()?;
        }
        let expires = self.expires.map(super::midnight).transpose()?;

        std::fs::create_dir_all(&self.dir).with_context(|| self.dir.display().to_string())?;
        let mut rng = super::os_rng();
        let setup = RegistrySetup {
            issuer: self.issuer.to_string(),
            issued_at,
            expires: expires.unwrap_or_else(|| issued_at.plus_days(ROSTER_DAYS)),
            seats,
            log: make_log_key(&at(LOG_KEY), self.issuer.clone(), &mut rng)?,
            token_keys,
            members,
            witnesses: self.witnesses.clone(),
            quorum: self.quorum,
            policies,
        };
        let drafts = setup.draft(&mut rng).inspect_err(|_| {
            // No roster names this key yet: whoever corrects the command makes another.
            let _ = std::fs::remove_file(at(LOG_KEY));
        })?;
        self.write(&drafts, &ids)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The configuration that goes to a first member.
    fn of_member(&self, id: &MemberId) -> PathBuf {
        self.dir.join(id.as_str()).join("member.toml")
    }

    fn policies(&self) -> anyhow::Result<Vec<Document<Policy>>> {
        let all = self.policies.is_empty() && self.policy_files.is_empty();
        let named = if all { ALL.iter().collect() } else { self.policies.clone() };
        let of_program = named.into_iter().map(|source| source.document().context(source.instrument));
        of_program.chain(self.policy_files.iter().map(|path| read_policy(path))).collect()
    }

    fn write(&self, drafts: &SetupDrafts, members: &[MemberId]) -> anyhow::Result<()> {
        let at = |name: &str| self.dir.join(name);
        let config = config::new_text(self.issuer.as_str(), &self.url);
        create_new::write(&at(CONFIG), create_new::PRIVATE, config.as_bytes()).with_context(|| CONFIG)?;
        let (pin, lines) = drafts.write(&self.dir, self.url.clone(), self.tokens_url.clone())?;
        println!("{}  {FOR_SERVE}", at(CONFIG).display());
        println!("{}  {NOBODY_ELSES}", at(LOG_KEY).display());
        output::lines(lines);
        for id in members {
            write_configuration(&self.of_member(id), &of_member(&pin, id))?;
        }
        println!("{}", zh_en!("登记册校验码 {}", "genesis {}", pin.genesis));
        if pin.is_sandbox() {
            println!(
                "{}",
                zh_en!(
                    "{} 是测试环境：callboard serve 须加 --sandbox",
                    "{} is a sandbox: `callboard serve` takes it with --sandbox alone",
                    self.issuer
                )
            );
        }
        Ok(())
    }
}

fn read_policy(path: &Path) -> anyhow::Result<Document<Policy>> {
    let told = || path.display().to_string();
    policies::read(std::fs::read_to_string(path).with_context(told)?).with_context(told)
}
