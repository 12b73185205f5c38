//! What is shown of an act that was drafted, before it goes to the seats.

use callboard_federation::encoding::RecordId;
use zeroize::Zeroizing;

use super::act::Act;
use crate::form::Form;

pub(crate) struct Pending {
    pub(crate) act: Act,
    pub(crate) record: Option<RecordId>,
    /// What was typed.
    pub(crate) form: Form,
    pub(crate) letters: Zeroizing<Vec<String>>,
    /// What stands for its people, and what of it will be left.
    pub(crate) notes: Vec<String>,
    /// What a reversal would leave and could name too.
    pub(crate) left: Vec<(RecordId, String)>,
}
