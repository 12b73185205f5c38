//! Configurations as text: the commented example stays as it is but for the values of settings.

use callboard_federation::members::MemberId;

use crate::pin::Pin;

/// The configuration of a member's agent, commented: its defaults.
pub const MEMBER: &str = include_str!("../../agent/member.toml");

/// The configuration of a member: the commented file, with whose agent it is.
pub fn of_member(pin: &Pin, member: &MemberId) -> String {
    let whose = [
        ("member", member.to_string()),
        ("issuer", pin.issuer.clone()),
        ("genesis", pin.genesis.to_string()),
        ("url", pin.url.to_string()),
        ("tokens_url", pin.tokens_url.to_string()),
        ("key", format!("{member}.key")),
    ];
    set_texts(MEMBER, &whose)
}

/// A configuration with one setting changed, its comments as they were; `value` as TOML has it.
pub fn set(file: &str, name: &str, value: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some((of_line, _)) if of_line.trim() == name => format!("{name} = {value}\n"),
        _ => format!("{line}\n"),
    };
    file.lines().map(line).collect()
}

/// A configuration with these settings changed, each to a text.
pub fn set_texts(file: &str, values: &[(&str, String)]) -> String {
    let text = |value: &String| toml::Value::from(value.as_str()).to_string();
    values.iter().fold(file.to_owned(), |file, (name, value)| set(&file, name, &text(value)))
}
