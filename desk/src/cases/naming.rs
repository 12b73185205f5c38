//! Whether an act still means the same after the case moved on.

use callboard_rules::case::{Case, Stage, act::Act};

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
            | Act::DecisionNotified { .. }
            | Act::DecisionPublished { .. }
            | Act::Appealed { .. }
            | Act::ProbationReported { .. }
            | Act::Present { .. }
            | Act::VoteSealed { .. }
            | Act::VoteOpened { .. }
            | Act::AccessApproved { .. }
    )
}

/// Whether what an act names is as it was: its items, its session, the draw.
pub fn is_still_meant(act: &Act, before: &Case, now: &Case) -> bool {
    // Whoever is recused from the whole case is so whatever was added.
    let items =
        if matches!(act, Act::Recused { items } if items.is_empty()) { Vec::new() } else { before.items_of(act) };
    let is_sitting = |case: &Case| if let Stage::Sitting(session) = &case.stage { Some(session.seq) } else { None };
    let is_of_session = matches!(act, Act::Present { .. } | Act::VoteSealed { .. } | Act::VoteOpened { .. });
    let is_of_draw = matches!(act, Act::DrawCommitted { .. } | Act::DrawOpened { .. });
    let draw = |case: &Case| case.panel.draw.as_ref().map(|draw| draw.seq);
    items.iter().all(|item| before.items.get(item) == now.items.get(item))
        && (!is_of_session || is_sitting(before) == is_sitting(now))
        && (!is_of_draw || draw(before) == draw(now))
}
