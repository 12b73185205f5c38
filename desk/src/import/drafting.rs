//! From what was confirmed to a draft.

use callboard_federation::{
    docket::Publication,
    encoding::{Base64, Time},
    language::Language,
    policy::{Policy, Words},
    statement::{Kind, MeasureKind},
    zh_en,
};
use callboard_keys::SeatKey;
use rand_core::CryptoRng;

use super::{
    Drafted, Import, RowsAre,
    look::{Look, Read, ReadRows},
    oddity::Oddity,
};
use crate::{
    Error,
    bundle::Bundle,
    draft_report::DraftReport,
    drafter::{Drafter, Heading, SheetFile},
    drafts::{Drafts, part::days_left},
    letter::{
        earlier_record::zone_of,
        measure_word,
        outline::{Mark, Outline},
        term::{Start, Term},
    },
    publication::{self, Publish},
    registry::PolicyName,
    sheet::{Confirmations, Row},
    signing::oddity::headline,
};

impl Import {
    /// What its letters bear, and what is published with them.
    pub fn heading(&self) -> Heading {
        let number = self.heading.number.trim();
        Heading {
            number: (!number.is_empty()).then(|| number.to_owned()),
            publish: if self.heading.is_published { Publish::OfSheet } else { Publish::Nothing },
            case: None,
        }
    }

    /// The policy that it is decided under.
    ///
    /// # Errors
    /// If none was said.
    pub fn policy(&self) -> Result<PolicyName, Error> {
        self.heading.policy.parse().map_err(|_| {
            Error::other("no-policy", || zh_en!("请选择所依据的规则", "say under which policy it is decided"))
        })
    }
}

/// Drafts what was read and confirmed: tags are derived, and it is asked what stands already. `progress` hears of each
/// batch of tags.
///
/// # Errors
/// If something isn't confirmed, too.
pub async fn draft(
    drafter: &Drafter<'_>,
    import: &Import,
    look: &Look<'_>,
    policy: &Policy,
    rng: &mut impl CryptoRng,
    progress: impl FnMut(usize),
) -> Result<Drafted, Error> {
    let Read::Rows(read) = &look.read else { return Err(not_ready()) };
    if !read.unseen(import).is_empty() {
        return Err(not_ready());
    }
    let comments_read = look.commented();
    let takes_past = import.heading.rows == RowsAre::Imports;
    let confirmed = Confirmations { minors_approved: look.minors(), comments_read: &comments_read, takes_past };
    let sheet = SheetFile { bytes: &import.file.0, confirmed, arrangement: Some(&import.arrangement), note: &|_| {} };
    let of = import.policy()?;
    let draft = match import.heading.rows {
        RowsAre::Imports => drafter.import(sheet, &of, rng, progress).await?,
        rows => drafter.rulings(sheet, &of, rows == RowsAre::Interims, rng, progress).await?,
    };
    let report = drafter.report(draft, rng).await?;
    let outlines = |language| outlines(read, look.minors(), &report, policy, drafter.now(), language);
    let of = |language: Language| headline(&outlines(language), language);
    let said = |language: Language| language.saying(|| report.said(false));
    let listed = said(Language::Zh).into_iter().zip(said(Language::En)).map(|(zh, en)| Words { zh, en });
    Ok(Drafted {
        headline: Words { zh: of(Language::Zh), en: of(Language::En) },
        listed: listed.collect(),
        bundle: Base64(report.draft.bundle.seal([drafter.key().recipient()])?),
    })
}

fn not_ready() -> Error {
    Error::other("import-not-ready", || {
        zh_en!("还有需要更正或者确认的内容", "something is still to be mended or confirmed")
    })
}

/// The letters as they are counted.
fn outlines(
    read: &ReadRows,
    minors: &[u32],
    report: &DraftReport,
    policy: &Policy,
    now: Time,
    language: Language,
) -> Vec<Outline> {
    let outline = |(at, row): (usize, &Row)| {
        let term = Term::new(Start::drafted(row.effective_at, now), row.measure.until);
        let marks = [(Mark::Listed, report.is_listed(at)), (Mark::Minor, minors.contains(&row.number))];
        Outline {
            whose: row.plain.names.join(language.pick("、", ", ")),
            kind: Kind::Ruling.words().pick(language).to_owned(),
            measure: Some(measure_word(row.measure.kind, Some(policy), language)),
            term: Some(term.text(&zone_of(Some(policy)), language)),
            is_open: row.measure.until.is_none(),
            is_bar: row.measure.kind == MeasureKind::Bar,
            scopes: None,
            marks: marks.into_iter().filter_map(|(mark, is_so)| is_so.then_some(mark)).collect(),
        }
    };
    read.rows.iter().enumerate().map(outline).collect()
}

impl Drafted {
    /// What stands already for its people, each to be confirmed.
    pub fn oddities(&self) -> Vec<Oddity> {
        self.listed.iter().map(|words| Oddity::new(words.clone(), "")).collect()
    }

    /// The bundle.
    ///
    /// # Errors
    /// If it doesn't open.
    pub fn bundle(&self, key: &SeatKey) -> Result<Bundle, Error> {
        Bundle::unseal(&self.bundle.0, key)
    }
}

/// What a bundle publishes, if anything.
///
/// # Errors
/// If that is no public text.
pub fn published(bundle: &Bundle) -> Result<Option<Publication>, Error> {
    bundle.publication().map(publication::read).transpose()
}

/// Why a bundle can't be signed any more, and is to be drafted anew.
pub fn why_too_old(bundle: &Bundle, drafts: &Drafts<'_>, now: Time) -> Option<String> {
    let docket = bundle.docket();
    if docket.roster != drafts.roster().version {
        return Some(zh_en!(
            "签署权限名单已更换，须重新生成",
            "there is another roster since it was drafted: draft it anew"
        ));
    }
    let is_over = days_left(docket, now) < 0;
    is_over.then(|| zh_en!("生成已超过14天，须重新生成", "it is over 14 days old: draft it anew"))
}
