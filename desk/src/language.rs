//! The two languages that the desk speaks to people.

/// A language of letters and of what is wrong with a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Language {
    /// zh-CN
    #[value(alias = "zh-CN")]
    Zh,
    /// English
    #[default]
    En,
}

impl Language {
    /// The one of two texts that is in this language.
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}
