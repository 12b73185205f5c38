//! Who is shown what of a case: members that host a subject, and what is sealed about a minor.

use std::collections::BTreeSet;

use callboard_federation::{encoding::KeyId, members::MemberId, roster::Role};

use super::{Case, Stage, Taken, act::Act, error::Why, law::Law, number::ItemNumber, resolution::Resolution};

/// How many seats approve that another reads what is sealed about a minor.
const APPROVALS: usize = 2;

impl Case {
    /// Whether a member hosts a subject of it.
    pub fn is_hosted_by(&self, member: &MemberId) -> bool {
        self.items.values().any(|item| item.is_hosted_by(member))
    }

    /// Whether a seat may read what is sealed about an item: two others approved it, where it is about a minor.
    pub fn may_read(&self, holder: &str, item: ItemNumber) -> bool {
        let approved = self.approvals.get(&(holder.to_owned(), item)).map_or(0, BTreeSet::len);
        self.items.get(&item).is_some_and(|item| !item.minor) || approved >= APPROVALS
    }

    /// The items that an act of the case is about.
    pub fn items_of(&self, act: &Act) -> Vec<ItemNumber> {
        match act {
            Act::ItemAdded { item, .. } | Act::ItemDropped { item } | Act::InterimProposed { item, .. } => vec![*item],
            Act::Recused { items } if items.is_empty() => self.items.keys().copied().collect(),
            Act::EvidenceAdded { items, .. }
            | Act::Recused { items }
            | Act::Challenged { items, .. }
            | Act::Represented { items, .. }
            | Act::Notified { items, .. }
            | Act::NoticeFailed { items, .. }
            | Act::ServedByPublication { items, .. }
            | Act::Answered { items }
            | Act::DecisionNotified { items, .. }
            | Act::DecisionPublished { items, .. }
            | Act::Appealed { items, .. }
            | Act::ProbationReported { items, .. }
            | Act::AccessApproved { items, .. } => items.clone(),
            Act::SessionOpened { items, .. } | Act::Resolved { items, .. } => {
                items.iter().map(|proposal| proposal.item).collect()
            }
            Act::Present { session }
            | Act::VoteSealed { session, .. }
            | Act::VoteOpened { session, .. }
            | Act::SessionClosed { session }
            | Act::Withdrawn { session } => self.items_of_session(*session),
            Act::ChallengeDecided { challenge, .. } => self
                .challenges
                .get(challenge)
                .into_iter()
                .flat_map(|challenge| challenge.items.iter().copied())
                .collect(),
            Act::Confirmed { resolution } => self.items_of_resolution(|number, _| *number == *resolution),
            Act::Issued { procedure, .. } => {
                self.items_of_resolution(|_, resolution| resolution.procedure == Some(*procedure))
            }
            Act::Opened { .. }
            | Act::PanelNamed { .. }
            | Act::DrawAnnounced { .. }
            | Act::DrawCommitted { .. }
            | Act::DrawFixed { .. }
            | Act::DrawOpened { .. }
            | Act::Drawn { .. }
            | Act::Replaced { .. }
            | Act::Closed {} => Vec::new(),
        }
    }

    fn items_of_session(&self, number: u64) -> Vec<ItemNumber> {
        let sitting = if let Stage::Sitting(session) = &self.stage { Some(session) } else { None };
        let mut sessions = self.sessions.values().chain(sitting).filter(|session| session.seq == number);
        sessions.next().into_iter().flat_map(|session| session.items.keys().copied()).collect()
    }

    fn items_of_resolution(&self, is_it: impl Fn(&u64, &Resolution) -> bool) -> Vec<ItemNumber> {
        let mut resolutions = self.resolutions.iter().filter(|(number, resolution)| is_it(number, resolution));
        resolutions.next().into_iter().flat_map(|(_, resolution)| resolution.items.keys().copied()).collect()
    }

    pub(super) fn approve_access(
        &mut self,
        items: &[ItemNumber],
        reader: &KeyId,
        taken: &Taken<'_>,
        law: &Law<'_>,
    ) -> Result<(), Why> {
        let by = taken.seat_of(&[Role::Chair, Role::Panel, Role::Secretariat])?.holder.clone();
        let reader = law.seat(reader, taken.at).ok_or(Why::SeatUnknown)?.holder.clone();
        if by == reader {
            return Err(Why::AccessOwn);
        }
        if let Some(item) = items.iter().find(|item| !self.items.contains_key(item)) {
            return Err(Why::ItemUnknown(*item));
        }
        for item in items {
            self.approvals.entry((reader.clone(), *item)).or_default().insert(by.clone());
        }
        Ok(())
    }
}
