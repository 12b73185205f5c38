//! The languages in which programs speak to people: zh-CN and English, by `--lang`, else by the locale.

use clap::ValueEnum;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Language {
    /// zh-CN
    #[value(alias = "zh-CN")]
    Zh,
    /// English
    En,
}

/// In which language a verb speaks
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct LanguageArg {
    /// The language to speak; without it the locale's (`LC_ALL`, `LC_MESSAGES`, `LANG`)
    #[arg(long, value_name = "LANG")]
    lang: Option<Language>,
}

impl LanguageArg {
    /// The one that was asked for, or the locale's.
    pub fn language(self) -> Language {
        self.lang.unwrap_or_else(|| Language::of_locale(|name| std::env::var(name).ok()))
    }
}

impl Language {
    /// The locale's, by the variables of POSIX; English unless it is Chinese.
    pub fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default();
        if locale.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// The one of two texts that is in this language.
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_says_the_language_the_strongest_variable_first() {
        let of = |set: &[(&str, &str)]| {
            Language::of_locale(|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), Language::Zh);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]), Language::En);
        assert_eq!(of(&[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "zh_CN"), ("LC_ALL", "")]), Language::Zh);
        assert_eq!((of(&[]), of(&[("LANG", "de_DE")])), (Language::En, Language::En));
    }

    #[test]
    fn chinese_is_asked_for_by_either_name() {
        assert_eq!(["zh", "zh-CN"].map(|name| Language::from_str(name, false)), [Ok(Language::Zh), Ok(Language::Zh)]);
    }
}
