//! Days as people write them.

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

/// Reads `2026-07-01`, `2026/7/1`, `2026.7.1`, `20260701`, `2026年7月1日`; digits of any width.
pub fn read_day(text: &str) -> Option<Date> {
    let text: String = text.trim().nfkc().collect();
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let date =
        |year: &str, month: &str, day: &str| Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
    if text.len() == 8 && is_digits(&text) {
        return date(&text[..4], &text[4..6], &text[6..]);
    }
    let text = text.strip_suffix(['日', '号']).unwrap_or(&text);
    let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let fits = |part: &str, most: usize| is_digits(part) && part.len() <= most;
    if year.len() != 4 || !is_digits(year) || !fits(month, 2) || !fits(day, 2) {
        return None;
    }
    date(year, month, day)
}

/// The day that a number of eight digits says, as a day without marks between becomes in a spreadsheet.
pub fn day_of_number(number: f64) -> Option<Date> {
    let is_whole = (10_000_101.0..=99_991_231.0).contains(&number) && number.fract() == 0.0;
    is_whole.then(|| read_day(&format!("{number:.0}"))).flatten()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_the_same_however_it_is_written() {
        let day = Some(date(2026, 7, 1));
        let written = [
            "2026-07-01",
            "2026/7/1",
            "2026年7月1日",
            "2026-7-1",
            "2026.7.1",
            "20260701",
            "２０２６．０７．０１",
            "2026年7月1号",
        ];
        assert_eq!(written.map(read_day), [day; 8]);
        let others = ["2026-02-29", "26-07-01", "2026-07", "2026-07-01-01", "07/01/2026", "20260732", "202671", ""];
        assert_eq!(others.map(read_day), [None; 8]);
        assert_eq!(day_of_number(20_260_701.0), day);
        assert_eq!([46_204.0, 20_260_701.5, 20_260_732.0, f64::NAN].map(day_of_number), [None; 4]);
    }
}
