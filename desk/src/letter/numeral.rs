//! Numbers in words, as letters have them: 五年, five years, 二〇二六年十二月一日.

use jiff::civil::Date;

const ZH: [&str; 10] = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const EN: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// A number in Chinese, up to 9,999; digits beyond.
pub(super) fn zh(number: u64) -> String {
    if number == 0 || number > 9_999 {
        return if number == 0 { "零".to_owned() } else { number.to_string() };
    }
    let (mut text, mut gap) = (String::new(), false);
    for (unit, word) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / unit % 10;
        if digit == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
            gap = false;
        }
        // 十五, not 一十五.
        if !(digit == 1 && unit == 10 && text.is_empty()) {
            text.push_str(digit_of(digit));
        }
        text.push_str(word);
    }
    text
}

/// A number in English, up to twenty; digits beyond.
pub(super) fn en(number: u64) -> String {
    let word = usize::try_from(number).ok().and_then(|number| EN.get(number));
    word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// A date in Chinese words, as under a letter: 二〇二六年十二月一日.
pub(super) fn date_zh(date: Date) -> String {
    let year: String =
        date.year().to_string().bytes().map(|digit| digit_of(u64::from(digit.saturating_sub(b'0')))).collect();
    let small = |number: i8| zh(u64::from(number.unsigned_abs()));
    format!("{year}年{}月{}日", small(date.month()), small(date.day()))
}

fn digit_of(digit: u64) -> &'static str {
    usize::try_from(digit).ok().and_then(|digit| ZH.get(digit)).unwrap_or(&"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        for (number, word) in [
            (5, "五"),
            (10, "十"),
            (15, "十五"),
            (20, "二十"),
            (30, "三十"),
            (88, "八十八"),
            (100, "一百"),
            (105, "一百零五"),
            (110, "一百一十"),
            (365, "三百六十五"),
            (1_000, "一千"),
            (1_005, "一千零五"),
            (10_000, "10000"),
            (0, "零"),
        ] {
            assert_eq!(zh(number), word);
        }
        assert_eq!((en(5), en(20), en(21)), ("five".to_owned(), "twenty".to_owned(), "21".to_owned()));
        assert_eq!(date_zh(jiff::civil::date(2026, 12, 1)), "二〇二六年十二月一日");
        assert_eq!(date_zh(jiff::civil::date(2030, 11, 21)), "二〇三〇年十一月二十一日");
    }
}
