//! `callboard member`: members join, and leave.

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
    pin::{Pin, PinFile},
    public_file::PublicMember,
};
use callboard_federation::{
    docket::Docket,
    encoding::KeyId,
    members::{Grant, MemberId},
};
use clap::Subcommand;

use crate::desk::{
    bundle::signers,
    genesis::POINTS_PER_DAY,
    member::{Amended, InForce, Joining, JoiningError, Leaving, agent_configuration},
};

const EXAMPLES: &str = "\
Example:
  callboard member add alpha.pub.json --key secretary-1.key
      members-2.bundle and roster-2.bundle are to be signed, and handed in in this order;
      member.toml goes to the member

The roster is for the member's witness key: its agent cosigns the log. Of several members each gets \
MEMBER/member.toml.";

const REMOVE_EXAMPLES: &str = "\
Example:
  callboard member remove alpha --key secretary-1.key
      members-3.bundle and roster-3.bundle are to be signed, and handed in in this order

Once the list is in force, registry and token service take no request of the member's keys. What it opened and logged
stays with it, and its agent goes on answering from what it has, until that is older than it allows.";

/// Let members join, and leave
#[derive(clap::Args)]
pub struct Member {
    #[command(subcommand)]
    act: MemberAct,
}

#[derive(Subcommand)]
enum MemberAct {
    Add(Add),
    Remove(Remove),
}

/// Draft the list of members, and the roster, with new members in them
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct Add {
    /// The public files of the members, from `callboard keygen --member`
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    drafter: DrafterArgs,
    /// How many identities each may ask about in a day
    #[arg(long, value_name = "POINTS", default_value_t = POINTS_PER_DAY)]
    per_day: u64,
    /// How many besides, for a first load
    #[arg(long, value_name = "POINTS", requires = "grant_until")]
    grant: Option<u64>,
    /// Until the beginning of which day, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", requires = "grant")]
    grant_until: Option<jiff::civil::Date>,
}

/// Draft the list of members, and the roster, without members that leave
#[derive(clap::Args)]
#[command(after_long_help = REMOVE_EXAMPLES)]
struct Remove {
    /// The members' ids
    #[arg(value_name = "MEMBER", required = true)]
    members: Vec<String>,
    #[command(flatten)]
    drafter: DrafterArgs,
}

/// Who drafts, and where to.
#[derive(clap::Args)]
struct DrafterArgs {
    #[command(flatten)]
    pin: PinFile,
    /// The key file of the seat that drafts; it can open what it drafts
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Where to write the bundles
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl Member {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            MemberAct::Add(add) => super::block_on(add.run()),
            MemberAct::Remove(remove) => super::block_on(remove.run()),
        }
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let (pin, out) = (self.drafter.pin.read()?, &self.drafter.out);
        let members: Vec<PublicMember> =
            self.files.iter().map(|path| PublicMember::read(path)).collect::<Result<_, _>>()?;
        let ids: Vec<_> = members.iter().map(|member| member.member.clone()).collect();
        let configuration = |id: &MemberId| match &ids[..] {
            [_] => out.join("member.toml"),
            _ => out.join(id.as_str()).join("member.toml"),
        };
        for path in ids.iter().map(configuration) {
            anyhow::ensure!(!path.exists(), "{} is there already; it isn't overwritten", path.display());
        }
        let until = self.grant_until.map(super::midnight).transpose()?;
        let grant = self.grant.zip(until).map(|(count, until)| Grant { count, until });
        let joining = Joining { members, per_day: self.per_day, grant };
        self.drafter
            .draft(&pin, |in_force, drafter| joining.draft(in_force, drafter, MachineClock.now(), &mut super::chance()))
            .await?;
        for id in &ids {
            write_configuration(&configuration(id), &agent_configuration(&pin, id))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Remove {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let members = self.members.into_iter().map(MemberId::try_from).collect::<Result<_, _>>()?;
        let leaving = Leaving { members };
        let pin = self.drafter.pin.read()?;
        self.drafter
            .draft(&pin, |in_force, drafter| leaving.draft(in_force, drafter, MachineClock.now(), &mut super::chance()))
            .await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl DrafterArgs {
    /// Drafts what follows what is in force, and writes the bundles.
    async fn draft(
        &self,
        pin: &Pin,
        draft: impl FnOnce(&InForce, &KeyId) -> Result<Amended, JoiningError>,
    ) -> anyhow::Result<()> {
        let in_force = InForce::fetch(&http::client()?, pin, MachineClock.now()).await?;
        let key = SeatKey::open(&self.key, self.passphrase.of(&self.key)?)?;
        let amended = draft(&in_force, &key.public_key().id())?;
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let roster = &in_force.roster;
        let readers = |docket: &Docket| signers(roster, docket).chain([key.recipient()]);
        let next = amended.roster.as_ref().map(|next| (format!("roster-{}.bundle", roster.version + 1), next));
        let bundles = [(format!("members-{}.bundle", amended.members_version), &amended.members)];
        for (name, bundle) in bundles.into_iter().chain(next) {
            let path = self.out.join(name);
            bundle.write(&path, readers(bundle.docket()))?;
            println!("{}  to be signed by {}", path.display(), super::asked(roster, bundle.docket()));
        }
        if amended.roster.is_some() {
            println!("hand the members in before the roster: both name roster {}", roster.version);
        }
        Ok(())
    }
}

fn write_configuration(path: &Path, text: &str) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    path.parent().map_or(Ok(()), std::fs::create_dir_all).with_context(told)?;
    new_file::write(path, new_file::PUBLIC, text.as_bytes()).with_context(told)?;
    println!("{}  the member's, beside its key", path.display());
    Ok(())
}
