//! Names of files that go from one computer to another: on a stick, by mail, in a chat.
//!
//! Taken are ASCII letters and digits, `-`, `_`, `.` and Chinese characters. What else a name might hold is lost or changed
//! on some way: `:` is none of Windows', a space or `#` breaks off a link, a chat writes `(1)` for what it doesn't know.

/// Names that Windows keeps for devices, with any ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Whether a file may be called so on every system, and arrives under its name.
pub fn is_portable(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_port = ["com", "lpt"].iter().any(|port| stem.strip_prefix(port).is_some_and(is_digit));
    !name.is_empty()
        && !name.starts_with('.')
        && !name.ends_with('.')
        && name.chars().all(is_plain)
        && !DEVICES.contains(&stem.as_str())
        && !is_port
}

/// A name with `_` in place of what doesn't arrive everywhere; it stands within another name.
pub fn portable(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) && c != '.' { c } else { '_' }).collect()
}

fn is_digit(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0'..=b'9'])
}

const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '-' | '_' | '.' | '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_that_arrives_everywhere() {
        for name in ["panel-1.key", "roster-2.bundle", "评议一.pub.json", "a_b.docket.json", "console.key", "com10.key"]
        {
            assert!(is_portable(name), "{name}");
        }
        let refused = [
            "",
            ".key",
            "a.",
            "a:b",
            "a/b",
            "a\\b",
            "a b",
            "2026-07-01T12:00",
            "a（b）",
            "中演协〔2026〕10号",
            "NUL",
            "com1.key",
            "é.key",
            "a\u{0}",
            "a*",
            "😀",
        ];
        for name in refused {
            assert!(!is_portable(name), "{name}");
        }
        assert_eq!(portable("评议 一:2.é"), "评议_一_2__");
    }
}
