//! Enrolling: the platform's people become known without a decision; what that would cost, and who must be enrolled anew.

use std::sync::Arc;

use callboard_api::agent::question::Question;
use callboard_client::{clock::Clock, derivation::live_epochs};
use callboard_federation::tag::Epoch;

use super::{
    inquiry::{Inquiry, InquiryReader},
    people::PeopleLookup,
};
use crate::{
    book::{Book, Person},
    error::AgentError,
    replica::{Replica, StaleError},
};

/// Accounts that are listed as outdated at once.
const OUTDATED: u32 = 1_000;

pub(crate) struct Enroller {
    pub(crate) reader: InquiryReader,
    pub(crate) people: PeopleLookup,
    pub(crate) replica: Replica,
    pub(crate) book: Book,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Enroller {
    /// Enrols people: their tags are in the book afterwards. How many, and why the others aren't.
    pub(crate) async fn enrol(&self, questions: &[Question]) -> Result<(usize, Option<String>), AgentError> {
        let mut inquiries = self.reader.read(questions, false, self.clock.now()).await?;
        let Some(roster) = self.replica.read().replay().roster().cloned() else {
            return Ok((0, Some(StaleError::NeverWitnessed.to_string())));
        };
        let people = self.people.find(&mut inquiries, &roster).await?;
        let epochs: Vec<Epoch> = live_epochs(&roster).map(|epoch| epoch.number).collect();
        let is_known = |inquiry: &&Inquiry| inquiry.identities.is_ok() && people.all_of(inquiry, &epochs).is_some();
        let mut refused = inquiries.iter().filter_map(|inquiry| inquiry.identities.as_ref().err());
        let why = people.failure.clone().or_else(|| refused.find_map(|refusal| refusal.detail.clone()));
        Ok((inquiries.iter().filter(is_known).count(), why))
    }

    /// How many identities of these people the token service would be asked about, and the points that those take.
    pub(crate) async fn cost(&self, questions: &[Question]) -> Result<(usize, usize), AgentError> {
        let epochs = self.replica.read().live_epochs();
        let inquiries = self.reader.read(questions, false, self.clock.now()).await?;
        let new = self.people.count_new(&inquiries, &epochs).await?;
        Ok((new, new * epochs.len()))
    }

    /// Accounts without a tag of a live epoch; some, if there are many.
    pub(crate) async fn outdated(&self) -> Result<Vec<Person>, AgentError> {
        let roster = self.replica.read().replay().roster().cloned();
        let mut people = Vec::new();
        for epoch in roster.iter().flat_map(live_epochs) {
            let outdated = self.book.outdated(epoch.number, OUTDATED).await?;
            people.extend(outdated.into_iter().filter(|of| !people.contains(of)).collect::<Vec<_>>());
        }
        people.truncate(OUTDATED as usize);
        Ok(people)
    }
}
