//! What is submitted of a draft whose signatures the registry gathered.

use std::path::Path;

use callboard_federation::hand_in::HandIn;

use super::Submission;

impl Submission {
    /// A signed docket; `name` is what its files are called: `NAME.docket.json` and the proofs in `NAME.proofs`.
    pub fn of(hand_in: HandIn, name: &Path) -> Self {
        let with = |ending: &str| {
            let mut path = name.as_os_str().to_owned();
            path.push(ending);
            path.into()
        };
        Self { hand_in, proofs: with(".proofs"), file: Some(with(".docket.json")) }
    }
}
