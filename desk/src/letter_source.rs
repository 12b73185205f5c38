//! The letter of a record that was logged, to be delivered: as it was signed, with who signed it, when it was logged, and that its
//! proof holds.
//!
//! Nothing is taken from a bundle that the log doesn't bear out: the statement is the logged one, its details are opened anew with
//! the person's identity. How a letter reads is [`super::letter`]'s.

use callboard_client::derivation::{Derived, Known, TokensError, derive};
use callboard_federation::{
    docket::Item,
    encoding::{Hash, RecordId},
    identity::{
        Identity, IdentityError,
        reader::{Reading, day_in_china, read},
    },
    proof_file::{ProofFile, ProofFileError, ProvenRecord},
    roster::{Role, Roster},
    sealed::{Plain, Share},
    statement::{Act, EpochTag, Statement},
    zh_en,
};
use rand_core::CryptoRng;

use super::{
    ask::AskError,
    bundle::Bundle,
    draft::{log_records::LogRecords, procedure},
    letter::{Head, Letter, Logged, Sources},
    measures::{self, DocketReversals, Policies},
    registry::{Registry, RegistryError},
    signing::{self, Facts, Original, Originals, original},
};

/// Why there is no such letter.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// From the registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// From the token service.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// A policy, or the links of the person.
    #[error(transparent)]
    Asking(#[from] AskError),
    /// The proof doesn't hold.
    #[error("{}", zh_en!("证明文件", "the proof file"))]
    Proof(#[from] ProofFileError),
    /// The docket isn't in the log like that.
    #[error("{}", zh_en!("登记册中记录 {_0} 的文书与待签文件的不同",
        "the log has record {_0} with another docket than the bundle's"))]
    AnotherDocket(RecordId),
    /// The bundle has no such record.
    #[error("{}", zh_en!("该待签文件中没有记录 {_0}", "the bundle does not hold record {_0}"))]
    NotInBundle(RecordId),
    /// Public documents are no letters.
    #[error("{}", zh_en!("记录 {_0} 是公开文件，不是决定文书", "record {_0} is a public document, not a letter"))]
    Document(RecordId),
    /// An identity of the bundle is none.
    #[error("{}", zh_en!(("记录 {record}：{}", fault.words().zh), ("record {record}: {}", fault.words().en)))]
    Identity {
        /// The record.
        record: RecordId,
        /// What is wrong with it.
        fault: IdentityError,
    },
    /// The identity isn't the person's, as far as can be told today.
    #[error("{}", zh_en!("记录 {_0} 不是所填证件的当事人，或者其身份代码的各期密钥均已停用",
        "record {_0} is of another person than the identity that was given, or the token epochs of its tags were all closed since"))]
    AnotherPerson(RecordId),
    /// The details don't open.
    #[error("{}", zh_en!("记录 {record} 的密封内容未能打开：{why}", "the details of record {record} don't open: {why}"))]
    Closed {
        /// The record.
        record: RecordId,
        /// Why not.
        why: String,
    },
    /// Nobody is given to open the details with.
    #[error("{}", zh_en!("记录 {_0} 的密封内容须凭当事人的证件打开：请用 --identity-file，或在询问时输入",
        "the details of record {_0} open with the person's identity: --identity-file, or type it when you are asked"))]
    Nobody(RecordId),
    /// The roster of the docket isn't among the proof's.
    #[error("{}", zh_en!("证明文件中没有第{_0}版签署权限名单", "the proof file has no roster of version {_0}"))]
    NoRoster(u64),
}

/// A record that is proven to be logged, and what its letter is opened with.
pub struct Source {
    file: ProofFile,
    proven: ProvenRecord,
    /// The person's identities.
    readings: Vec<Reading>,
    /// The share of the details; without one the registry is asked.
    share: Option<Share>,
    /// The number that the docket's procedure says.
    number: Option<String>,
}

impl Source {
    /// Of a proof file, and the identities of whoever it is of.
    pub fn of_proof(registry: &Registry<'_>, file: &[u8], readings: Vec<Reading>) -> Result<Self, LetterError> {
        let file = ProofFile::from_json(file)?;
        let proven = file.verify(&registry.pin().genesis, registry.caller().now())?;
        Ok(Self { file, proven, readings, share: None, number: None })
    }

    /// Of a record in a bundle, whose proof the registry is asked for.
    pub async fn of_bundle(
        registry: &Registry<'_>,
        bundle: &Bundle,
        record: RecordId,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, LetterError> {
        let at = bundle.docket().items.iter().position(|item| item.record == record);
        let item = at.and_then(|at| bundle.items().get(at)).ok_or(LetterError::NotInBundle(record))?;
        let (proven, bytes) = registry.record(record, rng).await?;
        let file = ProofFile::from_json(&bytes)?;
        if file.record().docket.payload_hash() != bundle.hash() {
            return Err(LetterError::AnotherDocket(record));
        }
        let today = day_in_china(proven.docket.issued_at);
        let invalid = |faults: Vec<IdentityError>| LetterError::Identity {
            record,
            fault: faults.first().copied().unwrap_or(IdentityError::Empty),
        };
        let readings = item.identities.iter().map(|carried| read(carried.typed(), today).map_err(invalid));
        let number = proven.statement.basis().and_then(|basis| procedure::number(bundle.events(), &basis.procedure));
        Ok(Self {
            readings: readings.collect::<Result<_, _>>()?,
            share: item.share.map(|share| Share::from_bytes(share.0)),
            file,
            proven,
            number,
        })
    }

    /// The letter, opened with the identities; `roster` is the one in force, `policies` are those that were fetched so far.
    pub async fn letter(
        self,
        registry: &Registry<'_>,
        roster: &Roster,
        policies: &mut Policies,
        rng: &mut impl CryptoRng,
    ) -> Result<Letter, LetterError> {
        let statement = &self.proven.statement;
        let record = statement.id;
        if statement.kind().is_document() {
            return Err(LetterError::Document(record));
        }
        let mut named = LogRecords::fetch_what_is_left(registry, statement.about().iter().copied(), rng).await?;
        measures::join(registry, statement.about(), &mut named, rng).await?;
        let identities: Vec<Identity> = self.readings.iter().map(|reading| reading.identity.clone()).collect();
        let known = if identities.is_empty() {
            Vec::new()
        } else {
            derive(registry.caller(), &registry.pin().tokens_url, roster, identities, rng, |_| {}).await?
        };
        if !known.iter().all(|known| is_theirs(statement, known, &named)) {
            return Err(LetterError::AnotherPerson(record));
        }
        let plain = self.opened(registry, &known, rng).await?;
        let mut originals = Originals::new();
        original::fetch(registry, statement, &known, &named, &mut originals, rng).await;
        let policy_of = |statement: &Statement| Some(statement.basis()?.policy.sha256);
        let hashes: Vec<Hash> = std::iter::once(statement).chain(named.statements()).filter_map(policy_of).collect();
        for hash in hashes {
            measures::policy(registry, policies, hash).await?;
        }
        let found = Facts {
            roster: roster.clone(),
            policies: policies.clone(),
            named,
            known: vec![known],
            originals,
            stands: Vec::new(),
        };
        let known = found.known.first().map_or(&[][..], Vec::as_slice);
        let policy = statement.basis().and_then(|basis| found.policies.get(&basis.policy.sha256));
        let docket = &self.proven.docket;
        let sources = Sources {
            is_minor: signing::is_of_a_minor(statement, plain.as_ref(), &self.readings, policy, docket.issued_at),
            about: statement
                .about()
                .iter()
                .map(|about| signing::about_of(*about, &self.readings, known, &found))
                .collect(),
            policy: policy.or_else(|| signing::policy_behind(statement, &found)).cloned(),
            readings: self.readings.clone(),
            plain,
            ..Sources::default()
        };
        let signed_under = self.roster()?;
        let of_about = statement.about().first().and_then(|about| found.named.kind(*about));
        let item = Item::of(statement, &self.file.record().statement.0, of_about);
        let head = Head::of(docket, &item, &signed_under, self.number.clone());
        let letter = Letter::new(statement, head, sources, &DocketReversals::default(), &found.policies);
        Ok(letter.logged(Logged {
            signers: self.signers(&signed_under),
            at: self.proven.logged_at,
            place: self.proven.place,
            size: self.proven.checkpoint.size,
            quorum: self.proven.roster.witnesses.quorum,
        }))
    }

    async fn opened(
        &self,
        registry: &Registry<'_>,
        known: &[Known],
        rng: &mut impl CryptoRng,
    ) -> Result<Option<Plain>, LetterError> {
        let record = self.proven.statement.id;
        if self.proven.statement.details().is_none() {
            return Ok(None);
        }
        if known.is_empty() {
            return Err(LetterError::Nobody(record));
        }
        let asked;
        let share = if let Some(share) = &self.share {
            share
        } else {
            asked = registry.share(record, rng).await?;
            &asked
        };
        match original::opened(&self.proven.statement, known, share) {
            Original::Opened(plain) => Ok(Some(*plain)),
            Original::Closed(why) if why.is_empty() => Err(LetterError::AnotherPerson(record)),
            Original::Closed(why) => Err(LetterError::Closed { record, why }),
        }
    }

    /// The roster that the docket was signed under.
    fn roster(&self) -> Result<Roster, LetterError> {
        let version = self.proven.docket.roster;
        let read = |shown: &callboard_federation::proof_file::ProofPart| Statement::from_json(&shown.statement.0).ok();
        let mut rosters = self.file.roots().iter().filter_map(read).filter_map(|statement| match statement.act {
            Act::Roster(roster) => Some(roster.value),
            _ => None,
        });
        rosters.find(|roster| roster.version == version).ok_or(LetterError::NoRoster(version))
    }

    /// Who signed, by the names of the seats.
    fn signers(&self, roster: &Roster) -> Vec<(Role, String)> {
        let signatures = self.file.record().docket.signatures;
        let seats = signatures.iter().filter_map(|signature| roster.seat(&signature.keyid));
        let mut signers: Vec<(Role, String)> = seats.map(|seat| (seat.role, seat.holder.clone())).collect();
        signers.sort();
        signers
    }
}

/// Whether an identity is that of the person whom a statement is of, or whose records it is about.
fn is_theirs(statement: &Statement, known: &Known, named: &LogRecords) -> bool {
    let tags: Vec<EpochTag> = known.derived.iter().map(Derived::tag).collect();
    let own = statement.subject().into_iter().flat_map(|subject| &subject.tags).any(|tag| tags.contains(&tag.tag()));
    own || statement.about().iter().any(|about| named.is_of(*about, &tags))
}
