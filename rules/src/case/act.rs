//! The acts of a case: what each event says in clear, as `docs/formats.md` §15 lists them.
//!
//! What is readable about people isn't here: an event names its sealed part by hash, and the part travels beside it, so
//! that it can be erased and the chain stays whole.
//!
//! Long because each act of a case stands here, as the table of the formats has them.

use callboard_federation::{
    docket::Of,
    encoding::{CaseId, Hash, KeyId, Octets, RecordId, Time},
    event::Event,
    language::Phrase,
    members::MemberId,
    roster::RuleKey,
    statement::{Kind, MeasureKind, PolicyRef},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};

use super::{error::Why, number::ItemNumber};

/// The most items of a case: those of a docket.
pub const MAX_ITEMS: usize = callboard_federation::docket::MAX_ITEMS;
/// The most drafts of one item: what takes a decision back, what takes its place, and links.
pub const MAX_DRAFTS: usize = 8;
/// The most bytes of a sealed part: a long statement of reasons with its age header.
pub const MAX_SEALED_BYTES: u64 = 1 << 20;

/// The name of the member that every act may have beside its own.
const SEALED: &str = "sealed";

/// What an event does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Act {
    /// The secretariat opens the case under a policy.
    Opened {
        policy: PolicyRef,
        /// Cases of the same matter: who sat in one of them doesn't sit here.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "filled")]
        earlier: Vec<CaseId>,
        /// What it is an appeal of.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
        appeal: Option<AppealOf>,
        /// The application to return that it hears.
        #[serde(default, rename = "return", skip_serializing_if = "Option::is_none", deserialize_with = "there")]
        application: Option<Box<Application>>,
    },
    /// One subject, and what may be decided about it.
    ItemAdded {
        item: ItemNumber,
        decides: Vec<RuleKey>,
        /// Who hosts the subject or has a contract with it.
        hosts: Hosts,
        /// Members whose report led to it.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "filled")]
        reporters: Vec<MemberId>,
        /// Under 18 at the conduct.
        #[serde(default, skip_serializing_if = "is_false", deserialize_with = "said")]
        minor: bool,
        /// In an appeal: the item of the first case that it is about.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
        appeals: Option<ItemNumber>,
    },
    /// The item isn't pursued.
    ItemDropped { item: ItemNumber },
    /// Evidence by its hash.
    EvidenceAdded { items: Vec<ItemNumber>, evidence: Vec<Evidence> },
    /// A chair names the panel.
    PanelNamed { seats: Vec<KeyId> },
    /// A panel is to be drawn.
    DrawAnnounced {
        /// All seats that may be drawn.
        eligible: Vec<KeyId>,
        /// How many are drawn.
        seats: u32,
        /// A chair and two others, who aren't eligible: each brings a secret.
        guarantors: [KeyId; 3],
    },
    /// A guarantor commits to its secret.
    DrawCommitted { commitment: Hash },
    /// The log fixes the root that goes into the draw.
    DrawFixed { size: u64, root: Hash },
    /// A guarantor opens its secret.
    DrawOpened { secret: Octets<32> },
    /// The seats that were drawn, in the order of the draw.
    Drawn { seats: Vec<KeyId> },
    /// The seat that signs doesn't decide about these items; without any, about none of the case.
    Recused {
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "filled")]
        items: Vec<ItemNumber>,
    },
    /// The subject asks that a seat doesn't decide.
    Challenged { seat: KeyId, items: Vec<ItemNumber> },
    /// Another seat decides a challenge.
    ChallengeDecided {
        /// The number of the `challenged` event.
        challenge: u64,
        upheld: bool,
    },
    /// A chair puts one seat in another's place.
    Replaced {
        out: KeyId,
        #[serde(rename = "in")]
        seat: KeyId,
    },
    /// Somebody acts for the subject.
    Represented { items: Vec<ItemNumber>, by: Representative },
    /// Whoever is to be heard was told, and that is proven.
    Notified {
        items: Vec<ItemNumber>,
        to: Addressee,
        delivered_at: Time,
        /// SHA-256 of the proof of delivery.
        proof: Hash,
    },
    /// An attempt to tell them failed.
    NoticeFailed { items: Vec<ItemNumber>, attempted_at: Time, proof: Hash },
    /// They were told by a masked public notice.
    ServedByPublication {
        items: Vec<ItemNumber>,
        published_at: Time,
        /// SHA-256 of the notice.
        notice: Hash,
    },
    /// The subject answered.
    Answered { items: Vec<ItemNumber> },
    /// A short measure is asked for before the panel sits.
    InterimProposed { item: ItemNumber, drafts: Vec<Hash> },
    /// The panel sits, with what it votes on.
    SessionOpened {
        items: Vec<Proposal>,
        /// Until when votes are sealed.
        seal_by: Time,
        /// Until when they are opened.
        open_by: Time,
    },
    /// A seat of the panel is there.
    Present { session: u64 },
    /// It has voted.
    VoteSealed { session: u64, commitment: Hash },
    /// It shows how.
    VoteOpened {
        session: u64,
        secret: Octets<32>,
        /// The bytes of a [`Vote`](super::vote::Vote).
        vote: String,
    },
    /// All votes are counted.
    SessionClosed { session: u64 },
    /// What was decided: in a session, or on a proposed interim.
    Resolved {
        /// The number of the `session-opened` or `interim-proposed` event.
        of: u64,
        items: Vec<Proposal>,
    },
    /// A chair confirms.
    Confirmed {
        /// The number of the `resolved` event.
        resolution: u64,
    },
    /// A chair takes back what a session carried, so that something else may be put to the vote.
    Withdrawn { session: u64 },
    /// It is in the log.
    Issued { procedure: Hash, docket: Hash },
    /// Whoever was decided about was told the decision, and that is proven.
    DecisionNotified {
        items: Vec<ItemNumber>,
        to: Addressee,
        delivered_at: Time,
        /// SHA-256 of the proof of delivery.
        proof: Hash,
    },
    /// They were told it by a masked public notice.
    DecisionPublished {
        items: Vec<ItemNumber>,
        published_at: Time,
        /// SHA-256 of the notice.
        notice: Hash,
    },
    /// An objection to what was decided was filed: another case is to decide it.
    Appealed {
        items: Vec<ItemNumber>,
        /// The case that hears it.
        heard_by: CaseId,
        filed_at: Time,
        by: Filer,
        /// It came on paper.
        #[serde(default, skip_serializing_if = "is_false", deserialize_with = "said")]
        paper: bool,
    },
    /// How it goes with somebody who returned and is tried.
    ProbationReported {
        items: Vec<ItemNumber>,
        reported_at: Time,
        /// SHA-256 of the report.
        proof: Hash,
    },
    /// A seat may read what is sealed about a minor.
    AccessApproved { items: Vec<ItemNumber>, reader: KeyId },
    /// The case is over.
    Closed {},
}

/// Who hosts a subject or has a contract with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Hosts {
    Named(Vec<MemberId>),
    Unknown(Unknown),
}

/// That it isn't known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    Unknown,
}

/// A piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub sha256: Hash,
    pub kind: EvidenceKind,
}

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    Recording,
    Screenshot,
    ChatLog,
    Document,
    /// A decision or order of an authority.
    AuthorityDecision,
    /// A court's order.
    CourtOrder,
    /// A docket of another association, with its proof.
    ForeignDocket,
    /// That what was done is made good.
    RemedyProof,
    /// That a training was attended.
    Training,
    /// What somebody commits to.
    Commitment,
}

/// What a case is an appeal of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppealOf {
    /// The first case: the one that decided.
    pub case: CaseId,
    /// The number of the `appealed` event there.
    pub event: u64,
}

/// An application to return, as the case that hears it is opened with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Application {
    /// The ruling from which somebody returns.
    pub record: RecordId,
    /// What it imposed, since when it has effect, and until when.
    pub measure: MeasureKind,
    pub since: Time,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub until: Option<Time>,
    pub filed_at: Time,
    pub by: Filer,
    /// It came on paper.
    #[serde(default, skip_serializing_if = "is_false", deserialize_with = "said")]
    pub paper: bool,
}

/// Who filed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filer {
    Subject,
    Guardian,
    Attorney,
    Heir,
    /// The unit that the subject belongs to.
    Unit,
}

/// Who acts for a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Representative {
    Guardian,
    Attorney,
    Heir,
}

/// Who was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Addressee {
    Subject,
    Guardian,
    Representative,
}

/// What is put to the vote about one item: statements by their draft hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    pub item: ItemNumber,
    pub drafts: Vec<Hash>,
}

/// The sealed part of an event: an `age` file to the seats of the case, kept beside the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    pub sha256: Hash,
    /// Its length.
    pub bytes: u64,
}

macro_rules! words {
    ($($name:ident: $count:literal { $($variant:ident $word:literal,)+ })+) => {$(
        impl $name {
            /// Each of them.
            pub const ALL: [Self; $count] = [$(Self::$variant),+];

            /// The word that stands in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|of| of.as_str() == word)
            }
        }
    )+};
}

words! {
    EvidenceKind: 10 {
        Recording "recording",
        Screenshot "screenshot",
        ChatLog "chat-log",
        Document "document",
        AuthorityDecision "authority-decision",
        CourtOrder "court-order",
        ForeignDocket "foreign-docket",
        RemedyProof "remedy-proof",
        Training "training",
        Commitment "commitment",
    }
    Representative: 3 {
        Guardian "guardian",
        Attorney "attorney",
        Heir "heir",
    }
    Filer: 5 {
        Subject "subject",
        Guardian "guardian",
        Attorney "attorney",
        Heir "heir",
        Unit "unit",
    }
    Addressee: 3 {
        Subject "subject",
        Guardian "guardian",
        Representative "representative",
    }
}

impl EvidenceKind {
    /// What people call it.
    pub const fn phrase(self) -> Phrase {
        match self {
            Self::Recording => Phrase::new("录像", "recording"),
            Self::Screenshot => Phrase::new("截图", "screenshot"),
            Self::ChatLog => Phrase::new("聊天记录", "chat log"),
            Self::Document => Phrase::new("文件", "document"),
            Self::AuthorityDecision => Phrase::new("主管部门决定", "decision of an authority"),
            Self::CourtOrder => Phrase::new("法院文书", "court order"),
            Self::ForeignDocket => Phrase::new("其他协会的文书", "docket of another association"),
            Self::RemedyProof => Phrase::new("整改证明", "proof of remedy"),
            Self::Training => Phrase::new("培训证明", "proof of training"),
            Self::Commitment => Phrase::new("承诺书", "commitment"),
        }
    }
}

/// A list that may be absent has at least one element where it is there.
pub(super) fn filled<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() { Err(D::Error::custom("an empty list")) } else { Ok(list) }
}

/// What may be absent is no `null`.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What is `true` or absent.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    if bool::deserialize(deserializer)? { Ok(true) } else { Err(D::Error::custom("true, or absent")) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Act {
    /// What an event does, and its sealed part.
    pub fn read(event: &Event) -> Result<(Self, Option<Sealed>), Why> {
        let mut members = event.members.clone();
        let sealed = members.remove(SEALED).map(Sealed::deserialize).transpose().map_err(Why::Malformed)?;
        if sealed.is_some_and(|sealed| !(1..=MAX_SEALED_BYTES).contains(&sealed.bytes)) {
            return Err(Why::SealedLength);
        }
        let act = Map::from_iter([(event.act.clone(), Value::Object(members))]);
        let act = Self::deserialize(Value::Object(act)).map_err(Why::Malformed)?;
        act.check_lists()?;
        Ok((act, sealed))
    }

    /// The act's word and its members, as [`Head::next`](callboard_federation::event::Head::next) takes them.
    pub fn write(&self, sealed: Option<Sealed>) -> (String, Map<String, Value>) {
        let Ok(Value::Object(written)) = serde_json::to_value(self) else { return Default::default() };
        let Some((word, Value::Object(mut members))) = written.into_iter().next() else { return Default::default() };
        if let Some(sealed) = sealed.and_then(|sealed| serde_json::to_value(sealed).ok()) {
            members.insert(SEALED.to_owned(), sealed);
        }
        (word, members)
    }

    /// Whether it is taken behind `closed`: what tells of a decision, objects to it, or reports how it goes.
    pub(super) const fn follows_closing(&self) -> bool {
        matches!(
            self,
            Self::DecisionNotified { .. }
                | Self::DecisionPublished { .. }
                | Self::NoticeFailed { .. }
                | Self::Appealed { .. }
                | Self::ProbationReported { .. }
        )
    }

    /// Lists have at least one element, no repeats, and no more than a docket could carry.
    fn check_lists(&self) -> Result<(), Why> {
        match self {
            Self::Opened { earlier, .. } => check_list(earlier, 0),
            Self::ItemAdded { decides, hosts, reporters, .. } => {
                check_list(decides, 1)?;
                check_list(reporters, 0)?;
                if decides.iter().any(|key| !may_be_decided(*key)) {
                    return Err(Why::Decides);
                }
                match hosts {
                    Hosts::Named(hosts) => check_list(hosts, 1),
                    Hosts::Unknown(_) => Ok(()),
                }
            }
            Self::EvidenceAdded { items, evidence } => {
                check_list(items, 1)?;
                check_list(evidence, 1)
            }
            Self::PanelNamed { seats } | Self::Drawn { seats } => check_list(seats, 1),
            Self::DrawAnnounced { eligible, guarantors, .. } => {
                check_list(eligible, 1)?;
                check_list(guarantors, 3)
            }
            Self::Recused { items } => check_list(items, 0),
            Self::Challenged { items, .. }
            | Self::Represented { items, .. }
            | Self::Notified { items, .. }
            | Self::NoticeFailed { items, .. }
            | Self::ServedByPublication { items, .. }
            | Self::Answered { items }
            | Self::DecisionNotified { items, .. }
            | Self::DecisionPublished { items, .. }
            | Self::Appealed { items, .. }
            | Self::ProbationReported { items, .. }
            | Self::AccessApproved { items, .. } => check_list(items, 1),
            Self::InterimProposed { drafts, .. } => check_drafts(drafts),
            Self::SessionOpened { items, .. } | Self::Resolved { items, .. } => {
                check_list(&items.iter().map(|proposal| proposal.item).collect::<Vec<_>>(), 1)?;
                let drafts: Vec<Hash> = items.iter().flat_map(|proposal| proposal.drafts.iter().copied()).collect();
                check_list(&drafts, 1)?;
                items.iter().try_for_each(|proposal| check_drafts(&proposal.drafts))
            }
            _ => Ok(()),
        }
    }
}

fn check_drafts(drafts: &[Hash]) -> Result<(), Why> {
    check_list(drafts, 1)?;
    if drafts.len() <= MAX_DRAFTS { Ok(()) } else { Err(Why::List) }
}

fn check_list<T: Ord>(list: &[T], least: usize) -> Result<(), Why> {
    let mut seen = std::collections::BTreeSet::new();
    if (least..=MAX_ITEMS).contains(&list.len()) && list.iter().all(|element| seen.insert(element)) {
        Ok(())
    } else {
        Err(Why::List)
    }
}

/// What is decided has a procedure, isn't an interim (which any item may have), and says of what, if it is about
/// something.
const fn may_be_decided(RuleKey { kind, of }: RuleKey) -> bool {
    match kind {
        Kind::Ruling | Kind::Link => of.is_none(),
        Kind::Annulment | Kind::End | Kind::Stay | Kind::Reinstatement => of.is_some(),
        _ => false,
    }
}

/// Whether the subject must have been heard before it is decided: what burdens, not what lifts.
pub const fn burdens(RuleKey { kind, of }: RuleKey) -> bool {
    match (kind, of) {
        (Kind::Ruling | Kind::Link, _) => true,
        (Kind::End, Some(Of::About(about))) => matches!(about, Kind::Stay | Kind::Reinstatement),
        (Kind::Annulment, Some(Of::About(about))) => matches!(about, Kind::Reinstatement),
        _ => false,
    }
}
