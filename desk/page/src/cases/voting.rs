//! What is put before the panel, and a seat's vote on it.

use callboard_client::runtime::os_rng;
use callboard_desk::{
    Error,
    cases::{Cases, case_file::CaseFile, sealed::Said, secrets::CaseSecret, typed::items},
};
use callboard_federation::{
    encoding::{CaseId, DraftId, Time},
    zh_en,
};
use callboard_rules::case::{
    Stage,
    act::{Act, Proposal},
    number::ItemNumber,
    vote::{Choice, Exception, Vote},
};

use super::form::of_word;
use crate::{App, form::Form};

/// What is put to the vote, of the draft that was chosen: these items, or all of it.
fn chosen(app: &App, case: CaseId, form: &Form, only: &[ItemNumber]) -> Result<Vec<Proposal>, String> {
    let draft = form.get("proposal").parse::<DraftId>().ok();
    let proposed = app.proposals_in(case).into_iter().find(|of| Some(of.draft) == draft);
    let proposed = proposed.ok_or_else(|| zh_en!("请选择提请评议的草案", "choose what is put to the vote"))?;
    let is_named = |proposal: &&Proposal| only.is_empty() || only.contains(&proposal.item);
    let items: Vec<Proposal> = proposed.items.iter().filter(is_named).cloned().collect();
    if items.is_empty() || only.iter().any(|item| items.iter().all(|proposal| proposal.item != *item)) {
        return Err(zh_en!("所选草案没有涉及所填的全部各人", "what was chosen isn't about all of these items"));
    }
    Ok(items)
}

pub(super) fn session(app: &App, cases: &Cases<'_>, file: &CaseFile, form: &Form) -> Result<(Act, Said), String> {
    let only = items(form.get("items")).map_err(|error| error.to_string())?;
    let items = chosen(app, file.case.id(), form, &only)?;
    let hours = |name: &str| {
        let typed = form.get(name).trim().parse::<i64>().ok().filter(|hours| (1..=744).contains(hours));
        typed.ok_or_else(|| zh_en!("请填写小时数", "write a number of hours"))
    };
    let seal_by = at(cases, file).plus_hours(hours("seal-hours")?);
    let open_by = seal_by.plus_hours(hours("open-hours")?);
    Ok((Act::SessionOpened { items, seal_by, open_by }, Said::default()))
}

pub(super) fn interim(app: &App, case: CaseId, form: &Form) -> Result<(Act, Said), String> {
    let only = items(form.get("item")).map_err(|error| error.to_string())?;
    match chosen(app, case, form, &only)?.as_slice() {
        [Proposal { item, drafts }] => {
            Ok((Act::InterimProposed { item: *item, drafts: drafts.clone() }, Said::default()))
        }
        _ => Err(zh_en!("请填写第几人：一次提议一人", "write the number of one item")),
    }
}

/// When an act of a case would be taken now.
pub(super) fn at(cases: &Cases<'_>, file: &CaseFile) -> Time {
    cases.now().max(file.case.at())
}

/// Keeps the vote here, and seals it: nobody sees how until all have voted.
pub(super) fn vote(cases: &Cases<'_>, file: &CaseFile, form: &Form) -> Result<Result<(Act, Said), String>, Error> {
    let id = file.case.id();
    let Stage::Sitting(session) = &file.case.stage else {
        return Ok(Err(zh_en!("没有进行中的评议", "no session is open")));
    };
    let Some(all) = of_word::<Choice>(form.get("all")) else {
        return Ok(Err(zh_en!("请选择对全部各人的意见", "choose how you vote on all of them")));
    };
    let mut except = Vec::new();
    let mut seen: Vec<ItemNumber> = Vec::new();
    for (word, vote) in [("for", Choice::For), ("against", Choice::Against), ("abstain", Choice::Abstain)] {
        let items = items(form.get(word))?;
        if items.iter().any(|item| seen.contains(item) || !session.items.contains_key(item)) {
            return Ok(Err(zh_en!(
                "例外中有人重复，或者不在此次评议之中",
                "an exception stands twice, or isn't of this session"
            )));
        }
        seen.extend(&items);
        if !items.is_empty() {
            except.push(Exception { items, vote });
        }
    }
    let reasons = Some(form.get("text").trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let secret = CaseSecret::vote(id, session.seq, &Vote { all, except }, reasons, &mut os_rng());
    let session = session.seq;
    let commitment = secret.commitment(&cases.seat().key);
    // What the rules refuse leaves no secret behind.
    cases.may(file, &Act::VoteSealed { session, commitment }, at(cases, file))?;
    let commitment = cases.secrets().keep(&secret)?;
    Ok(Ok((Act::VoteSealed { session, commitment }, Said::default())))
}
