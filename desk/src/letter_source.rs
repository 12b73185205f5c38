//! The letter of a record that was logged, to be delivered: as it was signed, with who signed it, when it was logged, and that its
//! proof holds.
//!
//! Nothing is taken from a bundle that the log doesn't bear out: the statement is the logged one, its details are opened anew with
//! the person's identity. How a letter reads is [`super::letter`]'s.

use std::path::Path;

use callboard_client::derivation::{Derived, Known, derive};
use callboard_federation::{
    docket::Item,
    encoding::{Hash, RecordId},
    identity::{
        Identity, IdentityError,
        reader::{Reading, day_in_china, read},
    },
    proof_file::{ProofFile, ProvenRecord},
    roster::{Role, Roster},
    sealed::{Plain, Share},
    statement::{Act, EpochTag, Statement},
    zh_en,
};
use callboard_keys::KeyFile;
use rand_core::CryptoRng;

use super::{
    bundle::{Bundle, not_in_bundle},
    draft::log_records::LogRecords,
    error::Error,
    letter::{Head, Letter, Logged, Sources},
    measures::{self, DocketReversals, Policies},
    registry::Registry,
    signing::{self, Facts, Original, Originals, original},
};

pub enum LetterFile {
    /// The proof file of one record; its details open with the person's identity.
    Proof(Vec<u8>),
    Bundle(Box<Bundle>),
}

impl LetterFile {
    /// Reads a proof file, which is JSON, or opens a bundle with the key of a seat that it is for.
    pub fn open(path: &Path, key: &KeyFile) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(Error::Unread)?;
        if bytes.trim_ascii_start().first() == Some(&b'{') {
            return Ok(Self::Proof(bytes));
        }
        match key {
            KeyFile::Seat(key) => Ok(Self::Bundle(Box::new(Bundle::open(path, key)?))),
            KeyFile::Member(_) => Err(Error::other("member-key", || {
                zh_en!("待签文件须用签署人的密钥打开", "a bundle opens with the key of a seat")
            })),
        }
    }

    /// Whether the letter opens with identities that somebody must say. A proof file is of one record, and takes no
    /// others.
    pub fn needs_identities(&self, records: &[RecordId]) -> Result<bool, Error> {
        match self {
            Self::Proof(_) if !records.is_empty() => Err(Error::other("one-record", || {
                zh_en!("证明文件只有一条记录：请勿再指明", "a proof file is of one record: name none")
            })),
            Self::Proof(_) => Ok(true),
            Self::Bundle(_) => Ok(false),
        }
    }

    /// The letters of these records, or of all; `readings` are the identities of whom a proof file is of.
    pub async fn letters(
        &self,
        registry: &Registry<'_>,
        records: &[RecordId],
        readings: Vec<Reading>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Letter>, Error> {
        self.needs_identities(records)?;
        let (roster, mut policies) = (registry.roster().await?, Policies::new());
        let mut letters = Vec::new();
        match self {
            Self::Proof(bytes) => {
                let source = Source::of_proof(registry, bytes, readings)?;
                letters.push(source.letter(registry, &roster, &mut policies, rng).await?);
            }
            Self::Bundle(bundle) => {
                let all = || bundle.docket().items.iter().map(|item| item.record).collect();
                for record in if records.is_empty() { all() } else { records.to_vec() } {
                    let source = Source::of_bundle(registry, bundle, record, rng).await?;
                    letters.push(source.letter(registry, &roster, &mut policies, rng).await?);
                }
            }
        }
        Ok(letters)
    }
}

/// A record that is proven to be logged, and what its letter is opened with.
struct Source {
    file: ProofFile,
    proven: ProvenRecord,
    readings: Vec<Reading>,
    /// The share of the details; without one the registry is asked.
    share: Option<Share>,
    /// The number that the docket's procedure says.
    number: Option<String>,
}

impl Source {
    fn of_proof(registry: &Registry<'_>, file: &[u8], readings: Vec<Reading>) -> Result<Self, Error> {
        let file = ProofFile::from_json(file)?;
        let proven = file.verify(&registry.pin().genesis, registry.caller().now())?;
        Ok(Self { file, proven, readings, share: None, number: None })
    }

    /// Of a record in a bundle, whose proof the registry is asked for.
    async fn of_bundle(
        registry: &Registry<'_>,
        bundle: &Bundle,
        record: RecordId,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let at = bundle.docket().items.iter().position(|item| item.record == record);
        let item = at.and_then(|at| bundle.items().get(at)).ok_or_else(|| not_in_bundle(record))?;
        let (proven, bytes) = registry.record(record, rng).await?;
        let file = ProofFile::from_json(&bytes)?;
        if file.record().docket.payload_hash() != bundle.hash() {
            return Err(Error::other("another-docket", || {
                zh_en!(
                    "登记册中记录 {record} 的文书与待签文件的不同",
                    "the log has record {record} with another docket than the bundle's"
                )
            }));
        }
        let today = day_in_china(proven.docket.issued_at);
        let invalid = |faults: Vec<IdentityError>| {
            let fault = faults.first().copied().unwrap_or(IdentityError::Empty);
            Error::other("identity", || {
                zh_en!(("记录 {record}：{}", fault.words().zh), ("record {record}: {}", fault.words().en))
            })
        };
        let readings = item.identities.iter().map(|carried| read(carried.typed(), today).map_err(invalid));
        let number = bundle.number().map(str::to_owned);
        Ok(Self {
            readings: readings.collect::<Result<_, _>>()?,
            share: item.share.map(|share| Share::from_bytes(share.0)),
            file,
            proven,
            number,
        })
    }

    /// The letter, opened with the identities; `roster` is the one in force, `policies` are those that were fetched so
    /// far.
    async fn letter(
        self,
        registry: &Registry<'_>,
        roster: &Roster,
        policies: &mut Policies,
        rng: &mut impl CryptoRng,
    ) -> Result<Letter, Error> {
        let statement = &self.proven.statement;
        let record = statement.id;
        if statement.kind().is_document() {
            return Err(Error::other("document", || {
                zh_en!("记录 {record} 是公开文件，不是决定文书", "record {record} is a public document, not a letter")
            }));
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
            return Err(another_person(record));
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
            cases: Vec::new(),
            stands: Vec::new(),
        };
        let known = found.known.first().map_or(&[][..], Vec::as_slice);
        let policy = statement.basis().and_then(|basis| found.policies.get(&basis.policy.sha256));
        let docket = &self.proven.docket;
        let sources = Sources {
            is_proposal: false,
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
    ) -> Result<Option<Plain>, Error> {
        let record = self.proven.statement.id;
        if self.proven.statement.details().is_none() {
            return Ok(None);
        }
        if known.is_empty() {
            return Err(Error::other("nobody", || {
                zh_en!(
                    "记录 {record} 的密封内容须凭当事人的证件打开：请写明其证件",
                    "the details of record {record} open with the person's identity: name it"
                )
            }));
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
            Original::Closed(why) if why.is_empty() => Err(another_person(record)),
            Original::Closed(why) => Err(Error::other("closed", || {
                zh_en!("记录 {record} 的密封内容未能打开：{why}", "the details of record {record} don't open: {why}")
            })),
        }
    }

    /// The roster that the docket was signed under.
    fn roster(&self) -> Result<Roster, Error> {
        let version = self.proven.docket.roster;
        let read = |shown: &callboard_federation::proof_file::ProofPart| Statement::from_json(&shown.statement.0).ok();
        let mut rosters = self.file.roots().iter().filter_map(read).filter_map(|statement| match statement.act {
            Act::Roster(roster) => Some(roster.value),
            _ => None,
        });
        rosters.find(|roster| roster.version == version).ok_or_else(|| {
            Error::other("no-roster", || {
                zh_en!("证明文件中没有第{version}版签署权限名单", "the proof file has no roster of version {version}")
            })
        })
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

fn another_person(record: RecordId) -> Error {
    Error::other("another-person", || {
        zh_en!(
            "记录 {record} 不是所填证件的当事人，或者其身份代码的各期密钥均已停用",
            "record {record} is of another person than the identity that was given, or the token epochs of its tags were all closed since"
        )
    })
}
