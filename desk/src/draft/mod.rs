//! Drafting: statements of what was decided, gathered in a docket that its signers get as a bundle.
//!
//! In reading order: [`ruling`], a row of the sheet; [`reversal`], what undoes, pauses or marks what was decided before, as
//! [`log_records`] finds it in the log; [`link`]; [`procedure`], the event that the procedure begins with; [`again`], the same
//! statements in a new docket. Pure: tags are [`super::tokens`]'s, records the registry's. Whether it may be signed is
//! [`super::signing`]'s. Implements `docs/formats.md` §4, §5, §7.

pub mod again;
pub mod link;
pub mod log_records;
pub mod procedure;
pub mod reversal;
pub mod ruling;

use callboard_client::derivation::{Derived, Known};
use callboard_federation::{
    docket::{self, Docket, DocketError, Publication},
    dsse::Envelope,
    encoding::{Base64, DocketId, Hash, Id, Octets, RecordId, Time},
    identity::reader::Reading,
    roster::Roster,
    sealed::{Holder, Plain, SealError, Share, seal},
    statement::{Act, Details, EpochTag, Kind, MAX_BYTES, Statement},
    tag::Epoch,
    zh_en,
};
use rand_core::CryptoRng;

use super::bundle::{Bundle, BundleError, BundleIdentity, Item};

/// A statement ready for a docket, and what its signers check it by.
pub struct DraftItem {
    statement: Statement,
    of_about: Option<Kind>,
    item: Item,
}

/// Why there is no such draft. No identity, name or reason is in it.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// More bytes than a statement has.
    #[error("{}", zh_en!("第{row}行：事实和理由过长：一项内容密封后至多{MAX_BYTES}字节",
        "row {row}: the reasons are too long: a statement has at most {MAX_BYTES} bytes, sealed"))]
    RowTooLong {
        /// The row of the sheet.
        row: u32,
    },
    /// More bytes than a statement has.
    #[error("{}", zh_en!("事实和理由过长：一项内容密封后至多{MAX_BYTES}字节",
        "the reasons are too long: a statement has at most {MAX_BYTES} bytes, sealed"))]
    TooLong,
    /// The details can't be sealed.
    #[error("{}", zh_en!("内容无法密封", "the details can't be sealed"))]
    Seal(#[from] SealError),
    /// A tag of the record that no identity at hand has.
    #[error("{}", zh_en!("内容无法为第{epoch}期的身份代码密封：所填证件都不对应",
        "the details can't be sealed for a tag of epoch {epoch}: no identity that was given has it"))]
    NotTheirs {
        /// The tag's epoch.
        epoch: Epoch,
    },
    /// Nothing to decide about.
    #[error("{}", zh_en!("请至少写明一条记录", "name at least one record"))]
    NoRecords,
    /// A record of a kind that such a statement isn't about.
    #[error("{}", zh_en!(("{}不能针对{}：{record}", kind.words().zh, of.words().zh),
        ("a statement of kind {kind} is not about a record of kind {of}: {record}")))]
    Kind {
        /// What is drafted.
        kind: Kind,
        /// What the record is.
        of: Kind,
        /// The record.
        record: RecordId,
    },
    /// The records are of several people.
    #[error("{}", zh_en!("这些记录属于{persons}人：请只写一人的记录，或者加 --several",
        "the records are of {persons} people: name those of one, or say --several"))]
    Several {
        /// How many.
        persons: usize,
    },
    /// The record names no policy, and none was given.
    #[error("{}", zh_en!("记录 {_0} 没有写明规则：请用 --policy 指明",
        "record {_0} names no policy: say under which with --policy"))]
    NoPolicy(RecordId),
    /// Nobody shows whose the record is.
    #[error("{}", zh_en!(("{}须有当事人的证件号码：请用 --from 指明 {record} 的待签文件，或用 --identity-file，或在询问时输入", kind.words().zh),
        ("a {kind} takes the person's identity: --from the bundle of {record}, --identity-file, or type it when you are asked")))]
    Unnamed {
        /// What is drafted.
        kind: Kind,
        /// The record.
        record: RecordId,
    },
    /// One person under two rows.
    #[error("{}", zh_en!("第{first}行和第{second}行是同一人（身份已关联）：请删去其中一行",
        "rows {first} and {second} are of one person, whose identities a link joins: leave one of them out"))]
    SamePerson {
        /// The first row.
        first: u32,
        /// The other.
        second: u32,
    },
    /// Not the person of the record.
    #[error("{}", zh_en!("记录 {_0} 不是所填证件的当事人",
        "record {_0} is of another person than the identities that were given"))]
    AnotherPerson(RecordId),
    /// A link is of several documents of one subject.
    #[error("{}", zh_en!("身份关联至少有2个证件，身份代码合计至多16个",
        "a link joins at least 2 identities, of at most 16 tags in all"))]
    LinkTags,
    /// Accounts join nobody.
    #[error("{}", zh_en!("身份关联只能关联证件，不能关联账号", "a link joins identity documents, not accounts"))]
    LinkSoft,
    /// A probation, stay or end that is over before it begins.
    #[error("{}", zh_en!("期限在开始前已经届满", "it ends before it begins"))]
    Until,
    /// The epochs changed since.
    #[error("{}", zh_en!("起草之后身份代码密钥已换期：请用表格重新起草",
        "the token epochs changed since the statements were made: draft them anew from the sheet"))]
    Epochs,
    /// The text to be published is malformed.
    #[error("{}", zh_en!("公布内容应为 JSON：{{\"v\":1,\"zh\":…,\"en\":…}}",
        "the publication is JSON {{\"v\":1,\"zh\":…,\"en\":…}}"))]
    Publication(#[source] DocketError),
    /// The event can't be so.
    #[error("{}", zh_en!("程序记载", "the event"))]
    Event(#[from] callboard_federation::event::ChainError),
    /// The docket can't be so.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

/// Ids, salts and nonces of what is drafted: drawn at one instant from one source.
pub struct Draw<'a, R> {
    /// When it is drafted.
    pub now: Time,
    /// The chance.
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
    ) -> Result<(Details, Share), DraftError> {
        let holders = tags.iter().map(|tag| {
            let mut derived = known.iter().flat_map(|known| &known.derived);
            let own = derived.find(|derived| derived.tag() == *tag);
            own.map(Derived::holder).ok_or(DraftError::NotTheirs { epoch: tag.epoch })
        });
        let holders: Vec<Holder<'_>> = holders.collect::<Result<_, _>>()?;
        Ok(seal(plain, record, &holders, self.rng)?)
    }
}

impl DraftItem {
    fn new(
        statement: Statement,
        of_about: Option<Kind>,
        identities: Vec<BundleIdentity>,
        sealed: Option<(&Plain, Share)>,
    ) -> Result<Self, DraftError> {
        let bytes = statement.to_json();
        if bytes.len() > MAX_BYTES {
            return Err(DraftError::TooLong);
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

    /// The statement.
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
///
/// # Errors
/// [`DraftError::Publication`], [`DraftError::Bundle`]: none or too many statements.
pub fn gather<R: CryptoRng>(
    roster: &Roster,
    drafted: Vec<DraftItem>,
    publication: Option<Vec<u8>>,
    events: Vec<Envelope>,
    draw: &mut Draw<'_, R>,
) -> Result<Bundle, DraftError> {
    let items = drafted
        .iter()
        .map(|drafted| docket::Item::of(&drafted.statement, &drafted.item.statement.0, drafted.of_about))
        .collect();
    if let Some(text) = &publication {
        Publication::from_json(text).map_err(DraftError::Publication)?;
    }
    let docket = docket(roster, items, publication.as_deref().map(Hash::of), draw);
    let items = drafted.into_iter().map(|drafted| drafted.item).collect();
    Ok(Bundle::draft(&docket, items, publication, events)?)
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
