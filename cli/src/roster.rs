//! `callboard roster`: the roster in force, and the next one with whatever changes in it.

use std::{path::PathBuf, process::ExitCode};

use callboard_client::{
    clock::Clock as _,
    json_file::JsonFileError,
    output,
    public_file::{PublicSeat, PublicTokenKey},
};
use callboard_desk::member::{
    self, Deputy, DeputyFile, EpochChanges, LogKeyChanges, MemberChange, NewRule, NextRoster, RuleChanges, SeatChanges,
    WitnessChanges,
};
use callboard_federation::{
    roster::{RuleKey, ThresholdError},
    tag::Epoch,
    tlog::vkey::VerifierKey,
};

use super::member::DrafterArgs;

const EXAMPLES: &str = "\
Examples:
  callboard roster
      the roster in force, verified against the pin, and how many panels it leaves after a recusal
  callboard roster --add-seat panel-5.pub.json chair-3.pub.json --key secretary-1.key
      two seats join, in the roles that their files say: roster-2.bundle is to be signed
  callboard roster --drop-seat panel-4 --key secretary-1.key
  callboard roster --replace-key panel-1.pub.json --key secretary-1.key
      the key of panel-1 is lost: a new one, made with `callboard keygen panel-1 --role panel`, takes its place
  callboard roster --deputy panel-2=panel-6.pub.json --key secretary-1.key
      panel-6 stands in for panel-2, who is on leave; then
      callboard roster --back panel-2.pub.json --key secretary-1.key
  callboard roster --threshold ruling=panel:3,chair:1 --threshold ruling/bar=panel:4,chair:1 \
      --threshold roster=panel:4,chair:1 --key secretary-1.key
      who must sign what; rules for rosters, policies and links ask as many as any ruling
  callboard roster --add-witness \"$(cat university.vkey)\" --key secretary-1.key
      a witness that is no member; members' witnesses change with `callboard member`
  callboard roster --add-epoch epoch-2.pub.json --key secretary-1.key
      another token epoch, from `callboard tokens init`; once everyone is enrolled anew,
      callboard roster --close-epoch 1 --key secretary-1.key
  callboard roster --add-log-key \"$(cat registry/log.vkey)\" --key secretary-1.key
      both keys sign checkpoints that members take
  callboard roster --add-log-key \"$(cat registry/log.vkey)\" --drop-other-log-keys --key secretary-1.key
      the new key alone, as in a succession: a registry logs no roster that doesn't name its own key
  callboard roster --expires 2029-01-01 --key secretary-1.key
      the same roster for longer

All changes of one call go into one roster, and what isn't named stays. A roster that everyone would refuse isn't drafted: \
one that the loss of a seat would put out of reach, a key that is somebody's already, a rule that its seats can't meet. It \
counts once as many have signed as the roster in force and the next ask, and it is logged.";

/// Show the roster in force, or draft the next: seats, rules, witnesses, epochs, log keys, its end
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, mut_arg("key", |key| key.required(false)))]
pub struct RosterVerb {
    #[command(flatten)]
    seats: SeatArgs,
    /// How many of which roles sign a kind: `ruling=panel:2,chair:1`, or more closely `ruling/bar=panel:3,chair:1`
    #[arg(long = "threshold", value_name = "KIND[/OF]=ROLE:N,…")]
    rules: Vec<NewRule>,
    /// Drop a closer rule, so that its kind's own holds: `ruling/bar`
    #[arg(long = "drop-threshold", value_name = "KIND/OF", value_parser = rule_key)]
    drop_rules: Vec<RuleKey>,
    #[command(flatten)]
    keys: KeyArgs,
    /// The day on which it ends, in UTC [default: as the roster in force; if that is over, in two years]
    #[arg(long, value_name = "YYYY-MM-DD")]
    expires: Option<jiff::civil::Date>,
    #[command(flatten)]
    drafter: DrafterArgs,
}

#[derive(clap::Args)]
struct SeatArgs {
    /// The public files of seats that join, from `callboard keygen`; each says its role
    #[arg(long, value_name = "FILE", num_args = 1..)]
    add_seat: Vec<PathBuf>,
    /// Seats that leave, by their names in the roster
    #[arg(long, value_name = "HOLDER", num_args = 1..)]
    drop_seat: Vec<String>,
    /// The public file of a new key for the seat of its name: the one before was lost or stolen
    #[arg(long, value_name = "FILE")]
    replace_key: Vec<PathBuf>,
    /// The public file of a seat that stands in for one on leave, of the same role; in the roster it is called FILE's
    /// holder（代HOLDER）
    #[arg(long, value_name = "HOLDER=FILE")]
    deputy: Vec<DeputyFile>,
    /// The public file of a seat that is back, and takes its deputy's place
    #[arg(long, value_name = "FILE")]
    back: Vec<PathBuf>,
}

#[derive(clap::Args)]
struct KeyArgs {
    /// A witness that is no member, as its verifier key
    #[arg(long, value_name = "VKEY")]
    add_witness: Vec<VerifierKey>,
    /// A witness that is no member, by its name: it goes
    #[arg(long, value_name = "NAME")]
    drop_witness: Vec<String>,
    /// How many witnesses a view takes from then on: 0 or more than half, and no more than cosign now
    #[arg(long, value_name = "N")]
    quorum: Option<u64>,
    /// The public file of a new token epoch, from `callboard tokens init`
    #[arg(long, value_name = "FILE")]
    add_epoch: Vec<PathBuf>,
    /// A token epoch under which no new tags are made
    #[arg(long, value_name = "N")]
    close_epoch: Vec<Epoch>,
    /// A log key to name, as its verifier key
    #[arg(long, value_name = "VKEY")]
    add_log_key: Vec<VerifierKey>,
    /// Name no log keys but these
    #[arg(long, requires = "add_log_key")]
    drop_other_log_keys: bool,
}

fn rule_key(text: &str) -> Result<RuleKey, ThresholdError> {
    text.to_owned().try_into()
}

impl RosterVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let expires = self.expires.map(super::midnight).transpose()?;
        let KeyArgs { add_witness, drop_witness, quorum, add_epoch, close_epoch, add_log_key, drop_other_log_keys } =
            self.keys;
        let epochs = add_epoch.iter().map(|path| PublicTokenKey::read(path)).collect::<Result<_, _>>()?;
        let next = NextRoster {
            seats: self.seats.read()?,
            rules: RuleChanges { set: self.rules, drop: self.drop_rules },
            log: LogKeyChanges { add: add_log_key, drop_others: drop_other_log_keys },
            witnesses: WitnessChanges { add: add_witness, drop: drop_witness, quorum },
            epochs: EpochChanges { add: epochs, close: close_epoch },
            expires,
        };
        if next.is_empty() { super::block_on(show(self.drafter)) } else { super::block_on(draft(self.drafter, next)) }
    }
}

async fn show(args: DrafterArgs) -> anyhow::Result<ExitCode> {
    let pin = super::seat::read_pin(&args.pin)?;
    let clock = args.clock.of(&pin.issuer).await?;
    output::lines(member::show(&pin, clock.now()).await?);
    Ok(ExitCode::SUCCESS)
}

async fn draft(args: DrafterArgs, next: NextRoster) -> anyhow::Result<ExitCode> {
    args.amend(MemberChange::Roster(Box::new(next))).await
}

impl SeatArgs {
    fn read(self) -> Result<SeatChanges, JsonFileError> {
        let read =
            |paths: &[PathBuf]| -> Result<Vec<_>, _> { paths.iter().map(|path| PublicSeat::read(path)).collect() };
        let deputy = |DeputyFile { of, file }| Ok(Deputy { of, seat: PublicSeat::read(&file)? });
        Ok(SeatChanges {
            add: read(&self.add_seat)?,
            drop: self.drop_seat,
            replace: read(&self.replace_key)?,
            deputies: self.deputy.into_iter().map(deputy).collect::<Result<_, JsonFileError>>()?,
            back: read(&self.back)?,
        })
    }
}
