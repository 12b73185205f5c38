//! What a draft has to do with one seat: what waits for it, what it may do, and how long there is time.
//!
//! Pure; what a desk shows of a draft before it is read. Whether it may be submitted is [`super::waiting`]'s.

use callboard_api::registry::drafts::{Draft, DraftAct, DraftState, SeatStanding};
use callboard_federation::{
    docket::Docket,
    encoding::{KeyId, Time},
    language::Language,
    replay::MAX_AGE_DAYS,
    statement::Kind,
    zh_en,
};
use callboard_rules::calendar::Calendar;
use jiff::civil::{Date, Weekday};

use crate::letter::{
    earlier_record::zone_of,
    term::{day_text, time_text},
};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What waits for a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// It is to be read, and signed or refused.
    Read,
    /// The seat asked, and the drafter answered since.
    Answered,
    /// The seat drafted it, and somebody asked since it last replied.
    Question,
    /// The seat drafted it, and somebody refused.
    Refusal,
}

/// What of an open draft waits for a seat.
pub fn tasks(draft: &Draft, seat: &KeyId) -> Vec<Task> {
    if draft.state != DraftState::Open {
        return Vec::new();
    }
    let is_drafter = draft.drafter == *seat;
    let is_refused = |asked: &&KeyId| SeatStanding::of(&draft.answers, asked).is_refused;
    let last =
        |is: &dyn Fn(&KeyId, DraftAct) -> bool| draft.answers.iter().rposition(|answer| is(&answer.seat, answer.act));
    let asked = last(&|by, act| act == DraftAct::Ask && by != seat);
    let replied = last(&|by, act| act == DraftAct::Reply && *by == draft.drafter);
    let own = last(&|by, act| act == DraftAct::Ask && by == seat);
    let waits = draft.asked.contains(seat) && !SeatStanding::of(&draft.answers, seat).has_decided();
    [
        (Task::Read, waits),
        (Task::Answered, waits && own.is_some() && own < replied),
        (Task::Question, is_drafter && asked.is_some() && replied < asked),
        (Task::Refusal, is_drafter && draft.asked.iter().any(|asked| is_refused(&asked))),
    ]
    .into_iter()
    .filter_map(|(task, is_so)| is_so.then_some(task))
    .collect()
}

/// What a seat may do with a draft now, as far as its own answers say.
pub fn allowed(draft: &Draft, seat: &KeyId) -> Vec<DraftAct> {
    if draft.state != DraftState::Open {
        return Vec::new();
    }
    let (is_asked, is_drafter) = (draft.asked.contains(seat), draft.drafter == *seat);
    let standing = SeatStanding::of(&draft.answers, seat);
    let may = |act: &DraftAct| match act {
        DraftAct::Sign | DraftAct::Refuse => is_asked && !standing.has_decided(),
        DraftAct::Ask => is_asked,
        DraftAct::Reply => is_drafter,
        DraftAct::Stop => (is_asked || is_drafter) && !standing.is_stopped,
        DraftAct::Withdraw => standing.withdrawal(is_drafter).is_some(),
        // The secretariat's, whatever a draft's own seats may do.
        DraftAct::Note | DraftAct::Reseal => false,
    };
    DraftAct::ALL.into_iter().filter(may).collect()
}

/// The seats that are asked and have neither signed nor refused.
pub fn undecided(draft: &Draft) -> Vec<KeyId> {
    let is_open = |seat: &&KeyId| !SeatStanding::of(&draft.answers, seat).has_decided();
    draft.asked.iter().filter(is_open).copied().collect()
}

/// How many whole days are left until a docket is too old to be logged; less than none once it is.
pub fn days_left(docket: &Docket, now: Time) -> i64 {
    let end = docket.issued_at.plus_days(MAX_AGE_DAYS);
    end.as_millis().saturating_sub(now.as_millis()).div_euclid(DAY_MILLIS)
}

/// By when a docket must be logged, how many days are left, and which of them are holidays, as far as a calendar says.
pub fn deadline_text(docket: &Docket, now: Time, calendar: Option<&Calendar>) -> String {
    let (days, end) = (days_left(docket, now), docket.issued_at.plus_days(MAX_AGE_DAYS));
    if days < 0 {
        return zh_en!("已超过14天，不能再登记：须重新起草", "over 14 days old: it can't be logged, draft it again");
    }
    let until = time_text(end);
    let off = calendar.map_or_else(String::new, |calendar| holidays_text(calendar, now, end));
    if days == 0 {
        return zh_en!("须于{until}前登记：不足一天", "it must be logged by {until}: less than a day is left");
    }
    let days_en = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    zh_en!(("须于{until}前登记，还有{days}天{off}"), ("it must be logged by {until}, in {days_en}{off}"))
}

/// The holidays between two instants: days in a row on which nobody works, one weekday among them at least.
fn holidays_text(calendar: &Calendar, from: Time, end: Time) -> String {
    let zone = zone_of(None);
    let last = zone.to_datetime(end.timestamp()).date();
    let mut runs: Vec<(Date, Date, bool)> = Vec::new();
    let mut day = zone.to_datetime(from.timestamp()).date();
    while day <= last {
        // Of a year that the calendar doesn't cover nothing is said.
        if calendar.is_working_day(day).is_ok_and(|is_worked| !is_worked) {
            let is_weekday = !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            match runs.last_mut() {
                Some((_, until, has_weekday)) if until.tomorrow().is_ok_and(|next| next == day) => {
                    (*until, *has_weekday) = (day, *has_weekday || is_weekday);
                }
                _ => runs.push((day, day, is_weekday)),
            }
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    let language = Language::spoken();
    let told = runs.into_iter().filter(|(.., has_weekday)| *has_weekday).map(|(first, last, _)| {
        let (first_text, last_text) = (day_text(first, language), day_text(last, language));
        if first == last { first_text } else { zh_en!("{first_text}至{last_text}", "{first_text} to {last_text}") }
    });
    let told = told.collect::<Vec<_>>().join(&zh_en!("、", ", "));
    if told.is_empty() { told } else { zh_en!("（其间{told}放假）", " (holidays: {told})") }
}

/// What a docket is of, in a few words: how many of which kind.
pub fn title(docket: &Docket) -> String {
    let mut counts: Vec<(_, usize)> = Vec::new();
    for item in &docket.items {
        match counts.iter_mut().find(|(kind, _)| *kind == item.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((item.kind, 1)),
        }
    }
    let told = counts.into_iter().map(|(kind, count)| {
        let words = kind.words();
        if count == 1 && kind.is_document() {
            // Not as the page of what is in force is called: a link to one says which.
            let en = if kind == Kind::Members { "list of members" } else { words.en };
            return zh_en!(("新的{}", words.zh), ("the new {en}"));
        }
        zh_en!(("{}{count}项", words.zh), ("{count} × {}", words.en))
    });
    told.collect::<Vec<_>>().join(&zh_en!("、", ", "))
}

#[cfg(test)]
mod tests {
    use callboard_api::registry::drafts::DraftAnswer;
    use callboard_federation::{
        docket::Item,
        encoding::{DraftId, Hash, RecordId},
    };

    use super::*;

    fn docket(issued_at: Time) -> Docket {
        Docket {
            v: 1,
            id: callboard_federation::encoding::Id::new(issued_at, [0; 10]),
            issuer: "callboard.example".to_owned(),
            issued_at,
            roster: 1,
            items: Vec::new(),
            publication: None,
        }
    }

    fn seat(name: &str) -> KeyId {
        Hash::of(name.as_bytes())
    }

    fn draft(answers: &[(&str, DraftAct)]) -> Draft {
        let at = Time::from_seconds(1_800_000_000);
        let answer =
            |(by, act): &(&str, DraftAct)| DraftAnswer { seat: seat(by), act: *act, at, signature: None, sealed: None };
        Draft {
            id: DraftId::new(at, [0; 10]),
            docket: Hash::of(b"docket"),
            drafter: seat("drafter"),
            drafted_at: at,
            asked: vec![seat("a"), seat("b")],
            readers: Vec::new(),
            state: DraftState::Open,
            index: None,
            erased_at: None,
            answers: answers.iter().map(answer).collect(),
            sealed: None,
        }
    }

    #[test]
    fn a_docket_is_told_by_what_it_brings() {
        let told = |kinds: &[Kind], language: Language| {
            let item = |kind: &Kind| Item {
                record: RecordId::new(Time::from_seconds(0), [0; 10]),
                kind: *kind,
                of: None,
                commitment: Hash::of(b"statement"),
            };
            let docket = Docket { items: kinds.iter().map(item).collect(), ..docket(Time::from_seconds(0)) };
            language.saying(|| title(&docket))
        };
        assert_eq!(told(&[Kind::Annulment, Kind::Ruling, Kind::Ruling], Language::Zh), "撤销1项、决定2项");
        assert_eq!(told(&[Kind::Roster], Language::Zh), "新的签署权限名单");
        assert_eq!(told(&[Kind::Roster], Language::En), "the new roster");
        assert_eq!(told(&[Kind::Members], Language::En), "the new list of members");
    }

    #[test]
    fn what_waits_is_told_to_whom_it_waits_for() {
        let asked = draft(&[("a", DraftAct::Ask)]);
        assert_eq!(tasks(&asked, &seat("drafter")), [Task::Question]);
        assert_eq!(tasks(&asked, &seat("a")), [Task::Read]);
        let replied = draft(&[("a", DraftAct::Ask), ("drafter", DraftAct::Reply)]);
        assert_eq!(tasks(&replied, &seat("drafter")), []);
        assert_eq!(tasks(&replied, &seat("a")), [Task::Read, Task::Answered]);
        assert_eq!(tasks(&replied, &seat("b")), [Task::Read]);
        let refused = draft(&[("a", DraftAct::Sign), ("b", DraftAct::Refuse)]);
        assert_eq!(tasks(&refused, &seat("drafter")), [Task::Refusal]);
        assert_eq!((tasks(&refused, &seat("a")), undecided(&refused)), (vec![], vec![]));
        let closed = Draft { state: DraftState::Withdrawn, ..asked };
        assert_eq!((tasks(&closed, &seat("a")), allowed(&closed, &seat("a"))), (vec![], vec![]));
    }

    #[test]
    fn a_deadline_tells_its_day_and_the_holidays_before_it() {
        let years = serde_json::json!({"calendar": {"years": {"2026": {"off": ["2026-10-01/2026-10-07"],
            "worked": ["2026-09-27", "2026-10-10"]}}}});
        let calendar = Calendar::of(years.as_object().unwrap()).unwrap();
        let at = |text: &str| text.parse::<Time>().unwrap();
        let drafted = docket(at("2026-09-25T04:00:00.000Z"));
        let told =
            |language: Language, now: &str| language.saying(|| deadline_text(&drafted, at(now), Some(&calendar)));
        let zh = told(Language::Zh, "2026-09-26T04:00:00.000Z");
        assert_eq!(zh, "须于2026年10月9日 12:00前登记，还有13天（其间2026年10月1日至2026年10月7日放假）");
        let en = told(Language::En, "2026-10-08T04:00:00.000Z");
        assert!(en.ends_with(", in 1 day"), "the holidays are over: {en}");
        assert!(told(Language::Zh, "2026-10-08T05:00:00.000Z").ends_with("不足一天"));
        assert!(told(Language::Zh, "2026-10-09T05:00:00.000Z").contains("须重新起草"));
        // Weekends are no holidays.
        let plain = docket(at("2026-11-02T04:00:00.000Z"));
        let told = Language::Zh.saying(|| deadline_text(&plain, plain.issued_at, Some(&calendar)));
        assert!(told.ends_with("还有14天"), "{told}");
    }

    #[test]
    fn a_seat_may_do_what_the_registry_takes_of_it() {
        let fresh = draft(&[]);
        assert_eq!(allowed(&fresh, &seat("a")), [DraftAct::Sign, DraftAct::Refuse, DraftAct::Ask, DraftAct::Stop]);
        assert_eq!(allowed(&fresh, &seat("drafter")), [DraftAct::Reply, DraftAct::Withdraw, DraftAct::Stop]);
        assert_eq!(allowed(&fresh, &seat("stranger")), []);
        let signed = draft(&[("a", DraftAct::Sign), ("a", DraftAct::Stop)]);
        assert_eq!(allowed(&signed, &seat("a")), [DraftAct::Ask, DraftAct::Withdraw]);
        assert_eq!(undecided(&signed), [seat("b")]);
    }
}
