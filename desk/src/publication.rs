//! What appears in public with a docket: names masked, never a number of anybody's document, never a minor.
//!
//! The text is made from the rows ([`of_rows`]), or written by hand; both are held against everyone in the docket ([`check`]),
//! where they are drafted and again where they are signed. Compared are letters and digits alone, however they are spaced,
//! widened or hidden between; what only a reader would know (a traditional form, a nickname, a family) is for who signs.

use callboard_federation::{
    docket::Publication,
    encoding::{Time, to_json},
    identity::Identity,
    policy::Policy,
    statement::SubjectType,
    zh_en,
};
use callboard_rules::letters;
use unicode_normalization::UnicodeNormalization as _;

pub use super::error::exposure::ExposureError;
use super::{
    error::Error,
    language::Language,
    letter::{
        measure_word,
        term::{Start, Term},
    },
    sheet::Row,
};

/// So many characters of a document's number in a row are the number: a part of it names somebody too.
const NUMBER_PART: usize = 8;

#[derive(Default)]
pub enum Publish {
    #[default]
    Nothing,
    /// A text that somebody wrote.
    Text(Vec<u8>),
    /// What the sheet decides, names masked.
    OfSheet,
}

impl Publish {
    /// The public text of what rows decide; one that somebody wrote is held against everyone in them.
    pub fn of_sheet(
        &self,
        rows: &[Row],
        policy: &Policy,
        number: Option<&str>,
        issued_at: Time,
    ) -> Result<Option<Vec<u8>>, Error> {
        let text = match self {
            Self::Nothing => return Ok(None),
            Self::Text(text) => text.clone(),
            Self::OfSheet => of_rows(rows, policy, number, issued_at),
        };
        let public = read(&text)?;
        for row in rows {
            let names = row.plain.names.iter().map(String::as_str);
            let someone = Identifiers {
                names: names.filter(|_| row.subject_type != SubjectType::Enterprise).collect(),
                numbers: row.identities().filter(|identity| identity.kind().is_hard()).map(Identity::value).collect(),
            };
            let row_number = row.number;
            let exposed = |source: ExposureError| {
                Error::other("exposed", || zh_en!("第{row_number}行", "row {row_number}")).because(source)
            };
            check(&public, &someone, letters::masks_names(policy)).map_err(exposed)?;
        }
        Ok(Some(text))
    }

    /// A public text that somebody wrote, where there are no rows to make one of. It is held against the records where
    /// it is gathered, and where it is signed.
    pub fn without_rows(&self) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Nothing => Ok(None),
            Self::Text(text) => Ok(Some(text.clone())),
            Self::OfSheet => Err(Error::other("no-rows", || {
                zh_en!(
                    "公布内容须由表格各行生成：没有表格的，请自行写明",
                    "a publication is made of a sheet's rows: where there is none, write it"
                )
            })),
        }
    }
}

pub(crate) fn read(text: &[u8]) -> Result<Publication, Error> {
    Publication::from_json(text).map_err(|source| {
        Error::other("publication", || {
            zh_en!(
                "公布内容应为 JSON：{{\"v\":1,\"zh\":…,\"en\":…}}",
                "a publication is JSON {{\"v\":1,\"zh\":…,\"en\":…}}"
            )
        })
        .because(source)
    })
}

/// Someone in the docket: what must not stand in public.
#[derive(Default)]
pub struct Identifiers<'a> {
    /// The names, of a person or persona; an enterprise is named as it is.
    pub names: Vec<&'a str>,
    pub numbers: Vec<&'a str>,
}

/// Holds a public text against someone; `masks_names` as the policy says.
pub fn check(text: &Publication, someone: &Identifiers<'_>, masks_names: bool) -> Result<(), ExposureError> {
    for said in [&text.zh, &text.en] {
        let said = ComparableText::of(said);
        if masks_names && someone.names.iter().any(|name| said.names(name)) {
            return Err(ExposureError::Name);
        }
        if someone.numbers.iter().any(|number| said.shows(number)) {
            return Err(ExposureError::Number);
        }
    }
    Ok(())
}

/// A name as it may appear: its first character, and two stars whatever its length.
pub fn masked(name: &str) -> String {
    name.trim().chars().next().map(|first| format!("{first}**")).unwrap_or_default()
}

/// The public text of what rows decide: whom, masked; what, for how long.
pub fn of_rows(rows: &[Row], policy: &Policy, number: Option<&str>, issued_at: Time) -> Vec<u8> {
    let text = |language| text_of(rows, policy, number, issued_at, language);
    to_json(&Publication { v: 1, zh: text(Language::Zh), en: text(Language::En) })
}

fn text_of(rows: &[Row], policy: &Policy, number: Option<&str>, issued_at: Time, language: Language) -> String {
    let zone = super::letter::earlier_record::zone_of(Some(policy));
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows {
        let term = Term::new(Start::drafted(row.effective_at, issued_at), row.measure.until).text(&zone, language);
        let word = measure_word(row.measure.kind, Some(policy), language);
        let decided = format!("{word}{}{term}", language.pick("，", ", "));
        let name = row.plain.names.first().map(String::as_str).unwrap_or_default();
        let is_masked = letters::masks_names(policy) && row.subject_type != SubjectType::Enterprise;
        let name = if is_masked { masked(name) } else { name.to_owned() };
        let name = if name.is_empty() { language.pick("某人", "a person").to_owned() } else { name };
        match groups.iter_mut().find(|(known, _)| *known == decided) {
            Some((_, names)) => names.push(name),
            None => groups.push((decided, vec![name])),
        }
    }
    let association = letters::association(policy);
    let head = association.map(|name| language.pick(&name.zh, &name.en).to_owned()).into_iter();
    let mut lines: Vec<String> = head.chain(number.map(str::to_owned)).collect();
    lines.push(match language {
        Language::Zh => format!("依据《{}》（{}版），决定：", policy.title.zh, policy.version),
        Language::En => format!("Decided under {} ({}):", policy.title.en, policy.version),
    });
    lines.extend(groups.into_iter().map(|(decided, names)| match language {
        Language::Zh => format!("{}（共{}人）：{decided}", names.join("、"), names.len()),
        Language::En => format!("{} ({} in all): {decided}", names.join(", "), names.len()),
    }));
    lines.join("\n")
}

/// A text as it is compared: the same whatever its width, case and spacing.
struct ComparableText {
    /// Letters and digits alone, of the whole text.
    whole: String,
    /// The same with the numerals of Chinese as digits.
    digits: String,
    /// The words of letters, for names that other words may hold.
    words: Vec<String>,
}

impl ComparableText {
    fn of(text: &str) -> Self {
        let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
        let mut words: Vec<String> = Vec::new();
        let mut is_open = false;
        for c in folded.chars().filter(|c| !is_hidden(*c)) {
            if c.is_alphanumeric() && !is_han(c) {
                if !is_open {
                    words.push(String::new());
                }
                words.last_mut().into_iter().for_each(|word| word.push(c));
                is_open = true;
            } else {
                is_open = false;
            }
        }
        let whole: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
        let digits = whole.chars().map(digit).collect();
        Self { whole, digits, words }
    }

    /// Whether a name stands in it: one in characters anywhere, one in letters as words of its own or run together.
    fn names(&self, name: &str) -> bool {
        let name = Self::of(name);
        if name.whole.chars().any(is_han) {
            return name.whole.chars().count() > 1 && self.whole.contains(&name.whole);
        }
        let is_named = |words: &[String]| words.concat() == name.whole;
        name.whole.chars().count() > 1
            && (self.words.windows(name.words.len().max(1)).any(is_named)
                || self.words.contains(&name.whole)
                || self.is_spelled_out(&name.whole))
    }

    /// Whether words of single letters spell a name.
    fn is_spelled_out(&self, name: &str) -> bool {
        let single = self.words.iter().map(|word| if word.chars().count() == 1 { word.as_str() } else { " " });
        single.collect::<String>().contains(name)
    }

    fn shows(&self, number: &str) -> bool {
        // Of `ISSUER:NUMBER` the number; whatever is short enough to occur by chance is looked for whole.
        let number = Self::of(number.rsplit(':').next().unwrap_or_default()).whole;
        let characters: Vec<char> = number.chars().collect();
        let part = NUMBER_PART.min(characters.len());
        part > 3
            && characters.windows(part).any(|part| {
                let part: String = part.iter().collect();
                self.whole.contains(&part) || self.digits.contains(&part)
            })
    }
}

/// Characters without width, between which a name would still read as one.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

const fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A numeral of Chinese as a digit.
const fn digit(c: char) -> char {
    match c {
        '〇' | '零' => '0',
        '一' | '壹' => '1',
        '二' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Committee, noon};

    fn exposes(text: &str, masks_names: bool) -> Option<ExposureError> {
        let someone = Identifiers {
            names: vec!["赵试一", "Li Si", "欧阳·试"],
            numbers: vec!["100000199001150014", "KOR:M12345678", "alpha:jia"],
        };
        let publication = Publication { v: 1, zh: text.to_owned(), en: String::new() };
        let zh = check(&publication, &someone, masks_names).err();
        let en = Publication { v: 1, zh: String::new(), en: text.to_owned() };
        assert_eq!(zh, check(&en, &someone, masks_names).err(), "{text}");
        zh
    }

    #[test]
    fn a_name_in_full_is_found_however_it_is_written() {
        for text in [
            "赵试一、钱**等88人",
            "赵 试 一",
            "赵·试·一",
            "赵\u{200b}试\u{200b}一",
            "Li Si was stopped",
            "LI SI",
            "lisi",
            "Li-Si",
            "ＬＩ　ＳＩ",
            "L i S i",
            "欧阳试",
            "L\u{200b}i Si",
        ] {
            assert_eq!(exposes(text, true), Some(ExposureError::Name), "{text}");
            assert_eq!(exposes(text, false), None, "{text}");
        }
        for text in ["赵**、钱**等88人", "对赵试等人", "Lisiantha", "Li ** (1 in all)", "2026年12月1日", "试一试，赵"]
        {
            assert_eq!(exposes(text, true), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_written_and_in_part() {
        for text in [
            "100000199001150014",
            "身份证１０００００１９９００１１５００１４",
            "100000 19900115 0014",
            "1000-0019-9001-1500-14",
            "100000\u{200b}199001150014",
            "出生于19900115",
            "一〇〇〇〇〇一九九〇〇一一五〇〇一四",
            "M12345678",
            "m 1234 5678",
        ] {
            assert_eq!(exposes(text, false), Some(ExposureError::Number), "{text}");
        }
        for text in ["共88人", "2026年12月1日起至2031年11月30日止", "10000019", "jia"] {
            let is_part = text == "10000019";
            assert_eq!(exposes(text, true), is_part.then_some(ExposureError::Number), "{text}");
        }
    }

    #[test]
    fn the_text_of_a_sheet_masks_its_names_and_passes_its_own_check() {
        let committee = Committee::found();
        let rows = committee.rows(crate::tests::SHEET);
        let text = of_rows(&rows, &committee.policy.value, Some("中演协〔2026〕10号"), noon());
        let text = Publication::from_json(&text).unwrap();
        for row in &rows {
            let numbers = row.identities().map(callboard_federation::identity::Identity::value).collect();
            let someone = Identifiers { names: row.plain.names.iter().map(String::as_str).collect(), numbers };
            check(&text, &someone, true).unwrap();
        }
        assert!(
            text.zh.contains("某**（共1人）：警示（停止直播服务）") && text.zh.contains("中演协〔2026〕10号"),
            "{}",
            text.zh
        );
        assert!(text.en.contains("K** (1 in all): permanent bar"), "{}", text.en);
    }
}
