//! People who don't exist: numbers that pass every check and were never given to anyone.

use anyhow::Context as _;
use callboard_client::clock::{Clock as _, MachineClock};
use callboard_federation::identity::{Identity, IdentityKind};
use jiff::{ToSpan as _, tz::TimeZone};

/// The region of every number here. Provinces begin at 11, so nobody was ever given one of region 10.
const REGION: &str = "100000";

/// A streamer of the story.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) number: String,
}

/// Eight for the spreadsheet, one whom nobody lists, and one whose name was meant in row five.
pub(super) fn cast() -> Vec<Person> {
    const NAMES: [&str; 10] =
        ["赵试一", "钱试二", "孙试三", "李试四", "周试五", "吴试六", "郑试七", "王试八", "冯试九", "陈试十"];
    let person = |(at, name): (usize, &str)| Person { name: name.to_owned(), number: number(at) };
    NAMES.into_iter().enumerate().map(person).collect()
}

/// The number of the person at this place: the one of eleven check characters that fits.
fn number(at: usize) -> String {
    let digits = format!("{REGION}19{:02}0{}1500{}", 80 + at, 1 + at % 9, at);
    let fits = |check: &char| Identity::normalise(IdentityKind::CnId, &format!("{digits}{check}"), false).is_ok();
    let check = "0123456789X".chars().find(fits).unwrap_or_default();
    format!("{digits}{check}")
}

/// The number with its last digit but one changed: it fails its check.
pub(super) fn mistyped(person: &Person) -> String {
    let mut digits = person.number.clone().into_bytes();
    digits[16] = if digits[16] == b'9' { b'0' } else { digits[16] + 1 };
    String::from_utf8_lossy(&digits).into_owned()
}

/// A spreadsheet of rulings, as the secretariat would write it.
pub(super) fn sheet(people: &[Person]) -> String {
    let mut sheet = "kind,identity,names,measure,scopes,term,violations,reasons\n".to_owned();
    for Person { name, number } in people {
        let decided = "suspension,live;recorded,5年,NB-11,直播中多次宣扬赌博；经两次告诫后再犯。";
        sheet.extend(["cn-id,", number, ",", name, ",", decided, "\n"]);
    }
    sheet
}

/// The day one year from now, as a person writes it.
pub(super) fn in_a_year() -> anyhow::Result<String> {
    let today = TimeZone::UTC.to_datetime(MachineClock.now().timestamp()).date();
    Ok(today.checked_add(1.year()).context("no such day")?.to_string())
}
