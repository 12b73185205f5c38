//! The people of every sandbox: one in every standing and of every kind of identity, none of whom exists.
//!
//! `docs/sandbox.md` has them as a table, which a test holds against this one.

use callboard_federation::identity::IdentityKind;

use super::people::{
    By, Identity, Person, PersonRuling, Question,
    Step::{self, Ended, Erased, Linked, Of},
    Then,
};
use crate::nobody::{enterprise, number, residence_permit, resident_card};

const FIVE_YEARS: &str = "suspension,live;recorded,自登记之日起,,5年";
const BARRED: &str = "bar,live,自登记之日起,,永久";

/// By which way it was decided, the columns of the sheet, and what became of it.
type Decision = (By, &'static str, &'static [Step]);

/// Name, birth, state, what a check decides, what was decided, why.
type Row = (&'static str, &'static str, &'static str, &'static str, Option<Decision>, &'static str);

/// Those who are known by a resident's number.
const UNDER_A_NUMBER: [Row; 20] = [
    ("沙盒清白", "19900101", "clear", "allow", None, "nothing was decided"),
    (
        "沙盒提醒",
        "19900102",
        "noticed",
        "notify",
        Some((By::Ruling, "notice,live,自登记之日起,,长期", &[])),
        "a notice",
    ),
    (
        "沙盒告诫",
        "19900103",
        "warned",
        "notify",
        Some((By::Ruling, "warning,live,自登记之日起,,长期", &[])),
        "a warning",
    ),
    (
        "沙盒限制",
        "19900104",
        "restricted",
        "review",
        Some((By::Ruling, "restriction,live,自登记之日起,,1年", &[])),
        "live streaming restricted for a year",
    ),
    ("沙盒警示", "19900105", "suspended", "refuse", Some((By::Ruling, FIVE_YEARS, &[])), "suspended for five years"),
    ("沙盒封禁", "19900106", "barred", "refuse", Some((By::Ruling, BARRED, &[])), "barred"),
    (
        "沙盒待复",
        "19900107",
        "suspended",
        "refuse",
        Some((By::Ruling, "suspension,live,2023-01-10,2024-01-09,", &[])),
        "the term is over, and nobody was reinstated: a suspension ends by reinstatement alone",
    ),
    (
        "沙盒中止",
        "19900108",
        "stayed",
        "review",
        Some((By::Ruling, FIVE_YEARS, &[Of(Then::Stay)])),
        "suspended, and stayed while an appeal is heard",
    ),
    (
        "沙盒观察",
        "19900109",
        "probation",
        "review",
        Some((By::Ruling, FIVE_YEARS, &[Of(Then::Probation)])),
        "reinstated, under watch for half a year",
    ),
    ("沙盒复出", "19900110", "clear", "allow", Some((By::Ruling, FIVE_YEARS, &[Of(Then::Reinstate)])), "reinstated"),
    (
        "沙盒异议",
        "19900111",
        "suspended",
        "refuse",
        Some((By::Ruling, FIVE_YEARS, &[Of(Then::Dispute)])),
        "suspended; the person disputes it, which the reason says",
    ),
    (
        "沙盒撤销",
        "19900112",
        "clear",
        "allow",
        Some((By::Ruling, FIVE_YEARS, &[Of(Then::Annul)])),
        "annulled: as if it had never been",
    ),
    (
        "沙盒临时",
        "19900113",
        "suspended",
        "refuse",
        Some((By::Interim, "suspension,live,自登记之日起,,7天", &[])),
        "an interim of seven days",
    ),
    (
        "沙盒范围",
        "19900114",
        "restricted",
        "review",
        Some((By::Ruling, "restriction,promotion,自登记之日起,,1年", &[])),
        "promotion alone restricted for a year: `scopes` of the reason names it",
    ),
    (
        "沙盒将至",
        "19900115",
        "clear",
        "allow",
        Some((By::Ruling, "suspension,live,+,,1年", &[])),
        "suspended from a day to come: `toCome` tells it",
    ),
    (
        "沙盒续行",
        "19900116",
        "suspended",
        "refuse",
        Some((By::Ruling, FIVE_YEARS, &[Of(Then::Stay), Ended])),
        "stayed, and the stay ended: the suspension goes on",
    ),
    (
        "沙盒删除",
        "19900117",
        "clear",
        "allow",
        Some((By::Ruling, FIVE_YEARS, &[Of(Then::Annul), Erased])),
        "annulled, and erased: nothing of it is disclosed any more",
    ),
    (
        "沙盒承接",
        "19900118",
        "suspended",
        "refuse",
        Some((By::Import, FIVE_YEARS, &[])),
        "taken over from before the registry: the reason says `imported`",
    ),
    ("沙盒未成年", "20200601", "clear", "blocked", None, "under 16 until June 2036"),
    (
        "沙盒十六",
        "20101101",
        "clear",
        "blocked",
        None,
        "16 or 17 until November 2028, and no guardian consents: send `\"guardianConsent\": true`",
    ),
];

/// Everyone, in the order of the manual.
pub(super) fn all() -> Vec<Person> {
    let of_number = |(name, birth, state, decision, decided, why): Row| {
        let ruled = decided.map(|(by, row, then)| PersonRuling::new(by, row, then));
        person(name, asked(under(birth)), (state, decision), ruled, why)
    };
    let mut people: Vec<Person> = UNDER_A_NUMBER.into_iter().map(of_number).collect();
    people.extend(with_documents());
    people.extend(found_softly());
    people
}

fn person(
    name: &'static str,
    question: Question,
    (state, decision): (&'static str, &'static str),
    ruled: Option<PersonRuling>,
    why: &'static str,
) -> Person {
    Person { name, question, state, decision, why, records: Vec::new(), ruled }
}

fn identity(kind: IdentityKind, value: impl Into<String>) -> Identity {
    Identity { kind, value: value.into() }
}

fn under(birth: &str) -> Vec<Identity> {
    vec![identity(IdentityKind::CnId, number(birth, "001"))]
}

fn passport(number: &str) -> Vec<Identity> {
    vec![identity(IdentityKind::Passport, format!("UTO:{number}"))]
}

fn asked(identities: Vec<Identity>) -> Question {
    Question { identities, ..Question::default() }
}

/// Of documents that tell no birth.
fn born(birth: &'static str, identities: Vec<Identity>) -> Question {
    Question { date_of_birth: Some(birth), ..asked(identities) }
}

fn ruled(row: &'static str) -> PersonRuling {
    PersonRuling::new(By::Ruling, row, &[])
}

/// Those who are found by other documents than a number, or by a number with more to it.
fn with_documents() -> Vec<Person> {
    let minor = Some(("沙盒监护人", "2026-06-01,2026-06-02"));
    let both = [under("19900119"), passport("E0000006")].concat();
    let holder = Some(("1985-02-01", "SHAHE HUANZHAO"));
    vec![
        person(
            "沙盒少年",
            Question { guardian_consent: true, ..asked(under("20100301")) },
            ("warned", "notify"),
            Some(PersonRuling { minor, ..ruled("warning,live,自登记之日起,,长期") }),
            "16 at the conduct, with a guardian: asked with `\"guardianConsent\": true`",
        ),
        person(
            "沙盒永居",
            asked(vec![identity(IdentityKind::CnId, resident_card("19850101"))]),
            ("suspended", "refuse"),
            Some(ruled(FIVE_YEARS)),
            "a permanent resident card, as since 2023",
        ),
        person(
            "沙盒旧卡",
            born("1985-01-01", vec![identity(IdentityKind::CnId, "UTO110085010101")]),
            ("suspended", "refuse"),
            Some(ruled(FIVE_YEARS)),
            "a permanent resident card before 2023",
        ),
        person(
            "沙盒居住证",
            asked(vec![identity(IdentityKind::CnId, residence_permit("19850103"))]),
            ("suspended", "refuse"),
            Some(ruled(FIVE_YEARS)),
            "a residence permit of a resident of Hong Kong",
        ),
        person(
            "沙盒回乡证",
            born("1985-01-04", vec![identity(IdentityKind::HmtTravelPermit, "H0000000001")]),
            ("suspended", "refuse"),
            Some(PersonRuling {
                named: vec![identity(IdentityKind::HmtTravelPermit, "H00000000")],
                ..ruled(FIVE_YEARS)
            }),
            "a travel permit of a resident of Hong Kong, reissued: its last two digits are those of the reissue",
        ),
        person(
            "沙盒非中国籍",
            born("1985-01-06", vec![identity(IdentityKind::HmtTravelPermit, "HA0000000")]),
            ("barred", "refuse"),
            Some(ruled(BARRED)),
            "a travel permit of a resident of Hong Kong who isn't of Chinese nationality",
        ),
        person(
            "沙盒台胞证",
            born("1985-01-07", vec![identity(IdentityKind::HmtTravelPermit, "00000000")]),
            ("barred", "refuse"),
            Some(ruled(BARRED)),
            "a travel permit of a resident of Taiwan",
        ),
        person(
            "沙盒护照",
            born("1985-01-02", passport("E0000001")),
            ("barred", "refuse"),
            Some(ruled(BARRED)),
            "a passport",
        ),
        person(
            "沙盒换照",
            Question { names: vec!["SHAHE HUANZHAO"], ..born("1985-02-01", passport("E0000003")) },
            ("noticed", "review"),
            Some(PersonRuling { named: passport("E0000002"), passport: holder, ..ruled(FIVE_YEARS) }),
            "the passport that was ruled on is renewed: name and birth meet its `passport-holder`, which decides nothing alone",
        ),
        person(
            "沙盒关联",
            born("1985-01-05", passport("E0000005")),
            ("barred", "refuse"),
            Some(PersonRuling { named: passport("E0000004"), then: &[Linked], ..ruled(BARRED) }),
            "another passport was barred, and a link says that both are of one person",
        ),
        person(
            "沙盒双证",
            asked(both),
            ("suspended", "refuse"),
            Some(ruled(FIVE_YEARS)),
            "two documents in one ruling: either finds it",
        ),
        person(
            "沙盒企业",
            asked(vec![identity(IdentityKind::CnUscc, enterprise(1))]),
            ("barred", "refuse"),
            Some(PersonRuling { subject: "enterprise", ..ruled(BARRED) }),
            "an enterprise",
        ),
    ]
}

/// Those who are asked about by what is shared or reused in life.
fn found_softly() -> Vec<Person> {
    let with = |birth: &str, soft: &Identity| [under(birth), vec![soft.clone()]].concat();
    let account = identity(IdentityKind::PlatformAccount, "alpha:sandbox-1");
    let code = identity(IdentityKind::NetIdentityCode, "alpha:4f2c09");
    vec![
        person(
            "沙盒账号",
            born("1990-01-20", vec![account.clone()]),
            ("noticed", "review"),
            Some(PersonRuling { subject: "persona", named: with("19900120", &account), ..ruled(BARRED) }),
            "a persona, asked about by its account, which others may have: it decides nothing alone",
        ),
        person(
            "沙盒网号",
            born("1990-01-21", vec![code.clone()]),
            ("noticed", "review"),
            Some(PersonRuling { named: with("19900121", &code), ..ruled(FIVE_YEARS) }),
            "asked about by the code of the national identity service for this platform: it decides nothing alone",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the manual, as this module has it.
    fn table() -> String {
        let row = |person: &Person| {
            let identity = |identity: &Identity| match identity.kind {
                IdentityKind::CnId => format!("`{}`", identity.value),
                kind => format!("{} `{}`", kind.as_str(), identity.value),
            };
            let identities: Vec<String> = person.question.identities.iter().map(identity).collect();
            let Person { name, state, decision, why, .. } = person;
            format!("| {name} | {} | {state} | {decision} | {why} |", identities.join(", "))
        };
        all().iter().map(row).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_manual_has_every_person() {
        let manual = include_str!("../../docs/sandbox.md");
        assert!(manual.contains(&format!("\n{}\n\n", table())), "docs/sandbox.md has other people than\n{}", table());
    }

    #[test]
    fn nobody_has_any_of_their_documents() {
        use callboard_federation::identity::Identity;
        for person in all() {
            let named = person.ruled.iter().flat_map(|ruled| ruled.named.iter());
            for of in person.question.identities.iter().chain(named) {
                let read = Identity::normalise(of.kind, &of.value, false).unwrap();
                assert!(!read.is_somebodys(), "{}", person.name);
            }
        }
    }
}
