//! `callboard keygen`: a seat's or a member's keys, made where they are used.

use std::{path::PathBuf, process::ExitCode};

use callboard_client::{output, public_file::PublicFile};
use callboard_desk::{key_card::KeyCard, keygen::KeyHolder};
use callboard_federation::{members::MemberId, roster::Role, zh_en};
use callboard_keys::passphrase::PassphraseSource;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

const EXAMPLES: &str = "\
Examples:
  callboard keygen panel-1 --role panel
      a seat: panel-1.key stays with its holder, panel-1.pub.json goes to whoever drafts the roster
  callboard keygen panel-2 --role panel --works-for alpha
      the same, of somebody who works for a member: the roster says so
  callboard keygen --member alpha --name \"Alpha Live\" --issuer callboard.example
      a member: alpha.key stays with its agent, alpha.pub.json goes to the association
  callboard keygen --card panel-1.pub.json
      the twelve words of a key, to be compared with its holder by telephone; they are printed when it is made, too

A key that is lost is replaced by a new roster or list of members, never restored by anyone else.";

/// Make the keys of a seat, or of a member
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[group(skip)]
pub struct Keygen {
    /// The seat's name in the roster; a pseudonym will do
    #[arg(required_unless_present_any = ["member", "card"], conflicts_with = "member", requires = "role")]
    holder: Option<String>,
    /// What the seat signs as
    #[arg(long, value_parser = role_parser(), conflicts_with = "member")]
    role: Option<Role>,
    /// The member that the seat's holder works for, if any: from it recusals follow
    #[arg(long, value_name = "ID", value_parser = member_id, conflicts_with = "member")]
    works_for: Option<MemberId>,
    /// Make a member's keys instead; its id, of a-z, 0-9 and -
    #[arg(long, value_name = "ID", value_parser = member_id, requires_all = ["name", "issuer"])]
    member: Option<MemberId>,
    /// The member's name, as the list of members shows it
    #[arg(long, requires = "member")]
    name: Option<String>,
    /// The registry that it is a member of
    #[arg(long, requires = "member")]
    issuer: Option<String>,
    /// Where the member's duty desk is reached: an address of the platform's, since the list of members is public
    #[arg(long, value_name = "ADDRESS", requires = "member")]
    contact: Option<String>,
    /// Make nothing: show the words of the key in a public file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["holder", "role", "works_for", "member"])]
    card: Option<PathBuf>,
    /// Where to write both files
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl Keygen {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(path) = self.card {
            output::lines(KeyCard::of(&PublicFile::read(&path)?).lines());
            return Ok(ExitCode::SUCCESS);
        }
        let holder = match (self.holder, self.role, self.member) {
            (Some(holder), Some(role), None) => KeyHolder::Seat { holder, role, works_for: self.works_for },
            (None, None, Some(id)) => {
                let (name, issuer) = (self.name.unwrap_or_default(), self.issuer.unwrap_or_default());
                KeyHolder::Member { id, name, issuer, contact: self.contact }
            }
            _ => anyhow::bail!(zh_en!(
                "请写明签署人的名称和 --role，或者 --member",
                "name a seat with its --role, or a --member"
            )),
        };
        let new = holder.make(&self.out, &mut super::os_rng())?;
        let card = KeyCard::of(new.public());
        output::lines(new.write(self.passphrase.new_one()?)?);
        output::lines(card.lines());
        Ok(ExitCode::SUCCESS)
    }
}

fn role_parser() -> impl clap::builder::TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str))
        .try_map(|word| Role::ALL.into_iter().find(|role| role.as_str() == word).ok_or("no such role"))
}

fn member_id(text: &str) -> Result<MemberId, callboard_federation::members::MemberIdError> {
    text.to_owned().try_into()
}
