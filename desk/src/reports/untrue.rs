//! What isn't as the registry gives it out to be.

use callboard_federation::zh_en;

use crate::Error;

/// Something that doesn't open, or that another wrote than the one in whose name it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Another report than the one that was asked for, or by another hand.
pub(super) fn another() -> Error {
    Error::other("report-another", || {
        zh_en!(
            "登记系统给出的不是所述报告，或者不是以其名义提交者所写：请勿采用，并联系登记系统运营方",
            "what the registry gives isn't the report that it names, or was written by another than the one in whose name it \
             comes: don't use it, and ask the registry's operators"
        )
    })
}
