//! `callboard-agent enrol`: the platform's hosts become known.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_api::agent::{OneOrMany, tag_book::ENROL};
use callboard_client::runtime::block_on;
use callboard_federation::{language::Phrase, zh_en};

use super::{asking::AgentArgs, bulk::ListArgs, cost};

const EXAMPLES: &str = "\
Examples:
  callboard-agent enrol hosts.csv                   ref,kind,identity a row, as `check` takes it
  sqlite3 -csv -header hosts.db 'SELECT …' | callboard-agent enrol -

Whoever is new costs one evaluation of your quota at the token service a live epoch; whoever is known costs nothing, so it
can be run again. The hook is told of everyone whom a check would not simply allow, and of whatever changes that.";

/// Take a list of people into the tag book, without deciding about them
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct EnrolVerb {
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    agent: AgentArgs,
}

impl EnrolVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let path = self
            .list
            .file
            .as_deref()
            .context(Phrase::new("请指明名单文件，标准输入用 -", "name the list, or `-` for standard input"))?;
        block_on(async {
            cost::say(&agent, &self.list, path).await?;
            let mut list = self.list.open(path)?;
            let (mut all, mut known, mut not_allowed, mut why) = (0, 0, Some(0), None);
            loop {
                let part = list.part()?;
                if part.is_empty() {
                    break;
                }
                all += part.len();
                let answer = agent.ask(ENROL.with(&(), &(), &OneOrMany::many(part))).await?;
                known += answer.enrolled;
                not_allowed = not_allowed.zip(answer.not_allowed).map(|(all, more)| all + more);
                why = answer.detail.or(why);
                list.show(zh_en!("{all}人", "{all} people"));
            }
            list.bar.finish_and_clear();
            let are = match not_allowed {
                None => zh_en!(
                    "登记视图已过期：何人可以准入，稍后用 callboard-agent refs 查看",
                    "the view is stale: whom a check would allow shows later, in `callboard-agent refs`"
                ),
                Some(0) => zh_en!("均可准入", "0 aren't allow"),
                Some(1) => {
                    zh_en!(
                        "其中1人不得直接准入：见 callboard-agent refs",
                        "1 isn't allow: `callboard-agent refs` names it"
                    )
                }
                Some(some) => zh_en!(
                    "其中{some}人不得直接准入：见 callboard-agent refs",
                    "{some} aren't allow: `callboard-agent refs` names them"
                ),
            };
            println!("{}", zh_en!("共{all}人，已知{known}人；{are}", "{known} of {all} people are known; {are}"));
            if let Some(why) = why.filter(|_| known < all) {
                eprintln!("{}", zh_en!("其余未能列入，例如：{why}", "others are not, for one: {why}"));
            }
            Ok(if known == all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
