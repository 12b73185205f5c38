//! What a number format shows of a cell: whether a text is seen as it is, and which parts of a date.

/// What a format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    /// Whether it shows numbers as dates or times, and what of them.
    pub(super) date: Option<Parts>,
    /// Whether text is shown as it is.
    pub(super) shows_text: bool,
    /// Whether numbers are shown at all.
    pub(super) shows_numbers: bool,
}

/// Which parts of a date and time are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each part of a date")]
pub(super) struct Parts {
    pub(super) year: bool,
    pub(super) month: bool,
    pub(super) day: bool,
    pub(super) hour: bool,
    pub(super) minute: bool,
    /// Years or months of another calendar, or hours that run on.
    pub(super) is_other: bool,
}

impl Parts {
    /// Whether a day is told whole.
    pub(super) const fn is_whole(self) -> bool {
        self.year && self.month && self.day && !self.is_other
    }
}

impl Format {
    /// What a cell without a format has.
    pub(super) const GENERAL: Self = Self { date: None, shows_text: true, shows_numbers: true };

    /// The format of a number that is the same in every workbook (ECMA-376, 18.8.30; those of Chinese from 27 on).
    pub(super) fn built_in(id: u32) -> Option<Self> {
        let code = match id {
            0..=13 | 37..=40 | 48 => return Some(Self::GENERAL),
            14 => "yyyy/m/d",
            15 => "d-mmm-yy",
            16 => "d-mmm",
            17 => "mmm-yy",
            18..=21 | 32..=35 | 55 | 56 => "h:mm:ss",
            22 => "yyyy/m/d h:mm",
            27 | 36 | 50 | 52 | 57 => "yyyy\"年\"m\"月\"",
            28 | 29 | 51 | 53 | 54 | 58 => "m\"月\"d\"日\"",
            30 => "m-d-yy",
            31 => "yyyy\"年\"m\"月\"d\"日\"",
            45..=47 => "[h]:mm:ss",
            49 => "@",
            _ => return None,
        };
        Some(Self::of(code))
    }

    /// The format of a code.
    pub(super) fn of(code: &str) -> Self {
        if code.trim().is_empty() || code.to_ascii_lowercase().starts_with("general") && !code.contains(';') {
            return Self::GENERAL;
        }
        let sections = sections(code);
        let first = &sections[0];
        let text = match sections.as_slice() {
            [_, _, _, text, ..] => Some(text),
            all => all.iter().rfind(|section| section.has_text),
        };
        Self {
            date: first.is_date.then_some(first.parts),
            shows_text: text.is_none_or(|text| text.has_text && !text.has_words),
            shows_numbers: first.has_text || first.has_digits || first.is_date || first.is_general,
        }
    }
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "what stands in a section")]
struct Section {
    parts: Parts,
    is_date: bool,
    is_general: bool,
    has_digits: bool,
    has_text: bool,
    has_words: bool,
}

fn sections(code: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut chars = code.chars().peekable();
    // An `m` is a minute behind an hour, or before a second.
    let (mut is_behind_hour, mut months) = (false, 0_u32);
    while let Some(c) = chars.next() {
        let at = sections.len() - 1;
        let section = &mut sections[at];
        match c {
            ';' => {
                sections.push(Section::default());
                (is_behind_hour, months) = (false, 0);
            }
            '"' => {
                let words: String = chars.by_ref().take_while(|c| *c != '"').collect();
                section.has_words |= !words.trim().is_empty();
            }
            '\\' | '*' => section.has_words |= chars.next().is_some_and(|c| !c.is_whitespace()),
            '_' => {
                let _width_of = chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let inside = inside.to_ascii_lowercase();
                if inside.starts_with('$') {
                    // The locale is the low half; what stands above it is a calendar, or digits of another script.
                    let locale = inside.rsplit('-').next().unwrap_or_default();
                    section.parts.is_other |= locale.trim_start_matches('0').len() > 4;
                } else if !inside.is_empty() && inside.bytes().all(|b| matches!(b, b'h' | b'm' | b's')) {
                    section.is_date = true;
                    section.parts.is_other = true;
                }
            }
            '@' => section.has_text = true,
            '0' | '#' | '?' => section.has_digits = true,
            'G' | 'g' if chars.clone().take(6).collect::<String>().eq_ignore_ascii_case("eneral") => {
                let _rest: String = chars.by_ref().take(6).collect();
                section.is_general = true;
            }
            'E' | 'e' if section.has_digits && chars.peek().is_some_and(|next| matches!(next, '+' | '-')) => {}
            'A' | 'a' | 'P' | 'p' | '上' | '下' | '午' => {}
            'y' | 'Y' => {
                section.is_date = true;
                section.parts.year = true;
            }
            'e' | 'E' | 'g' | 'G' | 'b' | 'B' => {
                section.is_date = true;
                section.parts.is_other = true;
            }
            'd' | 'D' => {
                section.is_date = true;
                section.parts.day |= run(c, &mut chars) < 3;
            }
            'h' | 'H' => {
                section.is_date = true;
                section.parts.hour = true;
                is_behind_hour = true;
                run(c, &mut chars);
            }
            'm' | 'M' => {
                section.is_date = true;
                let length = run(c, &mut chars);
                if is_behind_hour && length < 3 {
                    section.parts.minute = true;
                } else if !(is_pm(&chars)) {
                    section.parts.month = true;
                    months += 1;
                }
                is_behind_hour = false;
            }
            's' | 'S' => {
                section.is_date = true;
                run(c, &mut chars);
                if !section.parts.minute {
                    section.parts.minute = true;
                    section.parts.month = months > 1;
                }
            }
            c => section.has_words |= c.is_alphabetic(),
        }
    }
    sections
}

/// Whether an `m` was of `AM/PM`.
fn is_pm(chars: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    chars.clone().next() == Some('/') && chars.clone().nth(1).is_some_and(|c| matches!(c, 'P' | 'p'))
}

/// The length of a run of one letter that began.
fn run(letter: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> usize {
    let mut length = 1;
    while chars.next_if(|c| c.eq_ignore_ascii_case(&letter)).is_some() {
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_says_which_parts_of_a_date_it_shows() {
        let whole =
            ["yyyy-mm-dd", "yyyy/m/d", "[$-804]yyyy\"年\"m\"月\"d\"日\";@", "m/d/yy", "d-mmm-yyyy", "yyyy\\-mm\\-dd;@"];
        for code in whole {
            let parts = Format::of(code).date.unwrap();
            assert!(parts.is_whole() && !parts.hour, "{code}");
        }
        let timed = ["yyyy-mm-dd hh:mm", "yyyy/m/d h:mm:ss AM/PM", "yyyy-mm-dd\\ hh:mm:ss"];
        for code in timed {
            let parts = Format::of(code).date.unwrap();
            assert!(parts.is_whole() && parts.hour && parts.minute, "{code}");
        }
        for code in [
            "yyyy\"年\"m\"月\"",
            "m/d",
            "mmm-yy",
            "h:mm",
            "mm:ss",
            "[h]:mm",
            "[$-130000]yyyy-m-d",
            "ggge年m月d日",
            "aaaa",
        ] {
            assert!(Format::of(code).date.is_none_or(|parts| !parts.is_whole()), "{code}");
        }
        for code in ["General", "0.00", "0.00E+00", "#,##0_);[Red](#,##0)", "@", "0", "00000000"] {
            assert_eq!(Format::of(code).date, None, "{code}");
        }
    }

    #[test]
    fn a_format_says_whether_it_shows_what_is_there() {
        let shows = |code| (Format::of(code).shows_text, Format::of(code).shows_numbers);
        for code in [
            "General",
            "@",
            "0",
            "yyyy-mm-dd",
            "_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"_ ;_ @_ ",
            "General;General;General;@",
        ] {
            assert_eq!(shows(code), (true, true), "{code}");
        }
        assert_eq!(shows(";;;"), (false, false));
        assert_eq!(shows(";;"), (true, false));
        assert!(!shows(";;;\"永久\"").0 && !shows("\"NB-\"@").0 && !shows("0;0;0;").0);
    }
}
