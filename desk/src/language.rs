//! The two languages that the desk speaks to people.

pub use callboard_client::language::Language;
