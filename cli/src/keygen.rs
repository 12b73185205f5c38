//! `callboard keygen`: a seat's or a member's keys, made where they are used.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{create_new, public_file::PublicFile};
use callboard_federation::{members::MemberId, roster::Role, zh_en};
use callboard_keys::{KeyFile, MemberKey, SeatKey, passphrase::PassphraseSource};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

const EXAMPLES: &str = "\
Examples:
  callboard keygen panel-1 --role panel
      a seat: panel-1.key stays with its holder, panel-1.pub.json goes to whoever drafts the roster
  callboard keygen panel-2 --role panel --works-for alpha
      the same, of somebody who works for a member: the roster says so
  callboard keygen --member alpha --name \"Alpha Live\" --issuer callboard.example
      a member: alpha.key stays with its agent, alpha.pub.json goes to the association

A key that is lost is replaced by a new roster or list of members, never restored by anyone else.";

/// Make the keys of a seat, or of a member
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[group(skip)]
pub struct Keygen {
    /// The seat's name in the roster; a pseudonym will do
    #[arg(required_unless_present = "member", conflicts_with = "member", requires = "role")]
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
    /// Where to write both files
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl Keygen {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut rng = super::os_rng();
        let (stem, key, public) = match (self.holder, self.role, self.member) {
            (Some(holder), Some(role), None) => {
                let key = SeatKey::generate(holder.clone(), role, &mut rng)?;
                let mut public = key.public();
                if let PublicFile::Seat(seat) = &mut public {
                    seat.member = self.works_for;
                }
                (holder, KeyFile::Seat(key), public)
            }
            (None, None, Some(member)) => {
                let key = MemberKey::generate(member.clone(), self.issuer.unwrap_or_default(), &mut rng)?;
                let mut public = key.public(self.name.unwrap_or_default());
                if let PublicFile::Member(member) = &mut public {
                    member.contact = self.contact;
                }
                (member.to_string(), KeyFile::Member(key), public)
            }
            _ => anyhow::bail!(zh_en!(
                "请写明签署人的名称和 --role，或者 --member",
                "name a seat with its --role, or a --member"
            )),
        };
        anyhow::ensure!(
            is_file_stem(&stem),
            zh_en!(
                "签署人的名称也用作文件名：不得含 /，不得以点开头",
                "a seat's name is also its file's: no / and no leading dot"
            )
        );
        let path = |ending: &str| self.out.join(format!("{stem}.{ending}"));
        let (key_path, public_path) = (path("key"), path("pub.json"));
        for path in [&key_path, &public_path] {
            create_new::not_there(path)?;
        }
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let passphrase = self.passphrase.new_one()?;
        key.write(&key_path, passphrase)?;
        public.write(&public_path)?;
        let keep = zh_en!("请妥善保管，密码另行保管", "keep it, and its passphrase apart from it");
        println!("{}  {keep}", key_path.display());
        println!("{}  {}", public_path.display(), zh_en!("请交给登记机构", "hand it over"));
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

fn is_file_stem(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0'])
}
