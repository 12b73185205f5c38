//! `callboard member`: members join, and leave.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_agent::config;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    http,
    key_file::SeatKey,
    new_file, output,
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
    member::{Amended, InForce, Joining, JoiningError, Leaving, Requorum},
};

const EXAMPLES: &str = "\
Example:
  callboard member add alpha.pub.json --key secretary-1.key
      members-2.bundle and roster-2.bundle are to be signed, and handed in in this order;
      member.toml goes to the member

The roster is for the member's witness key: its agent cosigns the log. The quorum stays what it is: it is raised once \
so many cosign (callboard member quorum). Of several members each gets MEMBER/member.toml.";

const QUORUM_EXAMPLES: &str = "\
Example:
  callboard member quorum 2 --key secretary-1.key
      roster-3.bundle is to be signed: from then on a view takes the cosignatures of two witnesses

0, or more than half of the roster's witnesses, and no more than cosign now: the registry's newest checkpoint shows who
does. What is logged under a quorum that isn't met is proven to nobody, the committee included.";

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
    Quorum(Quorum),
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
    /// How many witnesses a view takes from then on, if not as many as now: no more than cosign now
    #[arg(long, value_name = "N", conflicts_with = "without_witness")]
    quorum: Option<u64>,
    /// Leave the roster as it is: their agents witness nothing yet
    #[arg(long)]
    without_witness: bool,
}

/// Draft the roster with another quorum, and the witness keys of members who joined without
#[derive(clap::Args)]
#[command(after_long_help = QUORUM_EXAMPLES)]
struct Quorum {
    /// How many witnesses a view takes
    #[arg(value_name = "QUORUM")]
    count: u64,
    /// The public files of members whose agents become witnesses
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    drafter: DrafterArgs,
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
            MemberAct::Quorum(quorum) => super::block_on(quorum.run()),
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
        let joining =
            Joining { members, as_witnesses: !self.without_witness, quorum: self.quorum, per_day: self.per_day, grant };
        self.drafter
            .draft(&pin, |in_force, drafter| joining.draft(in_force, drafter, MachineClock.now(), &mut super::chance()))
            .await?;
        for id in &ids {
            write_configuration(&configuration(id), &config::written(&pin, id, &[]))?;
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

impl Quorum {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let members = self.files.iter().map(|path| PublicMember::read(path)).collect::<Result<_, _>>()?;
        let requorum = Requorum { quorum: self.count, members };
        let pin = self.drafter.pin.read()?;
        self.drafter
            .draft(&pin, |in_force, drafter| {
                requorum.draft(in_force, drafter, MachineClock.now(), &mut super::chance())
            })
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
        let members = amended.members.as_ref().map(|(version, list)| (format!("members-{version}.bundle"), list));
        for (name, bundle) in members.into_iter().chain(next) {
            let path = self.out.join(name);
            bundle.write(&path, readers(bundle.docket()))?;
            println!("{}  to be signed by {}", path.display(), super::asked(roster, bundle.docket()));
        }
        let (before, now) = (roster.witnesses.quorum, amended.witnesses.quorum);
        let cosigning = in_force.cosigning.iter().filter(|key| amended.witnesses.keys.contains(key)).count();
        let stays = if before == now { "stays" } else { "becomes" };
        let said = format!(
            "the quorum {stays} {now} of {} witnesses, of whom {cosigning} cosign now",
            amended.witnesses.keys.len()
        );
        if (cosigning as u64) < now {
            output::line([output::yellow(format_args!("{said}: until {now} do, nothing that is logged is proven"))]);
        } else {
            println!("{said}");
        }
        if amended.members.is_some() && amended.roster.is_some() {
            println!("hand the members in before the roster: both name roster {}", roster.version);
        }
        Ok(())
    }
}

fn write_configuration(path: &Path, text: &str) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    path.parent().map_or(Ok(()), std::fs::create_dir_all).with_context(told)?;
    new_file::write(path, new_file::PRIVATE, text.as_bytes()).with_context(told)?;
    println!("{}  the member's, beside its key", path.display());
    Ok(())
}
