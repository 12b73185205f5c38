//! Each person of a new sandbox is brought to the standing that the table says.

use super::{
    POLICY,
    people::{self, By, Person, Step, Then},
    setup::Sandbox,
};
use anyhow::{Context as _, ensure};
use callboard_federation::encoding::RecordId;

/// What becomes of rulings, each kind of it in one docket for all whom it concerns.
const REVERSALS: [Then; 5] = [Then::Stay, Then::Probation, Then::Reinstate, Then::Dispute, Then::Annul];

pub(super) async fn populate(sandbox: &Sandbox, people: &mut [Person]) -> anyhow::Result<()> {
    for by in [By::Ruling, By::Interim, By::Import] {
        let ruled = people.iter().enumerate().filter_map(|(at, person)| Some((at, person, person.ruled.as_ref()?)));
        let ruled: Vec<_> = ruled.filter(|(.., ruled)| ruled.by == by).collect();
        let rows: Vec<_> = ruled.iter().map(|(_, person, ruled)| (*person, *ruled)).collect();
        let (sheet, minors) = people::sheet(&rows, sandbox.now())?;
        sandbox.witnessed().await?;
        let policy = people::policy(by).parse()?;
        let decided = sandbox.committee.decide(&sandbox.pin, sheet.as_bytes(), &minors, &policy, by).await?;
        let places: Vec<usize> = ruled.into_iter().map(|(at, ..)| at).collect();
        note(people, &places, &decided.records)?;
    }
    for round in 0.. {
        let due = |step: Step| -> Vec<usize> {
            let then = |person: &Person| person.ruled.as_ref().and_then(|ruled| ruled.then.get(round).copied());
            (0..people.len()).filter(|at| then(&people[*at]) == Some(step)).collect()
        };
        let reversed = REVERSALS.map(|then| (then, due(Step::Of(then))));
        let (ended, erased, linked) = (due(Step::Ended), due(Step::Erased), due(Step::Linked));
        if reversed.iter().all(|(_, due)| due.is_empty()) && [&ended, &erased, &linked].iter().all(|due| due.is_empty())
        {
            break;
        }
        for (then, due) in reversed {
            reverse(sandbox, people, &due, then, <[RecordId]>::first).await?;
        }
        reverse(sandbox, people, &ended, Then::End, <[RecordId]>::last).await?;
        for at in erased {
            sandbox.witnessed().await?;
            let decided = sandbox.committee.erase(&sandbox.pin, people[at].records.clone()).await?;
            note(people, &[at], &decided.records)?;
        }
        for at in linked {
            sandbox.witnessed().await?;
            let person = &people[at];
            let named = person.ruled.iter().flat_map(|ruled| ruled.named(&person.question));
            let documents: Vec<_> = named.chain(&person.question.identities).cloned().collect();
            let decided = sandbox.committee.link(&sandbox.pin, &documents, &POLICY.parse()?).await?;
            note(people, &[at], &decided.records)?;
        }
    }
    sandbox.witnessed().await
}

/// One docket about a record of each of these people.
async fn reverse(
    sandbox: &Sandbox,
    people: &mut [Person],
    places: &[usize],
    then: Then,
    about: impl Fn(&[RecordId]) -> Option<&RecordId>,
) -> anyhow::Result<()> {
    if places.is_empty() {
        return Ok(());
    }
    sandbox.witnessed().await?;
    let records = places.iter().filter_map(|at| about(&people[*at].records).copied()).collect::<Vec<_>>();
    let decided = sandbox.committee.reverse(&sandbox.pin, &records, then.reversal(sandbox.now())).await?;
    note(people, places, &decided.records)
}

/// Notes a record of each of these people, in their order.
fn note(people: &mut [Person], places: &[usize], records: &[RecordId]) -> anyhow::Result<()> {
    ensure!(places.len() == records.len(), "{} records about {} people", records.len(), places.len());
    for (at, record) in places.iter().zip(records) {
        people.get_mut(*at).context("no such person")?.records.push(*record);
    }
    Ok(())
}
