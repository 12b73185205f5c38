//! The forms in which bytes may stand in a text, and the finder that knows a secret in each of them.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};

/// What nobody but its holder may read.
pub(crate) struct Secret {
    /// What it is, without showing it.
    pub(crate) what: String,
    pub(crate) bytes: Vec<u8>,
}

/// One way to write bytes. The finder takes either case of a letter, so that hex and escapes have one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    Plain,
    Hex,
    /// `\u8bd5`, as JSON may write what isn't ASCII; of texts alone.
    Json,
    Percent,
    /// `[232, 175]`, as Rust's `{:?}` shows bytes.
    Listed,
    /// `b"\xe8\xaf"`, as Rust shows byte strings.
    Escaped,
    Base64(Alphabet, Alignment),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alphabet {
    Standard,
    UrlSafe,
}

/// How many bytes of its group stand before the secret, from 0 to 2.
pub(crate) type Alignment = usize;

const ALIGNED: [Form; 6] = [
    Form::Base64(Alphabet::Standard, 0),
    Form::Base64(Alphabet::Standard, 1),
    Form::Base64(Alphabet::Standard, 2),
    Form::Base64(Alphabet::UrlSafe, 0),
    Form::Base64(Alphabet::UrlSafe, 1),
    Form::Base64(Alphabet::UrlSafe, 2),
];

/// A form, and base64 around it where there is one: an envelope's payload is base64 of a JSON.
pub(crate) type Written = (Form, Option<Form>);

impl Form {
    /// The bytes in this form, in the midst of others; nothing where it can't write them.
    fn write(self, bytes: &[u8]) -> Option<Vec<u8>> {
        let Self::Base64(alphabet, before) = self else { return self.spell(bytes) };
        let among = [&b"\xb7\x5e"[..before], bytes, b"\xd3neighbours"].concat();
        Some(alphabet.encode(&among).into_bytes())
    }

    /// What of the form stands there whatever stands around it.
    fn trace(self, bytes: &[u8]) -> Option<Vec<u8>> {
        let Self::Base64(alphabet, before) = self else { return self.write(bytes) };
        let text = alphabet.encode(&[&[0; 2][..before], bytes].concat()).into_bytes();
        // A character of six bits is the secret's alone if none of the bits is of a neighbour.
        let (from, to) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
        Some(text[from..to].to_vec())
    }

    fn spell(self, bytes: &[u8]) -> Option<Vec<u8>> {
        let each = |spell: fn(&u8) -> String| bytes.iter().map(spell).collect::<Vec<_>>();
        let text = match self {
            Self::Plain => return Some(bytes.to_vec()),
            Self::Hex => hex::encode(bytes),
            Self::Json => {
                let text = std::str::from_utf8(bytes).ok()?;
                let unit = |unit: &u16| format!("\\u{unit:04x}");
                let units = |c: char| c.encode_utf16(&mut [0; 2]).iter().map(unit).collect::<Vec<_>>().concat();
                text.chars().map(|c| if c.is_ascii_graphic() { c.to_string() } else { units(c) }).collect()
            }
            Self::Percent => {
                each(|b| if b.is_ascii_alphanumeric() { char::from(*b).into() } else { format!("%{b:02X}") }).concat()
            }
            Self::Listed => each(u8::to_string).join(", "),
            Self::Escaped => bytes.escape_ascii().to_string(),
            Self::Base64(..) => return None,
        };
        Some(text.into_bytes())
    }
}

impl Alphabet {
    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Standard => STANDARD.encode(bytes),
            Self::UrlSafe => URL_SAFE.encode(bytes),
        }
    }
}

fn every_form() -> impl Iterator<Item = Written> {
    let inner = [Form::Plain, Form::Hex, Form::Json, Form::Percent, Form::Listed, Form::Escaped];
    let inner = inner.into_iter().chain(ALIGNED);
    inner.flat_map(|form| std::iter::once(None).chain(ALIGNED.map(Some)).map(move |around| (form, around)))
}

/// Every secret in every form, each as a program would write it, a line each.
pub(crate) fn plants(secrets: &[Secret]) -> Vec<u8> {
    let mut text = Vec::new();
    for secret in secrets {
        for (form, around) in every_form() {
            let Some(written) = form.write(&secret.bytes) else { continue };
            text.push(b'\n');
            text.extend(around.map_or(Some(written.clone()), |around| around.write(&written)).unwrap_or_default());
        }
    }
    text.push(b'\n');
    // Hex once more, as it is written in capitals.
    text.extend(secrets.iter().flat_map(|secret| hex::encode_upper(&secret.bytes).into_bytes()));
    text
}

/// Finds secrets in whatever form.
pub(crate) struct Finder {
    traces: Vec<(usize, Written)>,
    search: AhoCorasick,
}

impl Finder {
    pub(crate) fn of(secrets: &[Secret]) -> Self {
        let (mut traces, mut patterns) = (Vec::new(), Vec::new());
        for (at, secret) in secrets.iter().enumerate() {
            for (form, around) in every_form() {
                let Some(trace) = form.trace(&secret.bytes) else { continue };
                let trace = around.map_or(Some(trace.clone()), |around| around.trace(&trace)).unwrap_or_default();
                // Shorter, and chance would find it.
                assert!(trace.len() >= 8, "{} is too short to be looked for", secret.what);
                traces.push((at, (form, around)));
                patterns.push(trace);
            }
        }
        let search = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(patterns).unwrap();
        Self { traces, search }
    }

    /// Which secrets stand in `text`, each with the forms.
    pub(crate) fn find(&self, text: &[u8]) -> BTreeSet<(usize, Written)> {
        self.search.find_overlapping_iter(text).map(|found| self.traces[found.pattern()]).collect()
    }

    /// All that there is to find.
    pub(crate) fn all(&self) -> BTreeSet<(usize, Written)> {
        self.traces.iter().copied().collect()
    }
}
