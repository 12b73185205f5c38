//! A report becomes a case: each of its people an item, its member their reporter.

use callboard_federation::{
    identity::reader::{TypedIdentity, day_in_china, read},
    members::MemberId,
    report::content::{Report, Subject as Reported},
    roster::RuleKey,
    sealed::Conduct,
    statement::Kind,
    zh_en,
};
use callboard_rules::case::{act::Act, number::ItemNumber};

use super::{
    proposal::hosts_of,
    sealed::{Said, Subject},
};
use crate::{
    Error,
    minor::{AgeAtConduct, age_at, youngest},
    reports::OpenReport,
};

/// The items of a report, from the first number on. Whoever filed it hosts its people, unless their account is another
/// member's.
///
/// # Errors
/// It names nobody.
pub fn items(report: &OpenReport) -> Result<Vec<(Act, Said)>, Error> {
    let Report { subjects, .. } = &report.content;
    if subjects.is_empty() {
        return Err(Error::other("report-nobody", || {
            zh_en!("该报告没有写明当事人：请另行列入", "the report names nobody: add the items yourself")
        }));
    }
    let numbered = (1..).zip(subjects);
    Ok(numbered.map(|(number, subject)| item(number, subject, report)).collect())
}

fn item(item: ItemNumber, subject: &Reported, report: &OpenReport) -> (Act, Said) {
    let filer = report.kept.member.clone();
    let host = subject.account.split_once(':').and_then(|(member, _)| MemberId::try_from(member.to_owned()).ok());
    let hosts = hosts_of(host.or_else(|| filer.clone()));
    let decides = vec![RuleKey { kind: Kind::Ruling, of: None }];
    let minor = is_minor(subject, report);
    let act = Act::ItemAdded { item, decides, hosts, reporters: filer.into_iter().collect(), minor, appeals: None };
    let names = subject.nickname.iter().cloned().collect();
    let subjects = vec![Subject { item, names, accounts: vec![subject.account.clone()] }];
    (act, Said { subjects, report: Some(report.kept.id), ..Said::default() })
}

/// Under 18 at the conduct, by what the report tells.
fn is_minor(subject: &Reported, report: &OpenReport) -> bool {
    let today = day_in_china(report.kept.received_at);
    let typed =
        subject.identities.iter().map(|one| TypedIdentity { kind: one.kind, value: &one.value, confirmed: true });
    let readings: Vec<_> = typed.filter_map(|typed| read(typed, today).ok()).collect();
    let born = youngest(&readings).max(subject.birth);
    let conduct =
        report.content.happened_from.map(|from| Conduct { from, to: report.content.happened_to.unwrap_or(from) });
    age_at(born, conduct, None, today) != AgeAtConduct::OfAge
}
