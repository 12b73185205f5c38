//! `callboard session`: links by which people read what is held about them.

use std::{io::IsTerminal as _, process::ExitCode};

use callboard_client::{clock::Clock as _, output, runtime::os_rng, terminal};
use callboard_desk::{
    registry::Registry,
    subject_sessions::{self, LinkTerms},
};
use callboard_federation::{
    encoding::Time,
    language::Phrase,
    subject_session::{LINK_DAYS, SessionFor, SessionId},
    zh_en,
};
use callboard_keys::KeyFile;
use jiff::{civil::Date, tz::TimeZone};

use super::{identities::IdentityArgs, seat::AskArgs, words::words};

const EXAMPLES: &str = "\
Examples:
  callboard session new --key secretary-1.key
      asks how you know who the person is, then for the identity; prints a link and a code
  callboard session new --for guardian --until 2027-03-01 --identity-file child.txt --key secretary-1.key
      for a guardian: it ends on the day on which the child turns 18
  callboard session new --identity-file person.txt --key alpha.key
      as a member, for a person whom it knows: what is filed then is provisional until the secretariat confirms the person
  callboard session list --key secretary-1.key
      who made which, for whom, when it was first opened, how many wrong codes were typed
  callboard session confirm SESSION --key secretary-1.key
      a document was seen at your desk: what was filed counts in full
  callboard session send-code SESSION --key secretary-1.key
      a code to be sent by post, or told by telephone at a number that you know otherwise
  callboard session end SESSION --key secretary-1.key

Tell the code another way than the link: one by message, the other by telephone or in person. Whoever has both opens it.";

/// Make links by which people read what is held about them
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct SessionVerb {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Make a link and its code
    New(Box<New>),
    /// List those that you made; for the secretariat all
    List(List),
    /// Say that you saw a document of the person
    Confirm(One),
    /// Make a confirmation code, to be sent by post or told by telephone
    SendCode(One),
    /// End one: nobody reads or files by it any longer
    End(One),
}

#[derive(clap::Args)]
struct New {
    #[command(flatten)]
    identities: IdentityArgs,
    /// For whom it is
    #[arg(long = "for", value_parser = words!(SessionFor), default_value = "subject")]
    whose: SessionFor,
    /// Of a guardian: the day on which the minor turns 18. The session ends as that day begins in Beijing
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// How many days the link waits to be opened: 1 to 30
    #[arg(long, value_name = "DAYS", default_value_t = LINK_DAYS)]
    days: i64,
    /// You saw a document of the person, and don't need to be asked
    #[arg(long)]
    document_seen: bool,
    #[command(flatten)]
    asker: AskArgs,
}

#[derive(clap::Args)]
struct List {
    #[command(flatten)]
    asker: AskArgs,
}

#[derive(clap::Args)]
struct One {
    /// The session's id, as `list` has it
    session: SessionId,
    #[command(flatten)]
    asker: AskArgs,
}

impl SessionVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            match self.act {
                Act::New(new) => new.run().await?,
                Act::List(list) => list.run().await?,
                Act::Confirm(one) => one.confirm().await?,
                Act::SendCode(one) => one.send_code().await?,
                Act::End(one) => one.end().await?,
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

impl New {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.asker.session().await?;
        if matches!(session.key, KeyFile::Seat(_)) && !self.document_seen {
            let unseen = Phrase::new(
                "未核对证件，不能办理链接：已核对的，请加 --document-seen",
                "no link is made for somebody whose document nobody saw: if you saw it, say --document-seen",
            );
            anyhow::ensure!(std::io::stdin().is_terminal(), unseen);
            let answer = terminal::answer(&zh_en!(
                "您是否已当面核对其证件原件（不以人脸识别代替）？代理人、继承人还须核对授权或继承证明。[y/N] ",
                "Have you seen the person's own document (never a face alone)? Of attorneys and heirs, what entitles them, too? [y/N] "
            ))?;
            anyhow::ensure!(matches!(answer.as_str(), "y" | "Y" | "yes" | "是"), unseen);
        }
        let ends_at = self.until.map(start_of_day).transpose()?;
        let subject = self.identities.read_one_subject(session.pin.is_sandbox(), session.clock.now())?;
        let caller = session.caller()?;
        let registry = Registry::new(&session.pin, &caller);
        let terms = LinkTerms { whose: self.whose, days: self.days, ends_at };
        let identities = subject.identities().cloned().collect();
        let made = subject_sessions::make(&registry, identities, terms, &mut os_rng()).await?;
        for unopened in &made.unopened {
            output::warn(zh_en!("未能打开：{unopened}", "it didn't open: {unopened}"));
        }
        let (link, code, until) = (made.link.as_str(), made.code.as_str(), made.session.expires_at);
        output::lines([
            vec![output::green(zh_en!("链接（{until} 前打开）：", "link, to be opened before {until}:"))],
            vec![output::plain(link)],
            vec![output::plain("")],
            vec![output::green(zh_en!(
                "验证码（请另行告知：链接用短信发送的，验证码用电话或当面告知）：",
                "code (tell it another way: of a link by message, the code by telephone or in person):"
            ))],
            vec![output::plain(code)],
            vec![output::plain(zh_en!("会话编号：{}", "session: {}", made.session.id))],
        ]);
        Ok(())
    }
}

impl List {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.asker.session().await?;
        let caller = session.caller()?;
        let sessions = subject_sessions::list(&Registry::new(&session.pin, &caller), &mut os_rng()).await?;
        if sessions.is_empty() {
            output::line([output::plain(Phrase::new("没有会话", "no sessions"))]);
        }
        let line = |of: &callboard_api::registry::sessions::KeptSession| {
            let maker = of.member.as_ref().map_or_else(|| zh_en!("秘书处", "secretariat"), ToString::to_string);
            let opened = of
                .opened_at
                .map_or_else(|| zh_en!("未打开", "not opened"), |at| zh_en!("首次打开 {at}", "opened {at}"));
            let confirmed = if of.confirmed_at.is_some() {
                zh_en!("本人已确认", "confirmed")
            } else {
                zh_en!("本人待确认", "not confirmed")
            };
            let (id, state, whose, wrong) = (of.id, of.state.phrase(), of.whose.phrase(), of.wrong_codes);
            vec![output::plain(zh_en!(
                "{id} · {state} · {whose} · {maker} · {opened} · {confirmed} · 错误验证码{wrong}次",
                "{id} · {state} · for {whose} · by {maker} · {opened} · {confirmed} · {wrong} wrong codes"
            ))]
        };
        output::lines(sessions.iter().map(line).collect::<Vec<_>>());
        Ok(())
    }
}

impl One {
    async fn confirm(&self) -> anyhow::Result<()> {
        let session = self.asker.session().await?;
        let caller = session.caller()?;
        subject_sessions::confirm(&Registry::new(&session.pin, &caller), self.session, &mut os_rng()).await?;
        output::line([output::green(zh_en!(
            "已确认本人：其提交即时有效",
            "confirmed: what the person filed counts in full"
        ))]);
        Ok(())
    }

    async fn send_code(&self) -> anyhow::Result<()> {
        let session = self.asker.session().await?;
        let caller = session.caller()?;
        let code =
            subject_sessions::send_code(&Registry::new(&session.pin, &caller), self.session, &mut os_rng()).await?;
        output::lines([
            vec![output::green(zh_en!(
                "确认码（请寄往您另行知悉的本人地址，或用您另行知悉的电话告知）：",
                "confirmation code (send it by post, or tell it by telephone, where you know otherwise that the person is):"
            ))],
            vec![output::plain(code.as_str())],
        ]);
        Ok(())
    }

    async fn end(&self) -> anyhow::Result<()> {
        let session = self.asker.session().await?;
        let caller = session.caller()?;
        subject_sessions::end(&Registry::new(&session.pin, &caller), self.session, &mut os_rng()).await?;
        output::line([output::green(zh_en!("会话已停用", "the session is ended"))]);
        Ok(())
    }
}

/// The instant at which a day begins in Beijing.
fn start_of_day(day: Date) -> anyhow::Result<Time> {
    let zone = TimeZone::get("Asia/Shanghai")?;
    Ok(Time::from_millis(zone.to_timestamp(day.at(0, 0, 0, 0))?.as_millisecond()))
}
