//! Notes: what an answer asks its reader to compare or to do besides, in words; none changes a decision.

use callboard_api::agent::answer::Note;
use callboard_federation::{
    identity::{self, reader::OneSubject},
    policy::Words,
    return_window::ReturnWindow,
};

use crate::book::{Person, Room, holder::Holder};

fn note(code: &'static str, [zh, en]: [&str; 2]) -> Note {
    Note { at: None, code: code.into(), zh: zh.to_owned(), en: en.to_owned() }
}

pub fn name_differs() -> Note {
    note(
        "name-differs",
        [
            "所载姓名与您提供的姓名均不相同：请对照证件核对，这可能是另一个人。处置不变。",
            "The details bear none of the names that you told: compare the document; this may be another person. The \
             decision stays.",
        ],
    )
}

pub fn with_and_without_person() -> Note {
    note(
        "with-and-without-person",
        [
            "该 ref 下既登记有未填 person 的人，也登记有填写 person 的人，系统视为不同的人。如系同一人，请删除其中一个后重新查询。",
            "At this ref someone is held without a person and others with one: they are different people here. If two of \
             them are one, forget one and ask again.",
        ],
    )
}

/// The word of a note that somebody may apply to return by now; from then on the hook has told it.
pub const RETURN_OPEN: &str = "return-open";

/// From which day, and until which, the person or its unit may apply to return.
pub fn may_return(window: ReturnWindow, is_open: bool) -> Note {
    let ReturnWindow { first, last } = window;
    let [zh, en] = match last {
        Some(last) => [
            format!(
                "本人或者所属单位可以自{first}起申请复出，期限至{last}（当日计入）。期满不等于解除。请告知当事人。"
            ),
            format!(
                "The person, or the unit that they belong to, may apply to return from {first}, and until {last}, that day \
                 included. The end of the term alone lifts nothing. Tell them."
            ),
        ],
        None => [
            format!("本人或者所属单位可以自{first}起申请复出。请告知当事人。"),
            format!("The person, or the unit that they belong to, may apply to return from {first}. Tell them."),
        ],
    };
    Note { at: None, code: if is_open { RETURN_OPEN } else { "return-later" }.into(), zh, en }
}

/// What is to be compared of the identities that were asked about, and of an account that is known to have this holder.
pub(super) fn of_subject(subject: &OneSubject, holder: &Holder) -> Vec<Note> {
    let notes = subject.notes().filter(|(_, note)| {
        // Beside a document whose number stays, a renewal hides nothing.
        *note != identity::Note::NumberChanges || holder.numbers_change()
    });
    let note = |(at, note): (usize, identity::Note)| {
        let Words { zh, en } = note.words();
        Note { at: Some(at), code: note.code().into(), zh, en }
    };
    notes.map(note).collect()
}

/// Whether whom a question names is at a `ref` with others who are named otherwise.
pub(super) fn of_room(person: &Person, room: Room) -> Option<Note> {
    let is_mixed = if person.person.is_some() { room.has_unnamed } else { room.has_named };
    is_mixed.then(with_and_without_person)
}
