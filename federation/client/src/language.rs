//! The languages in which programs speak to people: zh-CN and English, by `--lang`, else by the locale.
//!
//! The texts stand where they are said, each in both ([`callboard_federation::zh_en`]).

use std::{error::Error as _, ffi::OsString};

use clap::error::{ContextKind, ErrorKind};

pub use callboard_federation::language::Language;

/// In which language a program speaks
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct LanguageArg {
    /// The language to speak; without it the locale's (`LC_ALL`, `LC_MESSAGES`, `LANG`)
    #[arg(long, global = true, value_name = "zh-CN|en")]
    lang: Option<Language>,
}

/// Parses a program's arguments, and has this thread speak the language that they or the locale say. A wrong argument ends
/// the program, told in that language; `abouts` says in Chinese what each verb is for.
pub fn parse<C: clap::Parser>(abouts: &[(&'static str, &'static str)]) -> C {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let asked = asked(arguments.iter().skip(1).filter_map(|argument| argument.to_str()));
    let language = asked.unwrap_or_else(|| Language::of_locale(|name| std::env::var(name).ok()));
    language.speak();
    let mut command = C::command();
    if language == Language::Zh {
        command = command.subcommand_help_heading("命令");
        for (verb, about) in abouts {
            command = command.mut_subcommand(verb, |verb| verb.about(*about));
        }
    }
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| C::from_arg_matches(&matches));
    parsed.unwrap_or_else(|error| match language {
        Language::Zh if error.use_stderr() && !is_help(&error) => {
            crate::eprintln!("{}", told(&error));
            std::process::exit(error.exit_code())
        }
        _ => crate::output::end_with(&error),
    })
}

/// What `--lang` says, before anything else of the arguments is read: what is wrong with them is told in it.
fn asked<'a>(arguments: impl Iterator<Item = &'a str>) -> Option<Language> {
    let mut arguments = arguments.take_while(|argument| *argument != "--");
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--lang") {
            Some("") => arguments.next()?,
            Some(rest) => rest.strip_prefix('=')?,
            None => continue,
        };
        return value.parse().ok();
    }
    None
}

fn is_help(error: &clap::Error) -> bool {
    error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// What is wrong with the arguments, in Chinese.
fn told(error: &clap::Error) -> String {
    let of = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 缺少值"),
        ErrorKind::InvalidValue => {
            format!("{argument} 的值不正确：{value}；可用的值：{}", of(ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(|why| format!("（{why}）")).unwrap_or_default();
            format!("{argument} 的值不正确：{value}{why}")
        }
        ErrorKind::UnknownArgument => format!("没有这一参数：{argument}"),
        ErrorKind::InvalidSubcommand => format!("没有这一命令：{}", of(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => format!("缺少参数：{argument}"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::ArgumentConflict => {
            format!("{argument} 不能与 {} 同时使用", of(ContextKind::PriorArg))
        }
        ErrorKind::InvalidUtf8 => "参数不是 UTF-8 文字".to_owned(),
        _ => format!("{argument} 的值的个数不正确"),
    };
    format!("命令有误：{what}\n请用 --help 查看用法")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        _language: LanguageArg,
        #[command(subcommand)]
        _verb: Verb,
    }

    #[derive(Debug, clap::Subcommand)]
    enum Verb {
        Do {
            #[arg(long, required = true)]
            _times: u8,
        },
    }

    #[test]
    fn the_language_is_read_before_the_other_arguments() {
        let of = |arguments: &str| asked(arguments.split(' '));
        assert_eq!(of("sign a.bundle --lang zh-CN"), Some(Language::Zh));
        assert_eq!(of("--lang=en sign --wrong"), Some(Language::En));
        assert_eq!(of("sign --lang klingon"), None);
        assert_eq!(of("sign -- --lang zh"), None);
    }

    #[test]
    fn wrong_arguments_are_told_in_chinese() {
        let told =
            |arguments: &str| Language::Zh.saying(|| told(&Program::try_parse_from(arguments.split(' ')).unwrap_err()));
        for (arguments, what) in [
            ("p do", "缺少参数：--times"),
            ("p do --times x", "--times <TIMES> 的值不正确：x"),
            ("p do --lang x --times 1", "语言为 zh-CN 或 en"),
            ("p undo", "没有这一命令：undo"),
            ("p do --loud", "没有这一参数：--loud"),
        ] {
            assert!(told(arguments).contains(what), "{}", told(arguments));
        }
    }

    #[test]
    fn chinese_is_asked_for_by_either_name() {
        assert_eq!(["zh", "zh-CN"].map(str::parse::<Language>), [Ok(Language::Zh), Ok(Language::Zh)]);
    }
}
