//! Text from other hands, shown whole: nothing in it moves the cursor, hides a character or turns the line around.

/// The text with line ends indented, and every character that acts instead of being seen written as `\u{…}`.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\n      "),
            '\r' => {}
            c if acts(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// Controls, marks and overrides of direction, and characters without width.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_would_act_on_a_terminal_is_written_out() {
        assert_eq!(shown("刘\u{1b}[2J\u{202e}某\u{200b}"), "刘\\u{1b}[2J\\u{202e}某\\u{200b}");
        assert_eq!(shown("one\r\ntwo"), "one\n      two");
    }
}
