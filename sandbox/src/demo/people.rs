//! People who don't exist: numbers that pass every check and were never given to anyone.

use anyhow::Context as _;
use callboard_client::clock::{Clock as _, MachineClock};
use jiff::{ToSpan as _, tz::TimeZone};

use crate::nobody;

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

fn number(at: usize) -> String {
    nobody::number(&format!("19{:02}0{}15", 80 + at, 1 + at % 9), &format!("{at:03}"))
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

/// Those for whom a draft waits at the end: three alike, and one who is barred for good.
pub(super) fn waiting() -> String {
    const NAMES: [&str; 4] = ["何试十一", "吕试十二", "施试十三", "张试十四"];
    let person = |(at, name): (usize, &str)| Person { name: name.to_owned(), number: number(10 + at) };
    let people: Vec<Person> = NAMES.into_iter().enumerate().map(person).collect();
    let (alike, barred) = people.split_at(3);
    let barred = barred.iter().map(|Person { name, number }| {
        format!("cn-id,{number},{name},bar,live;recorded,永久,NB-11,以直播牟取赌博抽成，经三次处理后再犯。\n")
    });
    sheet(alike) + &barred.collect::<String>()
}

/// The number of someone who is ten years old.
pub(super) fn minor() -> anyhow::Result<String> {
    let birth = today().checked_sub(10.years()).context("no such day")?;
    Ok(nobody::number(&birth.strftime("%Y%m%d").to_string(), "001"))
}

fn today() -> jiff::civil::Date {
    TimeZone::UTC.to_datetime(MachineClock.now().timestamp()).date()
}

/// The day one year from now, as a person writes it.
pub(super) fn in_a_year() -> anyhow::Result<String> {
    Ok(today().checked_add(1.year()).context("no such day")?.to_string())
}
