//! What was drafted and wasn't sent yet: shown once more before it goes to the seats.

use callboard_desk::bundle::Bundle;
use callboard_federation::encoding::RecordId;
use zeroize::Zeroizing;

use super::act::Act;
use crate::form::Form;

pub(crate) struct Pending {
    /// What its page is called by.
    pub(crate) word: String,
    pub(crate) act: Act,
    pub(crate) record: Option<RecordId>,
    /// What was typed.
    pub(crate) form: Form,
    pub(crate) bundle: Bundle,
    pub(crate) letters: Zeroizing<Vec<String>>,
    /// What stands for its people, and what of it will be left.
    pub(crate) notes: Vec<String>,
    /// What a reversal would leave and could name too.
    pub(crate) left: Vec<(RecordId, String)>,
}
