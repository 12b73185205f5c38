//! `callboard member`: members join, change, and leave.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_client::{
    clock::Clock as _, create_new, json_file::JsonFileError, output, pin::PinFile, public_file::PublicMember,
    sandbox_clock::ClockArg, settings::of_member,
};
use callboard_desk::{
    member::{self, Change, Joining, Leaving, MemberChange, Requorum},
    setup::POINTS_PER_DAY,
};
use callboard_federation::{
    dsse::Envelope,
    encoding::{KeyId, from_json},
    members::{Grant, MemberId},
    zh_en,
};
use callboard_keys::{SeatKey, passphrase::PassphraseSource};
use clap::Subcommand;

use super::seat::{self, Session};

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

const CHANGE_EXAMPLES: &str = "\
Examples:
  callboard member change alpha --per-day 20000 --key secretary-1.key
      members-3.bundle is to be signed; what changes is shown
  callboard member change alpha --add-key alpha-2.pub.json --witness --key secretary-1.key
      a second request key, and another witness key in the place of the first
  callboard member change alpha --rotation alpha.rotation.json --key secretary-1.key
      the same, as the member asks under its key (callboard-agent rotate); then, once its agent has the new ones,
      callboard member change alpha --drop-key KEYID --key secretary-1.key
  callboard member change alpha --contact duty@alpha.example --key secretary-1.key
      where the secretariat asks after overdue receipts; the list is public, so no person's address
  callboard member change alpha --grant 500000 --grant-until 2027-01-01 --key secretary-1.key

What isn't named stays.";

const REMOVE_EXAMPLES: &str = "\
Example:
  callboard member remove alpha --key secretary-1.key
      members-3.bundle and roster-3.bundle are to be signed, and handed in in this order

Refused while a seat bears the member's id, or while the quorum isn't reached without its witness: then the roster that
mends this is drafted alone, and the exit code is 1. Once that is in force, run it again.

Once the list is in force, registry and token service take no request of the member's keys. What it opened and logged
stays with it, and its agent goes on answering from what it has, until that is older than it allows.";

/// Let members join, change, and leave
#[derive(clap::Args)]
pub struct Member {
    #[command(subcommand)]
    act: MemberAct,
}

#[derive(Subcommand)]
enum MemberAct {
    Add(Add),
    Change(ChangeArgs),
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
    #[command(flatten)]
    grant: GrantArgs,
    /// How many witnesses a view takes from then on, if not as many as now: no more than cosign now
    #[arg(long, value_name = "N", conflicts_with = "without_witness")]
    quorum: Option<u64>,
    /// Leave the roster as it is: their agents witness nothing yet
    #[arg(long)]
    without_witness: bool,
}

/// Points besides those of a day.
#[derive(clap::Args)]
struct GrantArgs {
    /// How many besides, for a first load
    #[arg(long, value_name = "POINTS", requires = "grant_until")]
    grant: Option<u64>,
    /// Until the beginning of which day, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", requires = "grant")]
    grant_until: Option<jiff::civil::Date>,
}

/// Draft the list of members with one of them changed: keys, name, contact, quota, grants
#[derive(clap::Args)]
#[command(after_long_help = CHANGE_EXAMPLES)]
struct ChangeArgs {
    /// The member's id
    #[arg(value_name = "MEMBER")]
    member: String,
    /// The public file of a new key, from `callboard keygen --member`
    #[arg(long, value_name = "FILE")]
    add_key: Vec<PathBuf>,
    /// What the member asks for under its key of today, from `callboard-agent rotate`
    #[arg(long, value_name = "FILE")]
    rotation: Option<PathBuf>,
    /// A request key that it has no longer
    #[arg(long, value_name = "KEYID")]
    drop_key: Vec<KeyId>,
    /// Another name
    #[arg(long)]
    name: Option<String>,
    /// Where its duty desk is reached: an address of the platform's, since the list is public; empty: none
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// How many identities it may ask about in a day
    #[arg(long, value_name = "POINTS")]
    per_day: Option<u64>,
    #[command(flatten)]
    grant: GrantArgs,
    /// End the grants of before
    #[arg(long)]
    drop_grants: bool,
    /// The witness key of the new file takes the place of the member's in the roster
    #[arg(long, requires = "add_key")]
    witness: bool,
    #[command(flatten)]
    drafter: DrafterArgs,
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
pub(super) struct DrafterArgs {
    #[command(flatten)]
    pub(super) pin: PinFile,
    #[command(flatten)]
    pub(super) clock: ClockArg,
    /// The key file of the seat that drafts; it can open what it drafts
    #[arg(long, value_name = "FILE", required = true)]
    key: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Where to write the bundles
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) out: PathBuf,
}

impl Member {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            MemberAct::Add(add) => super::block_on(add.run()),
            MemberAct::Change(change) => super::block_on(change.run()),
            MemberAct::Remove(remove) => super::block_on(remove.run()),
            MemberAct::Quorum(quorum) => super::block_on(quorum.run()),
        }
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let (pin, out) = (self.drafter.pin.read()?, &self.drafter.out);
        let members: Vec<PublicMember> = read_all(&self.files)?;
        let ids: Vec<_> = members.iter().map(|member| member.member.clone()).collect();
        let configuration = |id: &MemberId| match &ids[..] {
            [_] => out.join("member.toml"),
            _ => out.join(id.as_str()).join("member.toml"),
        };
        for path in ids.iter().map(configuration) {
            create_new::not_there(&path)?;
        }
        let (quorum, per_day, grant) = (self.quorum, self.per_day, self.grant.grant()?);
        let joining = Joining { members, as_witnesses: !self.without_witness, quorum, per_day, grant };
        let code = self.drafter.amend(MemberChange::Join(joining)).await?;
        for id in &ids {
            write_configuration(&configuration(id), &of_member(&pin, id))?;
        }
        Ok(code)
    }
}

impl ChangeArgs {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let member = MemberId::try_from(self.member)?;
        let change = Change {
            grant: self.grant.grant()?,
            add: read_all(&self.add_key)?,
            rotation: self.rotation.as_deref().map(read_envelope).transpose()?,
            drop: self.drop_key,
            name: self.name,
            contact: self.contact,
            per_day: self.per_day,
            drops_grants: self.drop_grants,
            as_witness: self.witness,
        };
        self.drafter.amend(MemberChange::Change(member, Box::new(change))).await
    }
}

impl Remove {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let members = self.members.into_iter().map(MemberId::try_from).collect::<Result<_, _>>()?;
        self.drafter.amend(MemberChange::Leave(Leaving { members })).await
    }
}

impl Quorum {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let requorum = Requorum { quorum: self.count, members: read_all(&self.files)? };
        self.drafter.amend(MemberChange::Requorum(requorum)).await
    }
}

impl GrantArgs {
    fn grant(&self) -> anyhow::Result<Option<Grant>> {
        let until = self.grant_until.map(super::midnight).transpose()?;
        Ok(self.grant.zip(until).map(|(count, until)| Grant { count, until }))
    }
}

impl DrafterArgs {
    /// Opens the key, and goes by the registry's clock.
    pub(super) async fn session(&self) -> anyhow::Result<Session<SeatKey>> {
        let pin = self.pin.read()?;
        let clock = self.clock.of(&pin.issuer).await?;
        let key = self.key.as_deref().context(seat::KEY_IS_NAMED)?;
        let key = SeatKey::open(key, self.passphrase.of(key)?)?;
        Ok(Session { pin, key, clock })
    }

    /// Drafts what follows what is in force, writes the bundles, and says what changes.
    pub(super) async fn amend(&self, change: MemberChange) -> anyhow::Result<ExitCode> {
        let Session { pin, key, clock } = self.session().await?;
        let files = member::amend(change, &pin, &key, clock.now(), &self.out, &mut super::os_rng()).await?;
        output::lines(files.lines());
        Ok(if files.is_hindered() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn read_all(files: &[PathBuf]) -> Result<Vec<PublicMember>, JsonFileError> {
    files.iter().map(|path| PublicMember::read(path)).collect()
}

fn read_envelope(path: &Path) -> anyhow::Result<Envelope> {
    from_json(&super::read(path)?).with_context(|| path.display().to_string())
}

/// Writes a member's configuration, and says whose it is.
pub(super) fn write_configuration(path: &Path, text: &str) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    path.parent().map_or(Ok(()), std::fs::create_dir_all).with_context(told)?;
    create_new::write(path, create_new::PRIVATE, text.as_bytes()).with_context(told)?;
    println!("{}  {}", path.display(), zh_en!("交给该会员单位，与其密钥放在一起", "the member's, beside its key"));
    Ok(())
}
