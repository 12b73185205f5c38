//! The languages in which programs speak to people: zh-CN and English.
//!
//! A text stands in both, side by side, in one place: [`zh_en!`](crate::zh_en) where it has values in it, [`Phrase`]
//! where it has none. Which of the two is read is decided where it is shown: a program's thread speaks a language
//! ([`Language::speak`]), or a text is made in one ([`Language::saying`]). A thread that was told nothing speaks
//! English, so what services log and answer is English.

use std::{cell::Cell, error::Error, fmt, str::FromStr};

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::En) };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// zh-CN
    Zh,
    /// English
    #[default]
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", crate::zh_en!("语言为 zh-CN 或 en", "a language is zh-CN or en"))]
pub struct LanguageError;

impl Language {
    /// The one that this thread speaks.
    pub fn spoken() -> Self {
        SPOKEN.get()
    }

    /// This thread speaks it from now on.
    pub fn speak(self) {
        SPOKEN.set(self);
    }

    /// What is said while this thread speaks it.
    pub fn saying<T>(self, say: impl FnOnce() -> T) -> T {
        let before = SPOKEN.replace(self);
        let said = say();
        SPOKEN.set(before);
        said
    }

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

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        match text.to_ascii_lowercase().as_str() {
            "zh" | "zh-cn" | "zh_cn" => Ok(Self::Zh),
            "en" => Ok(Self::En),
            _ => Err(LanguageError),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick("zh-CN", "en"))
    }
}

/// A text without values, in both languages; shown in the one that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase {
    /// zh-CN
    pub zh: &'static str,
    /// English
    pub en: &'static str,
}

impl Phrase {
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en }
    }

    pub const fn pick(self, language: Language) -> &'static str {
        language.pick(self.zh, self.en)
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.pick(Language::spoken()))
    }
}

/// A text in the language that is spoken, as `format!` makes it: `zh_en!("第{index}条", "entry {index}")`. Values that
/// differ stand beside each: `zh_en!(("{}到期", day), ("expires {at}"))`.
#[macro_export]
macro_rules! zh_en {
    (($($zh:tt)*), ($($en:tt)*) $(,)?) => {
        match $crate::Language::spoken() {
            $crate::Language::Zh => ::std::format!($($zh)*),
            $crate::Language::En => ::std::format!($($en)*),
        }
    };
    ($zh:literal, $en:literal $(, $name:ident = $value:expr)+ $(,)?) => {
        match $crate::Language::spoken() {
            $crate::Language::Zh => ::std::format!($zh $(, $name = $value)+),
            $crate::Language::En => ::std::format!($en $(, $name = $value)+),
        }
    };
    ($zh:literal, $en:literal $(, $value:expr)* $(,)?) => {
        match $crate::Language::spoken() {
            $crate::Language::Zh => ::std::format!($zh $(, $value)*),
            $crate::Language::En => ::std::format!($en $(, $value)*),
        }
    };
}

/// An error of a library, which has no Chinese: what of it is known, and else its own words, marked as such.
pub fn foreign(error: &(dyn Error + 'static)) -> Option<String> {
    if Language::spoken() == Language::En {
        return None;
    }
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        // One of ours may say it in Chinese already.
        let is_said = io.get_ref().is_some_and(|own| !own.to_string().is_ascii());
        return (!is_said).then(|| of_io(io));
    }
    error.downcast_ref::<serde_json::Error>().map(of_json)
}

fn of_json(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Io => "未能读完",
        serde_json::error::Category::Syntax => "不是 JSON",
        serde_json::error::Category::Data => "不是所要求的内容",
        serde_json::error::Category::Eof => "内容不完整",
    };
    format!("第{}行第{}列{what}", error.line(), error.column())
}

fn of_io(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let what = match error.kind() {
        ErrorKind::NotFound => "文件或目录不存在",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "文件或目录已经存在",
        ErrorKind::NotADirectory => "不是目录",
        ErrorKind::IsADirectory => "是目录，不是文件",
        ErrorKind::DirectoryNotEmpty => "目录不为空",
        ErrorKind::ReadOnlyFilesystem => "该文件系统只读",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::QuotaExceeded => "磁盘配额已用完",
        ErrorKind::AddrInUse => "该地址已被占用",
        ErrorKind::AddrNotAvailable => "本机没有该地址",
        ErrorKind::ConnectionRefused => "对方拒绝连接",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "连接中断",
        ErrorKind::TimedOut => "超时",
        ErrorKind::InvalidData => "内容不是 UTF-8 文字，或者已损坏",
        ErrorKind::UnexpectedEof => "内容不完整",
        _ => return format!("系统报错（{error}）"),
    };
    what.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Told {
        #[error("{}", zh_en!("第{index}条在 {_path}", "entry {index} of {_path}", _path = _path.display()))]
        Named { index: u64, _path: std::path::PathBuf },
        #[error("{}", zh_en!("密钥 {_0}", "key {_0}"))]
        Tuple(u8),
        #[error("{}", zh_en!(("共{}项", 2 * count), ("{count} pairs")))]
        Apart { count: u8 },
    }

    #[test]
    fn a_text_is_read_in_the_language_that_is_spoken_and_english_else() {
        let all = [Told::Named { index: 3, _path: "a/b".into() }, Told::Tuple(7), Told::Apart { count: 1 }];
        let said = || all.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(said(), ["entry 3 of a/b", "key 7", "1 pairs"]);
        assert_eq!(Language::Zh.saying(said), ["第3条在 a/b", "密钥 7", "共2项"]);
        assert_eq!(said(), ["entry 3 of a/b", "key 7", "1 pairs"], "as before");
    }

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
}
