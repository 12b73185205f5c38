//! The fast path of strict JSON: most JSON of the formats is plain, and one look over the bytes shows it, much faster
//! than the check that decides ([`super::json::check`]). What isn't plainly fine goes there; nothing is refused here.

/// The deepest nesting of arrays and objects.
pub(super) const MAX_DEPTH: usize = 32;
/// Keys of one object that the fast path compares; an object of the formats has a dozen.
const MAX_KEYS: usize = 32;
/// Digits of an integer that is below 2⁵³ whatever they are.
const MAX_DIGITS: usize = 15;

/// Whether `bytes`, if they are JSON at all, are surely JSON as the formats take it. `false` says nothing.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    // Where the keys of each open object begin; a list has none.
    let mut open: Vec<Option<usize>> = Vec::with_capacity(MAX_DEPTH);
    let mut keys: Vec<&[u8]> = Vec::with_capacity(MAX_KEYS);
    let (mut rest, mut expects_key) = (bytes, false);
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b' ' | b'\t' | b'\n' | b'\r' | b':' => {}
            b',' => expects_key = matches!(open.last(), Some(Some(_))),
            b'{' | b'[' if open.len() == MAX_DEPTH => return false,
            b'{' => {
                open.push(Some(keys.len()));
                expects_key = true;
            }
            b'[' => {
                open.push(None);
                expects_key = false;
            }
            b'}' | b']' => match open.pop() {
                Some(Some(first)) => keys.truncate(first),
                Some(None) => {}
                None => return false,
            },
            b'"' => {
                let Some(length) = text_length(rest) else { return false };
                if expects_key {
                    let (key, Some(Some(first))) = (&rest[..length], open.last()) else { return false };
                    let others = &keys[*first..];
                    if others.len() == MAX_KEYS || key.contains(&b'\\') || others.contains(&key) {
                        return false;
                    }
                    keys.push(key);
                    expects_key = false;
                }
                rest = &rest[length + 1..];
            }
            b'0'..=b'9' => {
                let more = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                if more >= MAX_DIGITS || matches!(rest.get(more), Some(b'.' | b'e' | b'E')) {
                    return false;
                }
                rest = &rest[more..];
            }
            // `true` and `false`; whether it is one of them is the parser's to say.
            b't' | b'f' => rest = &rest[rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count()..],
            _ => return false,
        }
    }
    open.is_empty()
}

/// The length of the text that begins here, up to its closing quotation mark.
fn text_length(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', rest.get(at..)?)?;
        if rest[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::json::check, is_plain};

    #[test]
    fn what_the_formats_write_is_plain_at_a_glance() {
        for plain in [
            r#"{"a":1,"b":[true,"x"],"c":{"a":"é\n"}}"#,
            r#"[{"a":1},{"a":999999999999999}]"#,
            " [ ] ",
            r#""long, longer than a stride: \"quoted\" \\ and on it goes until its end""#,
        ] {
            assert!(is_plain(plain.as_bytes()), "{plain}");
            assert!(check(plain.as_bytes()).is_ok(), "{plain}");
        }
    }

    proptest! {
        /// Texts of the tokens that matter, most of them wrong.
        #[test]
        fn json_that_is_plain_at_a_glance_passes_the_check(
            tokens in proptest::collection::vec(proptest::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\\u0061\"", "\"a\":", "\"b\":", "1", "-0", "1.0", "1e3",
                "null", "true", "9007199254740992", "900719925474099", "{\"a\":1,", "\"a\":1}", "[{", "}]", " ",
            ]), 0..12)
        ) {
            let text = tokens.concat();
            let is_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            if is_json && is_plain(text.as_bytes()) {
                prop_assert!(check(text.as_bytes()).is_ok(), "{}", text);
            }
        }
    }
}
