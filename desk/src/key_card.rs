//! A key in words, to be read over the telephone: twelve of BIP 39's lists, which have English and simplified Chinese
//! words for the same numbers. Whoever puts a key into a roster compares them with its holder, so that a file that was
//! exchanged on its way is seen.
//!
//! Nothing of it is a secret. What the words are of, and how another program finds them, is `docs/formats.md` §6. On
//! paper and on pages it is the *key card*: holder, role and words.

use callboard_client::{
    output::{Line, plain},
    public_file::{PublicFile, PublicSeat},
    visible::Visible,
};
use callboard_federation::{encoding::Hash, roster::Role, zh_en};

use crate::language::Language;

/// What stands before the keys that are hashed, so that the words are of nothing else.
const CONTEXT: &str = "callboard key card v1\n";
/// How many words there are: 128 bits and 4 that check them, of 11 bits each.
const WORDS: usize = 12;
const BITS: usize = 11;

/// The words of some keys, of a registry, or of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckWords([u8; 16]);

/// What is printed for a key, and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCard {
    pub holder: String,
    /// None of a member's keys, nor of a token key.
    pub role: Option<Role>,
    pub words: CheckWords,
}

impl CheckWords {
    /// Those of keys as their public file or a document has them, in this order.
    pub fn of_keys<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let lines: Vec<String> = keys.into_iter().map(|key| format!("{key}\n")).collect();
        Self::of_hash(&Hash::of(format!("{CONTEXT}{}", lines.concat()).as_bytes()))
    }

    /// Those of a seat: its signing key, and what is encrypted to it.
    pub fn of_seat(seat: &PublicSeat) -> Self {
        Self::of_keys([seat.public_key.to_string().as_str(), seat.recipient.as_str()])
    }

    /// Those of a hash: the one that pins a registry, or a document's.
    pub fn of_hash(hash: &Hash) -> Self {
        Self(hash.as_bytes().first_chunk().copied().unwrap_or_default())
    }

    /// In this language, in their order.
    pub fn words(self, language: Language) -> [&'static str; WORDS] {
        let list = match language {
            Language::Zh => bip39::Language::SimplifiedChinese,
            Language::En => bip39::Language::English,
        };
        self.numbers().map(|number| list.word_list()[number])
    }

    /// In this language, on one line.
    pub fn line(self, language: Language) -> String {
        self.words(language).join(" ")
    }

    /// The numbers of the words, from 0 on, as BIP 39 has them of 128 bits.
    fn numbers(self) -> [usize; WORDS] {
        let check = u128::from(Hash::of(&self.0).as_bytes()[0] >> 4);
        let bits = u128::from_be_bytes(self.0);
        std::array::from_fn(|at| {
            let end = (at + 1) * BITS;
            // The last word ends with the four bits that check the others.
            let number = if end <= 128 { bits >> (128 - end) } else { bits << 4 | check };
            usize::try_from(number & 0x7ff).unwrap_or_default()
        })
    }
}

impl KeyCard {
    pub fn of(file: &PublicFile) -> Self {
        match file {
            PublicFile::Seat(seat) => {
                Self { holder: seat.holder.clone(), role: Some(seat.role), words: CheckWords::of_seat(seat) }
            }
            PublicFile::Member(member) => {
                let words = CheckWords::of_keys([member.public_key.to_string().as_str()]);
                Self { holder: member.member.to_string(), role: None, words }
            }
            PublicFile::TokenKey(key) => {
                let words = CheckWords::of_keys([key.public_key.to_string().as_str()]);
                Self { holder: key.issuer.clone(), role: None, words }
            }
        }
    }

    /// The card as a terminal shows it, in the language that is spoken.
    pub fn lines(&self) -> Vec<Line> {
        let holder = Visible(&self.holder);
        let title = match self.role {
            Some(role) => {
                zh_en!(("密钥卡 · {holder} · {}", role.words().zh), ("key card · {holder} · {}", role.words().en))
            }
            None => zh_en!("密钥卡 · {holder}", "key card · {holder}"),
        };
        let compare = zh_en!(
            "请与密钥持有人通话，逐字核对以下十二个字（不是秘密）：",
            "compare these twelve words with the holder by telephone (they are no secret):"
        );
        let words = format!("  {}", self.words.line(Language::spoken()));
        [title, compare, words].map(|text| vec![plain(text)]).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first vectors of BIP 39, and one more of the specification's list in Chinese: the same numbers in both.
    #[test]
    fn the_words_are_those_of_bip_39() {
        let of = |byte: u8| CheckWords([byte; 16]);
        let [zeros, legal, letter, ones] = [0, 0x7f, 0x80, 0xff].map(of);
        assert_eq!(zeros.line(Language::En), format!("{}about", "abandon ".repeat(11)));
        assert_eq!(
            legal.line(Language::En),
            "legal winner thank year wave sausage worth useful legal winner thank yellow"
        );
        assert_eq!(
            letter.line(Language::En),
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"
        );
        assert_eq!(ones.line(Language::En), format!("{}wrong", "zoo ".repeat(11)));
        assert_eq!(zeros.line(Language::Zh), format!("{}在", "的 ".repeat(11)));
        for words in [zeros, legal, letter, ones] {
            for (language, list) in
                [(Language::En, bip39::Language::English), (Language::Zh, bip39::Language::SimplifiedChinese)]
            {
                let theirs = bip39::Mnemonic::from_entropy_in(list, &words.0).unwrap();
                assert_eq!(words.words(language).to_vec(), theirs.words().collect::<Vec<_>>());
            }
        }
    }

    /// As `docs/formats.md` §6 tells them.
    #[test]
    fn the_words_of_keys_are_of_their_lines() {
        let hash = Hash::of(b"callboard key card v1\none\ntwo\n");
        assert_eq!(CheckWords::of_keys(["one", "two"]), CheckWords::of_hash(&hash));
        assert_ne!(CheckWords::of_keys(["one", "two"]), CheckWords::of_keys(["two", "one"]));
        assert_ne!(CheckWords::of_keys(["one", "two"]), CheckWords::of_keys(["one"]));
    }
}
