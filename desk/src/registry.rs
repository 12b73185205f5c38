//! The registry as the desk sees it: what it answers, verified against the pinned genesis hash before anything is done with it.

use std::{collections::BTreeMap, fmt, path::Path};

use callboard_api::{
    Question,
    registry::{
        dockets::{DocketLogged, SUBMIT_DOCKET},
        documents::{GET_MEMBERS, GET_POLICY, GET_ROSTER, LIST_POLICIES, PolicyRow},
        records::{
            ASK_STANDINGS, GET_RECORD, GET_RECORD_PROOF, RecordPlace, Standings, StandingsQuestion, TAKE_RECORD_SHARE,
        },
    },
};
use callboard_client::{
    http::{self, Caller},
    pin::Pin,
};
use callboard_federation::{
    document::Document,
    encoding::{Hash, RecordId, Time},
    hand_in::HandIn,
    language::Phrase,
    members::Members,
    policy::Policy,
    proof_file::{ProofFile, ProvenRecord},
    roster::Roster,
    sealed::Share,
    statement::{Act, EpochTag, PolicyRef},
    zh_en,
};
use rand_core::CryptoRng;

pub use super::error::registry::RegistryError;
use super::{cases::own_acts::OwnActs, person_measure::Policies, verified_log::VerifiedLog};

const THE_ROSTER: Phrase = Phrase::new("签署权限名单", "the roster");
const THE_POLICY: Phrase = Phrase::new("规则", "the policy");
const THE_MEMBERS: Phrase = Phrase::new("会员单位名单", "the list of members");
const THE_RECORD: Phrase = Phrase::new("该记录", "the record");

/// A policy by its instrument and version, `INSTRUMENT/VERSION`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyName {
    pub instrument: String,
    pub version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("规则应写成“名称/版本”", "a policy is named INSTRUMENT/VERSION"))]
pub struct PolicyNameError;

/// The pinned registry, and who asks it.
pub struct Registry<'a> {
    pin: &'a Pin,
    caller: &'a Caller<'a>,
    log: Option<&'a VerifiedLog>,
    own: Option<OwnActs>,
}

impl std::str::FromStr for PolicyName {
    type Err = PolicyNameError;

    fn from_str(text: &str) -> Result<Self, PolicyNameError> {
        let (instrument, version) = text.rsplit_once('/').ok_or(PolicyNameError)?;
        if instrument.is_empty() || version.is_empty() {
            return Err(PolicyNameError);
        }
        Ok(Self { instrument: instrument.to_owned(), version: version.to_owned() })
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.instrument, self.version)
    }
}

impl<'a> Registry<'a> {
    pub const fn new(pin: &'a Pin, caller: &'a Caller<'a>) -> Self {
        Self { pin, caller, log: None, own: None }
    }

    #[must_use]
    pub fn with_log(self, log: Option<&'a VerifiedLog>) -> Self {
        Self { log, ..self }
    }

    /// With the seat's home, where its own acts in cases are kept.
    #[must_use]
    pub fn with_home(self, home: &Path) -> Self {
        Self { own: Some(OwnActs::in_home(home)), ..self }
    }

    /// What the seat did in cases, where its home is known.
    pub const fn own_acts(&self) -> Option<&OwnActs> {
        self.own.as_ref()
    }

    pub const fn pin(&self) -> &Pin {
        self.pin
    }

    pub const fn log(&self) -> Option<&VerifiedLog> {
        self.log
    }

    pub const fn caller(&self) -> &Caller<'a> {
        self.caller
    }

    pub async fn roster(&self) -> Result<Roster, RegistryError> {
        Ok(self.witnessed_roster().await?.0)
    }

    /// The roster in force, and since when the log that shows it is witnessed.
    pub async fn witnessed_roster(&self) -> Result<(Roster, Option<Time>), RegistryError> {
        let proven = self.public(&GET_ROSTER.with(&(), &(), &()), THE_ROSTER).await?;
        let since = proven.witnessed_since.and_then(|since| i64::try_from(since).ok()).map(Time::from_seconds);
        match proven.statement.act {
            // The last roster of the file is the one whose log signed the checkpoint; an older record is no answer.
            Act::Roster(roster) if roster.value == proven.roster && roster.value.issuer == self.pin.issuer => {
                Ok((roster.value, since))
            }
            Act::Roster(roster) if roster.value.issuer != self.pin.issuer => Err(RegistryError::Issuer),
            _ => Err(RegistryError::Another(THE_ROSTER)),
        }
    }

    /// The policy of a name, with the reference that statements carry.
    pub async fn policy(&self, name: &PolicyName) -> Result<(PolicyRef, Document<Policy>), RegistryError> {
        let list = self.list().await?.ok_or(RegistryError::Missing(Phrase::new("规则目录", "list of policies")))?;
        let is_named = |row: &&PolicyRow| row.instrument == name.instrument && row.version == name.version;
        let named = list.iter().find(is_named);
        let listed = named.ok_or(RegistryError::Missing(Phrase::new("该名称的规则", "policy of this name")))?;
        let document = self.policy_of(listed.sha256).await?;
        if document.value.instrument != name.instrument || document.value.version != name.version {
            return Err(RegistryError::Another(THE_POLICY));
        }
        Ok((reference(&document), document))
    }

    pub async fn policy_of(&self, sha256: Hash) -> Result<Document<Policy>, RegistryError> {
        match self.public(&GET_POLICY.with(&sha256, &(), &()), THE_POLICY).await?.statement.act {
            Act::Policy(document) if document.hash == sha256 => Ok(*document),
            _ => Err(RegistryError::Another(THE_POLICY)),
        }
    }

    /// The list of members in force, once there is one.
    pub async fn members(&self) -> Result<Option<Members>, RegistryError> {
        match self.public(&GET_MEMBERS.with(&(), &(), &()), THE_MEMBERS).await {
            Err(RegistryError::Missing(_)) => Ok(None),
            proven => match proven?.statement.act {
                Act::Members(document) => Ok(Some(document.value)),
                _ => Err(RegistryError::Another(THE_MEMBERS)),
            },
        }
    }

    /// Every version of an instrument that the registry lists, each proven.
    pub async fn policies_of(&self, instrument: &str) -> Result<Vec<Policy>, RegistryError> {
        let list = self.list().await?.unwrap_or_default();
        let mut policies = Vec::new();
        for listed in list.iter().filter(|listed| listed.instrument == instrument) {
            policies.push(self.policy_of(listed.sha256).await?.value);
        }
        Ok(policies)
    }

    /// The version of each instrument that is in force at an instant, each proven; what is `known` already, by its hash,
    /// isn't asked for again.
    pub async fn policies_in_force(&self, at: Time, known: &mut Policies) -> Result<Vec<Policy>, RegistryError> {
        let list = self.list().await?.unwrap_or_default();
        let mut in_force: BTreeMap<&str, &PolicyRow> = BTreeMap::new();
        for row in list.iter().filter(|row| row.effective_from <= at) {
            let latest = in_force.entry(&row.instrument).or_insert(row);
            if row.effective_from > latest.effective_from {
                *latest = row;
            }
        }
        let mut policies = Vec::with_capacity(in_force.len());
        for PolicyRow { sha256, .. } in in_force.into_values() {
            if !known.contains_key(sha256) {
                known.insert(*sha256, self.policy_of(*sha256).await?.value);
            }
            policies.extend(known.get(sha256).cloned());
        }
        Ok(policies)
    }

    /// Every policy that the registry lists, each proven; the newest first.
    pub async fn policies(&self) -> Result<Vec<Document<Policy>>, RegistryError> {
        let mut policies = Vec::new();
        for listed in self.list().await?.unwrap_or_default() {
            policies.push(self.policy_of(listed.sha256).await?);
        }
        policies.sort_by_key(|policy| std::cmp::Reverse(policy.value.effective_from));
        Ok(policies)
    }

    /// A record, with its proof file as received.
    pub async fn record(
        &self,
        record: RecordId,
        rng: &mut impl CryptoRng,
    ) -> Result<(ProvenRecord, Vec<u8>), RegistryError> {
        let question = GET_RECORD_PROOF.with(&record, &(), &());
        let bytes = self.caller.find_bytes(&self.pin.url, &question, rng).await?;
        let bytes = bytes.ok_or(RegistryError::NoRecord(record))?;
        let proven = self.verify(&bytes, THE_RECORD)?;
        if proven.statement.id == record { Ok((proven, bytes)) } else { Err(RegistryError::Another(THE_RECORD)) }
    }

    /// Where a record stands and whether it was erased, by the registry's word; `None`, if it has none of this id.
    pub async fn place(&self, record: RecordId) -> Result<Option<RecordPlace>, RegistryError> {
        let question = GET_RECORD.with(&record, &(), &());
        Ok(http::find(self.caller.client(), &self.pin.url, &question).await?)
    }

    /// A record's share, which the registry gives, counts and shows to the subject.
    pub async fn share(&self, record: RecordId, rng: &mut impl CryptoRng) -> Result<Share, RegistryError> {
        let question = TAKE_RECORD_SHARE.with(&record, &(), &());
        let answer = self.caller.ask(&self.pin.url, &question, rng).await?;
        Ok(Share::from_bytes(answer.share.0))
    }

    /// Submits a docket; the same payload again gets the same answer.
    pub async fn submit(&self, hand_in: &HandIn) -> Result<DocketLogged, RegistryError> {
        let question = SUBMIT_DOCKET.with(&(), &(), hand_in);
        let logged = http::ask(self.caller.client(), &self.pin.url, &question).await?;
        if logged.docket == hand_in.docket.payload_hash() {
            Ok(logged)
        } else {
            Err(RegistryError::Another(Phrase::new("所提交的文书", "the docket that was handed in")))
        }
    }

    /// The standing of each person, by the registry's word.
    pub async fn standings(
        &self,
        persons: Vec<Vec<EpochTag>>,
        at: Option<Time>,
        rng: &mut impl CryptoRng,
    ) -> Result<Standings, RegistryError> {
        let asked = persons.len();
        let question = ASK_STANDINGS.with(&(), &(), &StandingsQuestion { persons, at });
        let told = self.caller.ask(&self.pin.url, &question, rng).await?;
        let is_whole = [told.standings.len(), told.links.len()] == [asked; 2];
        if is_whole { Ok(told) } else { Err(RegistryError::Malformed("POST /v1/standings")) }
    }

    /// The policies that the registry lists.
    async fn list(&self) -> Result<Option<Vec<PolicyRow>>, RegistryError> {
        let list = http::find(self.caller.client(), &self.pin.url, &LIST_POLICIES.with(&(), &(), &())).await?;
        Ok(list.map(|list| list.policies))
    }

    /// A public document: asked for without a signature.
    async fn public(&self, question: &Question<ProofFile>, what: Phrase) -> Result<ProvenRecord, RegistryError> {
        let bytes = http::ask_proof(self.caller.client(), &self.pin.url, question).await?;
        self.verify(&bytes.ok_or(RegistryError::Missing(what))?, what)
    }

    fn verify(&self, bytes: &[u8], what: Phrase) -> Result<ProvenRecord, RegistryError> {
        let file = ProofFile::from_json(bytes).and_then(|file| file.verify(&self.pin.genesis, self.caller.now()));
        file.map_err(|source| RegistryError::Proof { what, source })
    }
}

pub fn reference(document: &Document<Policy>) -> PolicyRef {
    PolicyRef {
        instrument: document.value.instrument.clone(),
        version: document.value.version.clone(),
        sha256: document.hash,
    }
}
