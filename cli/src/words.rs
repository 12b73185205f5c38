//! Arguments that are one of an enum's words.

/// One of the words of an enum that has `ALL`, `as_str` and `from_word`.
macro_rules! words {
    ($name:ident) => {{
        use clap::builder::TypedValueParser as _;
        clap::builder::PossibleValuesParser::new($name::ALL.iter().map(|of| of.as_str()))
            .try_map(|word| $name::from_word(&word).ok_or_else(|| word))
    }};
}
pub(crate) use words;
