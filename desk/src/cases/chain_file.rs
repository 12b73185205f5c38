//! A case as a file: its chain with the log's acknowledgements, an event a line. Nothing that is sealed is in it.

use callboard_api::registry::cases::KeptCaseEvent;
use callboard_federation::{
    encoding::{from_json, to_json},
    event::Event,
    zh_en,
};

use super::case_file::Chains;
use crate::Error;

/// The lines of a chain.
pub fn write<'k>(events: impl IntoIterator<Item = &'k KeptCaseEvent>) -> Vec<u8> {
    events.into_iter().flat_map(|kept| [to_json(kept), b"\n".to_vec()].concat()).collect()
}

/// Adds the events of a file to chains, each to its case, in their order.
///
/// # Errors
/// A line is no event.
pub fn read(file: &[u8], chains: &mut Chains) -> Result<(), Error> {
    let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for (number, line) in (1_u64..).zip(lines) {
        let unread =
            || Error::other("case-file", || zh_en!("第{number}行不是程序记载", "line {number} is no event of a case"));
        let kept: KeptCaseEvent = from_json(line).map_err(|_| unread())?;
        let event: Event = from_json(&kept.event.payload.0).map_err(|_| unread())?;
        chains.entry(event.case).or_default().push(kept);
    }
    Ok(())
}
