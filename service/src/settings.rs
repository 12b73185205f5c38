//! Configurations as text: the commented example stays as it is but for the values of settings.

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
