//! The sealed part of an event: what is readable about people, for the seats of the case alone.
//!
//! It is encrypted to every seat of the panel, the chairs and the secretariat that isn't recused from all that the event
//! is about. Not to the panel alone: whoever takes the place of a seat reads what was done before it came. Not to a
//! recused seat: what it doesn't decide it doesn't read. An event names the part by its hash, so that it can be erased
//! and the chain stays whole.

use callboard_federation::{
    encoding::{CaseId, Hash, ReportId, from_json, to_json},
    recipient::Recipient,
    roster::{Role, Roster},
    zh_en,
};
use callboard_keys::{SeatKey, age_file};
use callboard_rules::case::{
    Case,
    act::{Act, MAX_SEALED_BYTES, Sealed},
    law::Seat,
    number::ItemNumber,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Error;

/// What is sealed beside an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedContent {
    v: u64,
    case: CaseId,
    /// The act's word: a part of one act isn't shown beside another.
    act: String,
    /// Reasons, or what was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whom the items are about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The report that led to the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportId>,
}

/// Whom an item is about, as the seats call them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    pub item: ItemNumber,
    pub names: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
}

/// What somebody says with an act.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub text: Option<String>,
    pub subjects: Vec<Subject>,
    pub report: Option<ReportId>,
}

impl Said {
    /// Words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    fn is_empty(&self) -> bool {
        self.text.is_none() && self.subjects.is_empty() && self.report.is_none()
    }
}

impl SealedContent {
    /// Opens a part, and holds it against the event that names it.
    ///
    /// # Errors
    /// Another part than the event names, sealed for others, damaged, or of another act.
    pub fn open(part: &[u8], sealed: &Sealed, case: CaseId, act: &str, key: &SeatKey) -> Result<Self, Error> {
        let unread = || {
            Error::other("case-sealed", || {
                zh_en!("密封部分无法打开，或者不是该步骤的", "the sealed part doesn't open, or is of another event")
            })
        };
        if Hash::of(part) != sealed.sha256 {
            return Err(unread());
        }
        let opened = age_file::open(part, key.identity(), MAX_SEALED_BYTES).map_err(|_| unread())?;
        let content: Self = from_json(&opened).map_err(|_| unread())?;
        if (content.v, content.case, content.act.as_str()) == (1, case, act) { Ok(content) } else { Err(unread()) }
    }
}

/// Seals what is said with an act, if anything is: the file, and how the event names it.
///
/// # Errors
/// It is too long, or nobody may read it.
pub fn seal(
    said: Said,
    case: CaseId,
    act: &Act,
    of: Option<&Case>,
    roster: &Roster,
) -> Result<Option<(Sealed, Vec<u8>)>, Error> {
    if said.is_empty() {
        return Ok(None);
    }
    let Said { text, subjects, report } = said;
    let (word, _) = act.write(None);
    let content = Zeroizing::new(to_json(&SealedContent { v: 1, case, act: word, text, subjects, report }));
    let file = age_file::seal(readers(act, of, roster), &content).ok_or_else(|| {
        Error::other("seal-recipients", || {
            zh_en!("无法加密给相关签署人", "it can't be encrypted to the seats that it is for")
        })
    })?;
    let bytes = u64::try_from(file.len()).unwrap_or(u64::MAX);
    if bytes > MAX_SEALED_BYTES {
        return Err(Error::other("case-sealed-long", || {
            zh_en!(
                "内容过长：密封后至多{MAX_SEALED_BYTES}字节",
                "it is too long: a sealed part has at most {MAX_SEALED_BYTES} bytes"
            )
        }));
    }
    Ok(Some((Sealed { sha256: Hash::of(&file), bytes }, file)))
}

/// The recipients of the seats that read what is sealed beside an act.
fn readers<'r>(act: &Act, of: Option<&Case>, roster: &'r Roster) -> Vec<&'r Recipient> {
    let is_recused = |seat: &callboard_federation::roster::Seat| {
        let Some(case) = of else { return false };
        let seat = seat_of(seat);
        let named = case.items_of(act);
        let mut items =
            if named.is_empty() { case.items.keys().copied().collect() } else { named }.into_iter().peekable();
        items.peek().is_some() && items.all(|item| case.items.contains_key(&item) && case.is_recused(&seat, item))
    };
    let reads = |seat: &&callboard_federation::roster::Seat| {
        matches!(seat.role, Role::Panel | Role::Chair | Role::Secretariat) && !is_recused(seat)
    };
    roster.seats.iter().filter(reads).map(|seat| &seat.recipient).collect()
}

/// A seat of a roster, as the rules name it.
pub fn seat_of(seat: &callboard_federation::roster::Seat) -> Seat {
    let (holder, role, member) = (seat.holder.clone(), seat.role, seat.member.clone());
    Seat { holder, role, member, key: seat.public_key.id() }
}
