//! From what a form says to a draft, by the drafter that `callboard draft` uses; and what is wrong with what was typed.

use callboard_client::{
    output,
    runtime::{error_chain, os_rng},
};
use callboard_desk::{
    Error,
    bundle::Bundle,
    draft::reversal::Reversal,
    drafter::{Draft, Drafter, Heading, ReversalInput, SheetFile},
    letter::{Letter, earlier_record::zone_of},
    people::search::Hit,
    publication::Publish,
    registry::PolicyName,
    sheet::{Confirmations, one_row, read_end, read_start},
};
use callboard_federation::{
    docket::Publication,
    encoding::{RecordId, Time, to_json},
    identity::{
        IdentityKind,
        reader::{Reading, TypedIdentity, day_in_china, read},
    },
    sealed::Plain,
    statement::SubjectType,
    zh_en,
};
use zeroize::Zeroizing;

use super::{
    act::Act,
    field::Wrong,
    pending::Pending,
    row::{self, APPROVED},
};
use crate::{App, form::Form, session::Seat};

/// What is drafted, about whom.
pub(crate) struct Asked<'a> {
    pub(crate) act: Act,
    /// The record that the form is of; of a form for anybody none.
    pub(crate) record: Option<RecordId>,
    /// What the index has of the person.
    pub(crate) hits: &'a [Hit],
    pub(crate) form: &'a Form,
}

/// Why nothing was drafted.
pub(crate) enum Undrafted {
    /// What was typed is to be mended.
    Wrong(Vec<Wrong>),
    /// Something didn't answer.
    Failed(Error),
}

impl From<Error> for Undrafted {
    fn from(error: Error) -> Self {
        match error {
            Error::Sheet(findings) => Self::Wrong(row::wrong(&findings.0)),
            Error::Registry(_) | Error::Http(_) | Error::Tokens(_) => Self::Failed(error),
            Error::Unnamed { .. } => Self::Wrong(vec![Wrong::of_all(zh_en!(
                "没有当事人的证件号码，不能起草：密文已删除，或者不是加密给此密钥的",
                "nobody's identity is at hand, so it can't be drafted: the ciphertext was erased, or isn't for this key"
            ))]),
            error => Self::Wrong(vec![Wrong::of_all(error_chain(&error))]),
        }
    }
}

/// Drafts it; gives what is shown before it is sent.
pub(crate) async fn drafted(app: &App, seat: &Seat, asked: &Asked<'_>) -> Result<(Pending, Bundle), Undrafted> {
    let seat = &app.with_newest_log(seat).await;
    let typed = Typed::of(seat, asked)?;
    let caller = seat.caller().map_err(Error::from)?;
    let registry = seat.registry(&caller);
    let heading = Heading { number: typed.number.clone(), publish: publish(asked)?, case: None };
    let drafter = Drafter::begin(&registry, &seat.key, typed.now, heading).await?;
    let draft = draft(&drafter, asked, typed).await?;
    let letters: Vec<Letter> = drafter.letters(&draft, &mut os_rng()).await?;
    // A form has no rows: what is told is told of items.
    let report = drafter.report(Draft { rows: Vec::new(), ..draft }, &mut os_rng()).await?;
    if asked.act == Act::Erase {
        let records: Vec<RecordId> = asked.form.all("record").filter_map(|record| record.parse().ok()).collect();
        let in_effect = report.in_effect(&records).into_iter().map(|measure| report.text(measure, false));
        let wrong: Vec<Wrong> = in_effect
            .map(|measure| zh_en!("仍有效力，须先撤销：{measure}", "it has effect, and is annulled first: {measure}"))
            .map(Wrong::of_all)
            .collect();
        if !wrong.is_empty() {
            return Err(Undrafted::Wrong(wrong));
        }
    }
    let mut left: Vec<(RecordId, String)> = Vec::new();
    for at in 0..report.count() {
        for measure in report.left(at, &[]) {
            if left.iter().all(|(record, _)| *record != measure.record) {
                left.push((measure.record, report.text(measure, false)));
            }
        }
    }
    let notes = report.lines(false).into_iter().map(|line| output::text(&line).trim().to_owned()).collect();
    let letters = letters.iter().map(|letter| letter.page_text(app.language())).collect();
    let pending = Pending {
        act: asked.act,
        record: asked.record,
        form: asked.form.clone(),
        letters: Zeroizing::new(letters),
        notes,
        left,
    };
    Ok((pending, report.draft.bundle))
}

/// What was typed beside the fields of a row.
struct Typed {
    now: Time,
    number: Option<String>,
    policy: Option<PolicyName>,
    /// The records that it is about.
    records: Vec<RecordId>,
    readings: Vec<Reading>,
    plain: Option<Plain>,
    start: Time,
    /// The end of a pause or of a probation.
    until: Option<Time>,
    uncounted: Vec<u64>,
    /// A rejoinder's words.
    words: String,
}

impl Typed {
    fn of(seat: &Seat, asked: &Asked<'_>) -> Result<Self, Undrafted> {
        let Asked { act, record, hits, form } = *asked;
        let (now, zone) = (seat.now(), zone_of(None));
        let mut wrong = Vec::new();
        let text = |name: &str| form.get(name).trim().to_owned();
        let mut day = |name: &str, read: &dyn Fn(&str) -> Option<Time>| match form.get(name).trim() {
            "" => None,
            typed => read(typed).or_else(|| {
                wrong.push(Wrong::of(name, zh_en!("请填写日期，例如 2026-07-01", "write a date, such as 2026-07-01")));
                None
            }),
        };
        let start = day("from", &|typed| read_start(typed, &zone)).unwrap_or(now);
        let until = day("ends", &|typed| read_end(typed, &zone));
        let policy = match form.get("policy") {
            "" => None,
            name => name.parse().ok(),
        };
        let mut records: Vec<RecordId> = form.all("record").filter_map(|typed| typed.parse().ok()).collect();
        if let Some(own) = record.filter(|own| Act::OF_A_RECORD.contains(&act) && !records.contains(own)) {
            records.insert(0, own);
        }
        let mut readings = readings(hits, &records, now);
        if act == Act::Link {
            readings.retain(|reading| reading.identity.kind().is_hard());
            match linked(form, now) {
                Ok(reading) => readings.push(reading),
                Err(why) => wrong.push(why),
            }
        }
        let uncounted = form.get("uncounted").split([',', '，', '、', ' ']).map(str::trim).filter(|at| !at.is_empty());
        let uncounted: Result<Vec<u64>, _> = uncounted.map(str::parse).collect();
        if uncounted.is_err() {
            wrong.push(Wrong::of("uncounted", zh_en!("请填写条目序号", "write the indexes of entries")));
        }
        let conditions: Vec<String> =
            form.get("conditions").lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let reasons = text("reasons");
        let has_plain = act.has_reasons() && (!reasons.is_empty() || !conditions.is_empty());
        let plain = has_plain.then(|| Plain { reasons, conditions, ..Plain::default() });
        let words = text("words");
        if act == Act::Rejoinder && words.is_empty() {
            wrong.push(Wrong::of("words", zh_en!("请写明陈述内容", "write what was said")));
        }
        if records.is_empty() && act == Act::Erase {
            wrong.push(Wrong::of_all(zh_en!("请选择要删除的记录", "choose the records that are to be erased")));
        }
        if !wrong.is_empty() {
            return Err(Undrafted::Wrong(wrong));
        }
        Ok(Self {
            now,
            number: Some(text("number")).filter(|number| !number.is_empty()),
            policy,
            records,
            readings,
            plain,
            start,
            until,
            uncounted: uncounted.unwrap_or_default(),
            words,
        })
    }
}

async fn draft(drafter: &Drafter<'_>, asked: &Asked<'_>, typed: Typed) -> Result<Draft, Undrafted> {
    let Typed { policy, records, readings, plain, start, until, uncounted, words, .. } = typed;
    let rng = &mut os_rng();
    let approved: &[u32] = if asked.form.has(APPROVED) { &[one_row::ROW] } else { &[] };
    let bytes = if asked.act.has_row() { row::sheet(asked.form) } else { Vec::new() };
    let confirmed = Confirmations { minors_approved: approved, ..Confirmations::default() };
    let sheet = SheetFile { bytes: &bytes, confirmed, arrangement: None, note: &|_| {} };
    let with = ReversalInput { policy: policy.clone(), plain, identities: readings.clone(), several: false };
    let reversal = match (asked.act, policy) {
        (Act::Ruling | Act::Interim | Act::Link, None) => {
            return Err(Undrafted::Wrong(vec![Wrong::of("policy", zh_en!("请选择规则", "choose a policy"))]));
        }
        (Act::Ruling, Some(policy)) => return Ok(drafter.rulings(sheet, &policy, false, rng, |_| {}).await?),
        (Act::Interim, Some(policy)) => return Ok(drafter.rulings(sheet, &policy, true, rng, |_| {}).await?),
        (Act::Link, Some(policy)) => {
            return Ok(drafter.linkage(SubjectType::Person, readings, &policy, start, rng).await?);
        }
        (Act::Replace, _) => {
            let record = records.first().copied().ok_or(Error::NoRecords)?;
            return Ok(drafter.replacement(record, sheet, with, rng, |_| {}).await?);
        }
        (Act::Erase, _) => return Ok(drafter.erasure(records, uncounted, &readings, rng).await?),
        (Act::Rejoinder, _) => return Ok(drafter.rejoinder(records, &words, &readings, rng).await?),
        (Act::Annul, _) => Reversal::Annul,
        (Act::Reinstate, _) => Reversal::Reinstate { effective_at: start, probation: until },
        (Act::Stay, _) => Reversal::Stay { effective_at: start, until },
        (Act::End, _) => Reversal::End { effective_at: start },
        (Act::Dispute, _) => Reversal::Dispute,
    };
    Ok(drafter.reversal(reversal, &records, with, rng).await?)
}

/// What appears in public with it.
fn publish(asked: &Asked<'_>) -> Result<Publish, Undrafted> {
    let form = asked.form;
    let (zh, en) = (form.get("public-zh").trim(), form.get("public-en").trim());
    if asked.act.has_row() {
        return Ok(if form.has("publish") { Publish::OfSheet } else { Publish::Nothing });
    }
    match (zh, en) {
        ("", "") => Ok(Publish::Nothing),
        ("", _) | (_, "") => Err(Undrafted::Wrong(vec![Wrong::of(
            if zh.is_empty() { "public-zh" } else { "public-en" },
            zh_en!("公布内容须有中文和英文", "what is published stands in both languages"),
        )])),
        _ => Ok(Publish::Text(to_json(&Publication { v: 1, zh: zh.to_owned(), en: en.to_owned() }))),
    }
}

/// The identities of the records' person, as the index has them: those of the records, or else all.
fn readings(hits: &[Hit], records: &[RecordId], now: Time) -> Vec<Reading> {
    let own = read_each(hits.iter().filter(|hit| records.contains(&hit.entry.record)), now);
    if own.is_empty() { read_each(hits.iter(), now) } else { own }
}

fn read_each<'h>(hits: impl Iterator<Item = &'h Hit>, now: Time) -> Vec<Reading> {
    let mut all: Vec<Reading> = Vec::new();
    for identity in hits.flat_map(|hit| &hit.entry.identities) {
        let Ok(reading) = read(identity.typed(), day_in_china(now)) else { continue };
        if all.iter().all(|known| known.identity != reading.identity) {
            all.push(reading);
        }
    }
    all
}

/// The document that is linked to the person's.
fn linked(form: &Form, now: Time) -> Result<Reading, Wrong> {
    let kind = IdentityKind::from_word(form.get("kind")).unwrap_or(IdentityKind::CnId);
    let typed = TypedIdentity { kind, value: form.get("identity"), confirmed: form.has("confirmed") };
    read(typed, day_in_china(now)).map_err(|faults| {
        let said: Vec<String> = faults.iter().map(|fault| fault.words().spoken().to_owned()).collect();
        Wrong::of("identity", said.join(&zh_en!("；", "; ")))
    })
}
