//! Policies to be put in force: next year's calendar, other words, a new instrument. Those that go together are one docket, each
//! held against what the registry has.
//!
//! What everyone who replays the log would refuse is refused here; what is only doubtful is said. Working days are counted by
//! the policy's calendar alone, so a year that isn't in it is said early. Implements `docs/formats.md` §6.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use callboard_client::{
    file_name,
    output::{Line, plain, yellow},
    visible::Visible,
};
use callboard_federation::{
    document::Document,
    encoding::{KeyId, Time},
    language::Language,
    policy::{MAX_IMPORT_DAYS, Policy},
    roster::Roster,
    statement::Act,
    zh_en,
};
use callboard_keys::SeatKey;
use callboard_rules::calendar::Calendar;
use jiff::{civil::Date, tz::TimeZone};
use rand_core::CryptoRng;

use crate::{
    bundle::{Bundle, signers, to_sign},
    error::Error,
    letter::{earlier_record::zone_of, term::instant_text},
    registry::Registry,
    setup::Documents,
    signing::{InForce, public::policy_text},
};

/// What a registry has, as far as policies are held against it.
pub struct Logged {
    pub roster: Roster,
    /// Every version that is logged of the policies' instruments.
    pub versions: Vec<Policy>,
}

impl Logged {
    /// Asks the registry, and verifies its answers against the pin.
    pub async fn fetch(registry: &Registry<'_>, policies: &[Document<Policy>]) -> Result<Self, Error> {
        let instruments: BTreeSet<&str> = policies.iter().map(|policy| policy.value.instrument.as_str()).collect();
        let mut versions = Vec::new();
        for instrument in instruments {
            versions.extend(registry.policies_of(instrument).await?);
        }
        Ok(Self { roster: registry.roster().await?, versions })
    }

    fn of<'l>(&'l self, instrument: &'l str) -> impl Iterator<Item = &'l Policy> {
        self.versions.iter().filter(move |other| other.instrument == instrument)
    }
}

/// Drafts the docket of policies that go together; `drafter` is the key of the seat that does.
///
/// # Errors
/// What everyone would refuse: a version that is logged, imports for too long, a roster that is over; and who has no seat.
pub fn draft(
    policies: &[Document<Policy>],
    logged: &Logged,
    drafter: &KeyId,
    issued_at: Time,
    rng: &mut impl CryptoRng,
) -> Result<Bundle, Error> {
    let roster = &logged.roster;
    if roster.expires <= issued_at {
        return Err(Error::RosterExpired { version: roster.version, expired: roster.expires });
    }
    if roster.seat(drafter).is_none() {
        return Err(Error::NoSeat);
    }
    let latest = issued_at.plus_days(MAX_IMPORT_DAYS);
    for (at, Document { value, .. }) in policies.iter().enumerate() {
        let Policy { instrument, version, import, .. } = value;
        let mut before = logged.versions.iter().chain(policies[..at].iter().map(|earlier| &earlier.value));
        if before.any(|other| other.instrument == *instrument && other.version == *version) {
            return Err(Error::PolicyThere { instrument: instrument.clone(), version: version.clone() });
        }
        if let Some(import) = import.filter(|import| import.until > latest) {
            return Err(Error::ImportTooLong { until: import.until, latest });
        }
    }
    let mut documents = Documents { issuer: roster.issuer.clone(), roster: roster.version, issued_at, rng };
    documents.docket(policies.iter().map(|policy| Act::Policy(Box::new(policy.clone()))))
}

/// The last year of a policy's calendar that has next year's working days not yet; with the day that it is where the
/// policy holds.
pub(crate) fn without_next_year(policy: &Policy, now: Time) -> Option<(i16, Date)> {
    let last = Calendar::of(&policy.decide).ok()?.last_year()?;
    let zone = TimeZone::get(&policy.zone).unwrap_or(TimeZone::UTC);
    let today = zone.to_datetime(now.timestamp()).date();
    (last <= today.year()).then_some((last, today))
}

/// What differs of a policy from the latest other version that is logged, in words.
pub fn difference(policy: &Document<Policy>, logged: &Logged) -> String {
    let in_force = InForce { policies: logged.versions.clone(), is_asked: true, ..InForce::default() };
    policy_text(&policy.value, policy.hash, &in_force, Language::spoken())
}

/// What is doubtful of a policy, and may be meant.
pub fn doubts(policy: &Policy, logged: &Logged, now: Time) -> Vec<String> {
    let mut doubts = Vec::new();
    if let Some((last, today)) = without_next_year(policy, now) {
        let missing = today.year() + 1;
        doubts.push(zh_en!(
            "工作日历止于{last}年，没有{missing}年：期限延至{missing}年的都无法计算。国务院办公厅公布后，请在新的版本中补入",
            "its calendar ends with {last}: {missing} is missing, and no window that runs into it can be counted. Once the \
             State Council has ordered that year, add it in a new version"
        ));
    }
    let newest = logged.of(&policy.instrument).max_by_key(|other| other.effective_from);
    if let Some(newest) = newest.filter(|newest| newest.effective_from > policy.effective_from) {
        let from = |policy: &Policy| instant_text(policy.effective_from, &zone_of(Some(policy)), Language::spoken());
        doubts.push(zh_en!(
            "自{}起施行，早于已登记的{}版（自{}起）：请核对施行日期",
            "it is in effect from {}, before version {}, which is logged and is from {}: look at its beginning again",
            from(policy),
            Visible(&newest.version),
            from(newest)
        ));
    }
    if newest.is_none() {
        doubts.push(zh_en!(
            "登记册中没有规则 {}：这是一项新的规则",
            "no version of {} is logged: this is a new instrument",
            Visible(&policy.instrument)
        ));
    }
    doubts
}

/// What a bundle of policies is called: `policy-INSTRUMENT-VERSION.bundle`, of several by the first.
pub fn file(out: &Path, policy: &Policy) -> PathBuf {
    let [instrument, version] = [&policy.instrument, &policy.version].map(|text| file_name::portable(text));
    out.join(format!("policy-{instrument}-{version}.bundle"))
}

/// Drafts policies against what the registry has, and writes the bundle into a directory, for those who sign it and the
/// drafter; says what differs of each from the latest version, and what is doubtful.
pub async fn write(
    policies: &[Document<Policy>],
    registry: &Registry<'_>,
    key: &SeatKey,
    out: &Path,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Line>, Error> {
    let now = registry.caller().now();
    let first = policies.first().ok_or(Error::NothingChanges)?;
    let logged = Logged::fetch(registry, policies).await?;
    let bundle = draft(policies, &logged, &key.public_key().id(), now, rng)?;
    std::fs::create_dir_all(out).map_err(Error::io(out))?;
    let path = file(out, &first.value);
    let roster = &logged.roster;
    bundle.write(&path, signers(roster, &bundle).chain([key.recipient()]))?;
    let signed = format!("{}  {}", path.display(), to_sign(&bundle.asked(roster)));
    let mut lines = vec![vec![plain(signed)]];
    for policy in policies {
        lines.push(vec![plain(difference(policy, &logged))]);
        lines.extend(doubts(&policy.value, &logged, now).into_iter().map(|doubt| vec![yellow(doubt)]));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use callboard_federation::{policy::ImportRule, replay::Replay, replay::RuleError};
    use callboard_rules::policies as sources;

    use super::*;
    use crate::{
        member::tests::begun,
        setup::document,
        setup::tests::{log, now, os_rng},
    };
    use callboard_federation::statement::Kind;

    fn policy(change: impl FnOnce(&mut Policy)) -> Document<Policy> {
        let mut policy = sources::ALL[3].document().unwrap().value;
        change(&mut policy);
        document(Kind::Policy, &policy).unwrap()
    }

    /// A registry that has the rules of 2022, and its replay.
    fn founded() -> (Replay, Logged, Vec<SeatKey>) {
        let (mut replay, in_force, seats) = begun(0);
        let first = Logged { roster: in_force.roster, versions: Vec::new() };
        let bundle = draft(&[policy(|_| ())], &first, &seats[0].public_key().id(), now(), &mut os_rng()).unwrap();
        log(&mut replay, &bundle, &seats.iter().collect::<Vec<_>>()).unwrap();
        let versions = vec![policy(|_| ()).value];
        (replay, Logged { versions, ..first }, seats)
    }

    #[test]
    fn a_new_version_is_drafted_and_logged_and_the_same_one_twice_is_not() {
        let (mut replay, mut logged, seats) = founded();
        let (all, drafter) = (seats.iter().collect::<Vec<_>>(), seats[6].public_key().id());
        let next = policy(|policy| policy.version = "2027".to_owned());
        let bundle = draft(std::slice::from_ref(&next), &logged, &drafter, now(), &mut os_rng()).unwrap();
        log(&mut replay, &bundle, &all).unwrap();
        assert_eq!(replay.policies().len(), 2);
        // Whoever drafts it again is told so, where the log would refuse it.
        let again = draft(std::slice::from_ref(&next), &logged, &drafter, now(), &mut os_rng()).unwrap();
        assert!(matches!(log(&mut replay, &again, &all), Err(RuleError::PolicyRepeated)));
        logged.versions.push(next.value.clone());
        let refused = draft(std::slice::from_ref(&next), &logged, &drafter, now(), &mut os_rng()).err().unwrap();
        assert_eq!(refused.code(), "policy-there");
        let stranger = crate::setup::tests::seats(2, 2, 1)[0].public_key().id();
        assert!(matches!(
            draft(std::slice::from_ref(&next), &logged, &stranger, now(), &mut os_rng()),
            Err(Error::NoSeat)
        ));
        let late = logged.roster.expires;
        let over = draft(std::slice::from_ref(&next), &logged, &drafter, late, &mut os_rng());
        assert!(matches!(over, Err(Error::RosterExpired { version: 1, .. })));
    }

    #[test]
    fn several_instruments_are_one_docket_and_none_stands_in_it_twice() {
        let (mut replay, logged, seats) = founded();
        let drafter = seats[6].public_key().id();
        let next = policy(|policy| policy.version = "2027".to_owned());
        let other = sources::ALL[2].document().unwrap();
        assert_ne!(other.value.instrument, next.value.instrument);
        let bundle = draft(&[next.clone(), other.clone()], &logged, &drafter, now(), &mut os_rng()).unwrap();
        assert_eq!(bundle.docket().items.len(), 2);
        log(&mut replay, &bundle, &seats.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(replay.policies().len(), 3);
        let twice = draft(&[next.clone(), other.clone(), next.clone()], &logged, &drafter, now(), &mut os_rng());
        assert_eq!(twice.err().unwrap().code(), "policy-there");
        // Each is held against its own instrument.
        assert!(doubts(&other.value, &logged, now()).iter().any(|doubt| doubt.contains("this is a new instrument")));
        assert!(!doubts(&next.value, &logged, now()).iter().any(|doubt| doubt.contains("new instrument")));
    }

    #[test]
    fn imports_for_longer_than_the_log_takes_are_refused() {
        let (mut replay, logged, seats) = founded();
        let drafter = seats[6].public_key().id();
        let until = |days| {
            policy(|policy| {
                policy.version = "2027".to_owned();
                policy.import = Some(ImportRule { until: now().plus_days(days) });
            })
        };
        let refused = draft(&[until(367)], &logged, &drafter, now(), &mut os_rng()).err().unwrap();
        assert_eq!(refused.code(), "import-too-long");
        let bundle = draft(&[until(366)], &logged, &drafter, now(), &mut os_rng()).unwrap();
        log(&mut replay, &bundle, &seats.iter().collect::<Vec<_>>()).unwrap();
    }

    #[test]
    fn a_calendar_without_next_year_an_older_version_and_a_new_instrument_are_said() {
        let (_, logged, _) = founded();
        let doubts = |policy: &Document<Policy>, logged: &Logged, at: &str| {
            doubts(&policy.value, logged, at.parse().unwrap()).join("\n")
        };
        let next = policy(|policy| policy.version = "2027".to_owned());
        let in_2026 = doubts(&next, &logged, "2026-12-31T15:59:59.000Z");
        assert!(in_2026.contains("its calendar ends with 2026: 2027 is missing"), "{in_2026}");
        assert_eq!(doubts(&next, &logged, "2025-12-31T15:59:59.000Z"), "");
        // A year begins with the policy's zone.
        assert!(doubts(&next, &logged, "2025-12-31T16:00:00.000Z").contains("2027 is missing"));
        assert!(doubts(&next, &logged, "2028-06-01T00:00:00.000Z").contains("ends with 2026: 2029 is missing"));
        let at = "2025-06-01T00:00:00.000Z";
        let older = policy(|policy| policy.effective_from = policy.effective_from.plus_days(-1));
        assert!(doubts(&older, &logged, at).contains("before version 2022, which is logged"));
        let none = Logged { versions: Vec::new(), ..logged };
        assert!(doubts(&next, &none, at).contains("no version of streamer-warning-rules is logged"));
        let said = Language::Zh.saying(|| doubts(&next, &none, "2026-12-31T00:00:00.000Z"));
        assert!(said.contains("没有2027年") && said.contains("这是一项新的规则"), "{said}");
        let strange = policy(|policy| policy.version = "2027/1:a".to_owned());
        assert_eq!(
            file(Path::new("out"), &strange.value),
            Path::new("out/policy-streamer-warning-rules-2027_1_a.bundle")
        );
    }
}
