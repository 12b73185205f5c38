//! The session, as a seat of its panel takes part: present, sealed, opened.

use std::path::PathBuf;

use anyhow::Context as _;
use callboard_client::{output, runtime::os_rng};
use callboard_desk::{
    bundle::Bundle,
    cases::{case_file::CaseFile, proposal, sealed::Said, secrets::CaseSecret},
};
use callboard_federation::{language::Phrase, zh_en};
use callboard_rules::case::{
    Stage,
    act::Act,
    session::Session,
    vote::{Choice, Exception, Vote},
};
use clap::ValueEnum;

use super::{
    args::{One, Range, numbers, range},
    tell, with_cases,
};

#[derive(clap::Args)]
pub(super) struct Present {
    #[command(flatten)]
    one: One,
}

#[derive(clap::Args)]
pub(super) struct VoteVerb {
    #[command(flatten)]
    one: One,
    /// How you vote on all items but the exceptions
    #[arg(long, value_enum)]
    all: How,
    /// Items on which you vote otherwise, as 17,40=against; once for each other vote
    #[arg(long, value_name = "ITEMS=VOTE", value_parser = exception)]
    except: Vec<Other>,
    /// A file with your reasons; they are sealed to the seats of the case when the vote is opened
    #[arg(long, value_name = "FILE")]
    reasons: Option<PathBuf>,
    /// What is voted on, as you read it: anything else than the session's is refused
    #[arg(long, value_name = "BUNDLE")]
    proposal: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct OpenVote {
    #[command(flatten)]
    one: One,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum How {
    For,
    Against,
    Abstain,
}

/// A vote on some items.
#[derive(Debug, Clone)]
struct Other {
    items: Vec<Range>,
    vote: How,
}

impl From<How> for Choice {
    fn from(how: How) -> Self {
        match how {
            How::For => Self::For,
            How::Against => Self::Against,
            How::Abstain => Self::Abstain,
        }
    }
}

fn exception(text: &str) -> Result<Other, String> {
    let told = || zh_en!("应写成 17,40=against", "write 17,40=against");
    let (items, vote) = text.split_once('=').ok_or_else(told)?;
    let items = items.split(',').map(range).collect::<Result<_, _>>()?;
    Ok(Other { items, vote: How::from_str(vote.trim(), true).map_err(|_| told())? })
}

/// The session that is open.
fn sitting(file: &CaseFile) -> anyhow::Result<&Session> {
    match &file.case.stage {
        Stage::Sitting(session) => Ok(session),
        _ => Err(anyhow::anyhow!(zh_en!("该案件没有进行中的评议", "no session of the case is open"))),
    }
}

impl Present {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one.take(async |_, file| Ok((Act::Present { session: sitting(file)?.seq }, Said::default()))).await
    }
}

impl VoteVerb {
    fn vote(&self) -> Vote {
        let except =
            self.except.iter().map(|other| Exception { items: numbers(&other.items), vote: other.vote.into() });
        Vote { all: self.all.into(), except: except.collect() }
    }

    pub(super) async fn run(self) -> anyhow::Result<()> {
        let reasons = self.reasons.as_deref().map(crate::read_text).transpose()?;
        with_cases(&self.one.seat, async |cases, _, key| {
            let file = cases.fetch(self.one.case, &mut os_rng()).await?;
            let session = sitting(&file)?;
            let vote = self.vote();
            let excepted: Vec<_> = vote.except.iter().flat_map(|except| except.items.iter().copied()).collect();
            let stranger = excepted.iter().find(|item| !session.items.contains_key(item));
            if let Some(item) = stranger {
                anyhow::bail!(zh_en!("第{item}人不在这次评议中", "the session doesn't sit on item {item}"));
            }
            if let Some(path) = &self.proposal {
                let bundle = Bundle::open(path, key).with_context(|| path.display().to_string())?;
                let is_it = proposal::is_what(&bundle, file.case.id(), &session.items)?;
                anyhow::ensure!(
                    is_it,
                    Phrase::new("这不是正在表决的内容：请勿据此投票", "this isn't what is voted on: don't vote by it")
                );
            }
            let reasons = reasons.as_ref().map(|reasons| reasons.trim().to_owned());
            let secret = CaseSecret::vote(file.case.id(), session.seq, &vote, reasons, &mut os_rng());
            let session = session.seq;
            let commitment = secret.commitment(&cases.seat().key);
            // What the rules refuse leaves no secret behind; what is sent is kept before it is.
            cases.may(&file, &Act::VoteSealed { session, commitment }, cases.now())?;
            let act = Act::VoteSealed { session, commitment: cases.secrets().keep(&secret)? };
            let file = cases.act(file, act, Said::default(), &mut os_rng()).await?;
            tell(cases, &file).await
        })
        .await
    }
}

impl OpenVote {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        with_cases(&self.one.seat, async |cases, _, _| {
            let file = cases.fetch(self.one.case, &mut os_rng()).await?;
            let session = sitting(&file)?;
            let ballot = session.present.get(&cases.seat().holder).and_then(|ballot| ballot.sealed);
            let (_, commitment) =
                ballot.context(Phrase::new("您没有密封的投票", "you sealed no vote in this session"))?;
            let secret = cases.secrets().open(file.case.id(), &commitment)?;
            let vote = secret.vote.clone().unwrap_or_default();
            let act = Act::VoteOpened { session: session.seq, secret: secret.secret, vote };
            let said = Said { text: secret.reasons.clone(), ..Said::default() };
            if !session.is_sealed(&file.case, cases.now()) {
                output::warn(Phrase::new("还有签署人未投票，且时间未到", "not all have voted, and the time isn't up"));
            }
            let file = cases.act(file, act, said, &mut os_rng()).await?;
            tell(cases, &file).await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_names_its_items_and_another_vote() {
        let other = exception("17,40-41=against").unwrap();
        assert_eq!((numbers(&other.items), other.vote), (vec![17, 40, 41], How::Against));
        for wrong in ["17", "17=maybe", "=for", "a=for"] {
            assert!(exception(wrong).is_err(), "{wrong}");
        }
    }
}
