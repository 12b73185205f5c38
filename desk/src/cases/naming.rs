//! What an act is about: its items, and whether it still means the same after the case moved on.

use callboard_rules::case::{
    Case, Stage,
    act::{Act, Proposal},
    number::ItemNumber,
};

/// The items that an act names, or that its session sits on.
pub fn items_of(act: &Act, case: &Case) -> Vec<ItemNumber> {
    match act {
        Act::ItemAdded { item, .. } | Act::ItemDropped { item } | Act::InterimProposed { item, .. } => vec![*item],
        Act::EvidenceAdded { items, .. }
        | Act::Recused { items }
        | Act::Challenged { items, .. }
        | Act::Represented { items, .. }
        | Act::Notified { items, .. }
        | Act::NoticeFailed { items, .. }
        | Act::ServedByPublication { items, .. }
        | Act::Answered { items }
        | Act::AccessApproved { items, .. } => items.clone(),
        Act::ChallengeDecided { challenge, .. } => {
            case.challenges.get(challenge).map(|challenge| challenge.items.iter().copied().collect()).unwrap_or_default()
        }
        Act::SessionOpened { items, .. } | Act::Resolved { items, .. } => numbers(items),
        Act::Present { session }
        | Act::VoteSealed { session, .. }
        | Act::VoteOpened { session, .. }
        | Act::SessionClosed { session }
        | Act::Withdrawn { session } => items_of_session(case, *session),
        Act::Confirmed { resolution } => {
            case.resolutions.get(resolution).map(|of| of.items.keys().copied().collect()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn numbers(proposals: &[Proposal]) -> Vec<ItemNumber> {
    proposals.iter().map(|proposal| proposal.item).collect()
}

fn items_of_session(case: &Case, number: u64) -> Vec<ItemNumber> {
    let sitting = match &case.stage {
        Stage::Sitting(session) if session.seq == number => Some(session),
        _ => None,
    };
    sitting.or_else(|| case.sessions.get(&number)).map(|of| of.items.keys().copied().collect()).unwrap_or_default()
}

/// Whether an act says the same wherever it stands in the chain: what a seat says of itself, or brings.
pub const fn is_placeless(act: &Act) -> bool {
    matches!(
        act,
        Act::ItemAdded { .. }
            | Act::EvidenceAdded { .. }
            | Act::DrawCommitted { .. }
            | Act::DrawOpened { .. }
            | Act::Recused { .. }
            | Act::Challenged { .. }
            | Act::Represented { .. }
            | Act::Notified { .. }
            | Act::NoticeFailed { .. }
            | Act::ServedByPublication { .. }
            | Act::Answered { .. }
            | Act::Present { .. }
            | Act::VoteSealed { .. }
            | Act::VoteOpened { .. }
            | Act::AccessApproved { .. }
    )
}

/// Whether what an act names is as it was: its items, its session, the draw.
pub fn is_still_meant(act: &Act, before: &Case, now: &Case) -> bool {
    let items = items_of(act, before);
    let is_sitting = |case: &Case| if let Stage::Sitting(session) = &case.stage { Some(session.seq) } else { None };
    let is_of_session = matches!(act, Act::Present { .. } | Act::VoteSealed { .. } | Act::VoteOpened { .. });
    let is_of_draw = matches!(act, Act::DrawCommitted { .. } | Act::DrawOpened { .. });
    let draw = |case: &Case| case.panel.draw.as_ref().map(|draw| draw.seq);
    items.iter().all(|item| before.items.get(item) == now.items.get(item))
        && (!is_of_session || is_sitting(before) == is_sitting(now))
        && (!is_of_draw || draw(before) == draw(now))
}
