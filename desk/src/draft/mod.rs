//! Drafting: statements of what was decided, gathered in a docket that its signers get as a bundle.
//!
//! In reading order: [`ruling`], a row of the sheet; [`reversal`], what undoes, pauses or marks what was decided before, as
//! [`log_records`] finds it in the log; [`link`]; [`resolved`], what a case resolved of a proposal;
//! [`again`], the same statements in a new docket. Pure: tags are [`super::tokens`]'s, records the registry's. Whether it
//! may be signed is [`super::signing`]'s. Implements `docs/formats.md` §4, §5, §7.

pub mod again;
pub mod link;
pub mod log_records;
pub mod resolved;
pub mod reversal;
pub mod ruling;

use callboard_client::derivation::{Derived, Known};
use callboard_federation::{
    docket::{self, Docket},
    encoding::{Base64, DocketId, Hash, Id, Octets, RecordId, Time},
    identity::reader::Reading,
    roster::Roster,
    sealed::{Holder, Plain, Share, seal},
    statement::{Act, Details, EpochTag, Kind, MAX_BYTES, Statement},
    zh_en,
};
use rand_core::CryptoRng;

use super::{
    bundle::{Bundle, BundleIdentity, Item},
    error::Error,
    publication,
};

/// A statement ready for a docket, and what its signers check it by.
pub struct DraftItem {
    statement: Statement,
    of_about: Option<Kind>,
    item: Item,
}

/// Ids, salts and nonces of what is drafted: drawn at one instant from one source.
pub struct Draw<'a, R> {
    pub now: Time,
    pub rng: &'a mut R,
}

impl<R: CryptoRng> Draw<'_, R> {
    fn id<Of>(&mut self) -> Id<Of> {
        Id::new(self.now, self.bytes())
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A statement of `act`, not sealed yet.
    fn statement(&mut self, act: Act) -> Statement {
        Statement { id: self.id(), salt: Octets(self.bytes()), act }
    }

    /// Seals `plain` for the tags, whose seal keys are among those of `known`.
    fn seal(
        &mut self,
        plain: &Plain,
        record: RecordId,
        tags: &[EpochTag],
        known: &[Known],
    ) -> Result<(Details, Share), Error> {
        let holders = tags.iter().map(|tag| {
            let mut derived = known.iter().flat_map(|known| &known.derived);
            let own = derived.find(|derived| derived.tag() == *tag);
            own.map(Derived::holder).ok_or_else(|| {
                let epoch = tag.epoch;
                Error::other("not-theirs", || {
                    zh_en!(
                        "内容无法为第{epoch}期的身份代码密封：所填证件都不对应",
                        "the details can't be sealed for a tag of epoch {epoch}: no identity that was given has it"
                    )
                })
            })
        });
        let holders: Vec<Holder<'_>> = holders.collect::<Result<_, _>>()?;
        seal(plain, record, &holders, self.rng).map_err(|source| {
            Error::other("seal", || zh_en!("内容无法密封", "the details can't be sealed")).because(source)
        })
    }
}

impl DraftItem {
    fn new(
        statement: Statement,
        of_about: Option<Kind>,
        identities: Vec<BundleIdentity>,
        sealed: Option<(&Plain, Share)>,
    ) -> Result<Self, Error> {
        let bytes = statement.to_json();
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLong);
        }
        let (plain, share) = sealed.map_or((None, None), |(plain, share)| (Some(plain), Some(share)));
        let item = Item {
            statement: Base64(bytes),
            share: share.map(|share| Octets(*share.as_bytes())),
            identities,
            plain: plain.and_then(|plain| serde_json::to_value(plain).ok()),
        };
        Ok(Self { statement, of_about, item })
    }

    pub const fn statement(&self) -> &Statement {
        &self.statement
    }
}

/// An identity as a bundle carries it: who signs reads it anew, with the same doubts.
pub fn carried(reading: &Reading) -> BundleIdentity {
    let kind = reading.identity.kind();
    BundleIdentity {
        kind,
        value: reading.typed().to_string(),
        confirmed: reading.was_confirmed(),
        soft: !kind.is_hard(),
    }
}

/// Gathers what was drafted in a docket under the roster in force.
pub fn gather<R: CryptoRng>(
    roster: &Roster,
    drafted: Vec<DraftItem>,
    publication: Option<Vec<u8>>,
    draw: &mut Draw<'_, R>,
) -> Result<Bundle, Error> {
    let items = drafted
        .iter()
        .map(|drafted| docket::Item::of(&drafted.statement, &drafted.item.statement.0, drafted.of_about))
        .collect();
    if let Some(text) = &publication {
        publication::read(text)?;
    }
    let docket = docket(roster, items, publication.as_deref().map(Hash::of), draw);
    let items = drafted.into_iter().map(|drafted| drafted.item).collect();
    Bundle::draft(&docket, items, publication, Vec::new())
}

fn docket<R: CryptoRng>(
    roster: &Roster,
    items: Vec<docket::Item>,
    publication: Option<Hash>,
    draw: &mut Draw<'_, R>,
) -> Docket {
    let id: DocketId = draw.id();
    Docket { v: 1, id, issuer: roster.issuer.clone(), issued_at: draw.now, roster: roster.version, items, publication }
}

#[cfg(test)]
mod tests;
