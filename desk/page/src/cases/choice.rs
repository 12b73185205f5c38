//! Where what was drafted goes: before the panel of a case, which may be a new one.

use callboard_client::{runtime::os_rng, visible::Visible};
use callboard_desk::{
    Error,
    bundle::{Bundle, ProposalOf},
    cases::typed,
    drafts::{Drafts, part::title},
    registry::PolicyName,
};
use callboard_federation::{
    encoding::{CaseId, DraftId},
    statement::{PolicyRef, Statement},
    zh_en,
};
use callboard_rules::case::{item::ItemState, number::ItemNumber};

use super::{
    cases,
    kept::{OpenCase, ReadCase},
    known,
    open::{Opening, open_case},
    proposal::propose,
};
use crate::{App, form::Form, session::Seat};

/// The word of a new case.
const NEW: &str = "new";

/// What a page offers at the end of a draft.
pub(crate) struct Choice {
    /// By word and label, and whether it is the one that is proposed.
    pub(crate) ways: Vec<(String, String, bool)>,
    pub(crate) number: String,
    pub(crate) item: String,
}

/// Whom the statements of a draft are about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum People {
    /// Each is about somebody else: their numbers follow each other.
    Each,
    One,
}

/// Where it went.
pub(crate) enum Gone {
    Draft(DraftId),
    Case(CaseId),
}

impl Gone {
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Draft(draft) => format!("/drafts/{draft}"),
            Self::Case(case) => format!("/cases/{case}"),
        }
    }
}

/// The policy of a draft whose statements all have a procedure; nothing of any other, which is decided without a case.
fn policy_of(bundle: &Bundle) -> Option<PolicyRef> {
    let mut policy = None;
    for item in bundle.items() {
        let statement = Statement::from_json(&item.statement.0).ok()?;
        policy = Some(statement.basis()?.policy.clone());
    }
    policy
}

impl Choice {
    /// What is offered for a draft; nothing where it is decided without a case.
    pub(crate) fn of(app: &App, bundle: &Bundle, typed: &Form) -> Option<Self> {
        let policy = policy_of(bundle)?;
        let mut ways = vec![(NEW.to_owned(), zh_en!("新立一案", "go before the panel of a new case"))];
        let open = app.open_cases().ok().flatten().unwrap_or_default();
        let is_of = |case: &&OpenCase| case.entry.policy == policy && case.alarm.is_none();
        let read = open.iter().filter(is_of).filter_map(|case| case.read.clone());
        ways.extend(read.map(|read| (read.id().to_string(), label(&read))));
        let begun_in = app.work(|work| work.case).map(|case| case.to_string());
        let chosen = if typed.has("in") { typed.get("in").to_owned() } else { begun_in.unwrap_or_default() };
        let is_offered = ways.iter().any(|(word, _)| *word == chosen);
        let chosen = if is_offered { chosen } else { NEW.to_owned() };
        let ways = ways.into_iter().map(|(word, label)| {
            let is_chosen = word == chosen;
            (word, label, is_chosen)
        });
        let number = || bundle.number().map_or_else(|| title(bundle.docket()), str::to_owned);
        let number = if typed.has("case-number") { typed.get("case-number").to_owned() } else { number() };
        Some(Self { ways: ways.collect(), number, item: typed.get("from-item").to_owned() })
    }
}

fn label(read: &ReadCase) -> String {
    let name = Visible(&read.name()).to_string();
    zh_en!("提请评议：{name}", "go before the panel of {name}")
}

/// Sends a draft where its form says.
///
/// # Errors
/// The outer: it couldn't be done. The inner: what the form lacks.
pub(crate) async fn send(
    app: &App,
    seat: &Seat,
    bundle: &Bundle,
    people: People,
    form: &Form,
) -> Result<Result<Gone, String>, Error> {
    let way = form.get("in");
    let Some(policy) = policy_of(bundle) else {
        return to_be_signed(seat, bundle).await.map(Ok);
    };
    let typed_items = match typed::items(form.get("from-item")) {
        Ok(items) if items.len() <= 1 => items,
        _ => return Ok(Err(zh_en!("请填写一个序号，或者留空", "write one number, or none"))),
    };
    let seat = &if seat.log.is_some() { seat.clone() } else { app.with_newest_log(seat).await };
    if seat.log.is_none() {
        return Ok(Err(zh_en!(
            "本机正在核验登记册：请稍候再提交",
            "this desk is verifying the log: try it in a moment"
        )));
    }
    cases!(app, seat, cases, registry);
    if bundle.docket().roster != cases.roster().version {
        return Err(Error::AnotherRoster);
    }
    let case = match way {
        NEW => {
            let number = form.get("case-number").trim().to_owned();
            if number.is_empty() {
                return Ok(Err(zh_en!("请填写新立案件的案号或者案名", "write the number or title of the new case")));
            }
            let policy = PolicyName { instrument: policy.instrument, version: policy.version };
            let opening =
                Opening { number, text: String::new(), policy, earlier: Vec::new(), report: None, returns: None };
            open_case(app, seat, (&cases, &registry), opening).await?
        }
        _ => match way.parse::<CaseId>() {
            Ok(case) => case,
            Err(_) => return Ok(Err(zh_en!("请选择案件", "choose a case"))),
        },
    };
    let read = known::read(app, &cases, case).await?;
    let first = typed_items.first().copied().unwrap_or_else(|| first_free(app, &read));
    let count = u32::try_from(bundle.items().len()).unwrap_or(u32::MAX);
    let items = match people {
        People::One => vec![first; bundle.items().len()],
        People::Each => (first..first.saturating_add(count)).collect(),
    };
    let draft = bundle.clone().proposed(ProposalOf { case, items })?;
    match propose(app, seat, (&cases, &registry), &draft, case).await {
        Err(error) if error.code() == "proposal-decides" => return Ok(Err(error.to_string())),
        done => done?,
    }
    app.work(|work| work.case = None);
    Ok(Ok(Gone::Case(case)))
}

/// Sends what is signed as it is, without a case.
pub(crate) async fn to_be_signed(seat: &Seat, bundle: &Bundle) -> Result<Gone, Error> {
    let caller = seat.caller()?;
    let registry = seat.registry(&caller);
    Ok(Gone::Draft(Drafts::begin(&registry, &seat.key).await?.send(bundle, &mut os_rng()).await?.draft.id))
}

/// The first item on which nothing is put to the vote yet; where there is none, the next number.
fn first_free(app: &App, read: &ReadCase) -> ItemNumber {
    let proposals = app.proposals_in(read.id());
    let proposed =
        |number: &ItemNumber| proposals.iter().any(|of| of.items.iter().any(|proposal| proposal.item == *number));
    let items = &read.file.case.items;
    let free = items.iter().find(|(number, item)| item.state == ItemState::Pending && !proposed(number));
    free.map_or_else(|| items.keys().max().map_or(1, |last| last.saturating_add(1)), |(number, _)| *number)
}
