//! `callboard member`: members join.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    http,
    key_file::SeatKey,
    new_file,
    passphrase::PassphraseSource,
    pin::PinFile,
    public_file::PublicMember,
};
use callboard_federation::{
    docket::Docket,
    members::{Grant, MemberId},
};
use clap::Subcommand;

use crate::desk::{
    bundle::signers,
    genesis::POINTS_PER_DAY,
    member::{InForce, Joining, agent_configuration},
};

const EXAMPLES: &str = "\
Example:
  callboard member add alpha.pub.json --key secretary-1.key
      members-2.bundle and roster-2.bundle are to be signed, and handed in in this order;
      member.toml goes to the member

The roster is for the member's witness key: its agent cosigns the log. Of several members each gets \
MEMBER/member.toml.";

/// Let members join
#[derive(clap::Args)]
pub struct Member {
    #[command(subcommand)]
    act: MemberAct,
}

#[derive(Subcommand)]
enum MemberAct {
    Add(Add),
}

/// Draft the list of members, and the roster, with new members in them
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct Add {
    /// The public files of the members, from `callboard keygen --member`
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    pin: PinFile,
    /// The key file of the seat that drafts; it can open what it drafts
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// How many identities each may ask about in a day
    #[arg(long, value_name = "POINTS", default_value_t = POINTS_PER_DAY)]
    per_day: u64,
    /// How many besides, for a first load
    #[arg(long, value_name = "POINTS", requires = "grant_until")]
    grant: Option<u64>,
    /// Until the beginning of which day, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", requires = "grant")]
    grant_until: Option<jiff::civil::Date>,
    /// Where to write the bundles, and member.toml
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl Member {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let MemberAct::Add(add) = self.act;
        super::block_on(add.run())
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let pin = self.pin.read()?;
        let members: Vec<PublicMember> =
            self.files.iter().map(|path| PublicMember::read(path)).collect::<Result<_, _>>()?;
        let ids: Vec<_> = members.iter().map(|member| member.member.clone()).collect();
        let configuration = |id: &MemberId| match &ids[..] {
            [_] => self.out.join("member.toml"),
            _ => self.out.join(id.as_str()).join("member.toml"),
        };
        for path in ids.iter().map(configuration) {
            anyhow::ensure!(!path.exists(), "{} is there already; it isn't overwritten", path.display());
        }
        let until = self.grant_until.map(super::midnight).transpose()?;
        let grant = self.grant.zip(until).map(|(count, until)| Grant { count, until });
        let in_force = InForce::fetch(&http::client()?, &pin).await?;
        let key = SeatKey::open(&self.key, self.passphrase.of(&self.key)?)?;

        let joined = Joining { members, per_day: self.per_day, grant }.draft(
            &in_force,
            &key.public_key().id(),
            MachineClock.now(),
            &mut super::chance(),
        )?;
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let roster = &in_force.roster;
        let readers = |docket: &Docket| signers(roster, docket).chain([key.recipient()]);
        let next = joined.roster.as_ref().map(|next| (format!("roster-{}.bundle", roster.version + 1), next));
        let bundles = [(format!("members-{}.bundle", joined.members_version), &joined.members)];
        for (name, bundle) in bundles.into_iter().chain(next) {
            let path = self.out.join(name);
            bundle.write(&path, readers(bundle.docket()))?;
            println!("{}  to be signed by {}", path.display(), super::asked(roster, bundle.docket()));
        }
        if joined.roster.is_some() {
            println!("hand the members in before the roster: both name roster {}", roster.version);
        }
        for id in &ids {
            write_configuration(&configuration(id), &agent_configuration(&pin, id))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write_configuration(path: &Path, text: &str) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    path.parent().map_or(Ok(()), std::fs::create_dir_all).with_context(told)?;
    new_file::write(path, new_file::PUBLIC, text.as_bytes()).with_context(told)?;
    println!("{}  the member's, beside its key", path.display());
    Ok(())
}
