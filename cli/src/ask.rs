//! `callboard ask`: what holds for a person.

use std::process::ExitCode;

use callboard_client::{clock::Clock as _, output, pin::PinFile, sandbox_clock::ClockArg};
use callboard_desk::{ask, letter, registry::Registry};
use callboard_federation::{
    encoding::Time,
    language::{Language, Phrase},
    standing::Reason,
    zh_en,
};

use super::{identities::IdentityArgs, seat, seat::AskerArgs};

const EXAMPLES: &str = "\
Examples:
  callboard ask --key secretary-1.key
      asks for the identity without showing it
  callboard ask --identity-file person.txt --key secretary-1.key
      several identities of one person, one a line
  callboard ask --identity-file person.txt --key alpha.key
      as a member: it costs the member's points
  callboard ask passport:KOR:M12345678 --key secretary-1.key
      as an argument every user of this machine can see it

Identities become tags here; the registry sees the tags, not the identities. Each record that the standing rests on is
proven; the standing itself is the registry's word. A member's agent answers from its own replica, and asks nobody.";

/// Ask what holds for a person
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Ask {
    #[command(flatten)]
    identities: IdentityArgs,
    /// As of which instant, such as 2026-07-01T00:00:00.000Z; without it now
    #[arg(long, value_name = "INSTANT")]
    at: Option<Time>,
    /// Print the standing as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: AskerArgs,
    #[command(flatten)]
    pin: PinFile,
    #[command(flatten)]
    clock: ClockArg,
}

impl Ask {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            let pin = seat::read_pin(&self.pin)?;
            let clock = self.clock.of(&pin.issuer).await?;
            let subject = self.identities.read_one_subject(pin.is_sandbox(), clock.now())?;
            for (at, note) in subject.notes() {
                let (number, words) = (at + 1, note.words());
                output::warn(zh_en!("第{number}个证件：{}", "identity {number}: {}", words.spoken()));
            }
            let identities = subject.identities().cloned().collect();
            let key = self.asker.open()?;
            let caller = seat::asker(&key, &*clock)?;
            let registry = Registry::new(&pin, &caller);
            let answer = ask::ask(&registry, identities, self.at, &mut super::os_rng()).await?;
            let standing = &answer.standing;
            if self.json {
                output::json(standing)?;
                return Ok(ExitCode::SUCCESS);
            }
            for tag in &standing.tags {
                println!("{}", zh_en!("身份代码 {}（第{}期）", "tag {} (epoch {})", tag.tag, tag.epoch));
            }
            let told = zh_en!(
                ("{}：{}", standing.state.words(), letter::action_word(standing.action, Language::spoken())),
                ("{} · {}", standing.state, standing.action)
            );
            output::line([if standing.reasons.is_empty() { output::green(told) } else { output::yellow(told) }]);
            for (reason, (proven, _)) in standing.reasons.iter().zip(&answer.proofs) {
                println!("  {}", reason_text(reason));
                println!(
                    "    {}",
                    zh_en!(
                        "记录 {}，已证明：{} 登记于第{}条",
                        "record {}, proven: logged {} at index {}",
                        reason.record,
                        proven.logged_at,
                        proven.place.index
                    )
                );
            }
            println!("{}", zh_en!("截至 {}，登记册共{}条", "as of {}, log size {}", standing.at, standing.size));
            Ok(ExitCode::SUCCESS)
        })
    }
}

const DISPUTED: Phrase = Phrase::new("有异议", "disputed");
const SOFT: Phrase = Phrase::new("仅凭共用或者曾换手的账号", "by a shared or reused identity alone");

fn reason_text(reason: &Reason) -> String {
    let language = Language::spoken();
    let scopes: Vec<String> = reason.scopes.iter().map(|scope| letter::scope_word(scope, language)).collect();
    let scopes =
        if scopes.is_empty() { zh_en!("全部服务", "all services") } else { scopes.join(&zh_en!("、", ", ")) };
    let phase = reason.phase.words();
    let mut text = zh_en!(
        ("{}（{scopes}） · {phase}", letter::measure_word(reason.measure, None, language)),
        ("{} ({scopes}) · {phase}", reason.measure)
    );
    text.extend(reason.until.map(|until| zh_en!(" · 至 {until}", " · until {until}")));
    text.extend(reason.probation_until.map(|until| zh_en!(" · 观察期至 {until}", " · on probation until {until}")));
    let words = [(DISPUTED, reason.disputed), (SOFT, reason.soft)];
    text.extend(words.into_iter().filter(|(_, holds)| *holds).map(|(words, _)| format!(" · {words}")));
    text
}
