//! What the desk's tests decide by: a policy, and people whose numbers are made up or printed as examples.

use callboard_client::{
    derivation::{Derived, Known},
    public_file::{PublicFile, PublicTokenKey},
};
use callboard_federation::{
    document::Document,
    dsse::{PayloadType, SignatureLine},
    encoding::{Base64, Hash, PublicKey, Time},
    hand_in::check_shares,
    identity::{
        Identity,
        reader::{Reading, TypedIdentity, day_in_china, read},
    },
    policy::Policy,
    records::{Place, Record},
    replay::{ReadDocket, Replay, RuleError},
    roster::{Role, Roster},
    statement::{Basis, Statement, under_procedure},
    tag::Epoch,
    tlog::vkey::{SignatureType, VerifierKey},
    token::{Blind, Evaluation, finalise},
};
use callboard_keys::SeatKey;
use callboard_tokens::{Evaluate as _, TokenSecret};
use ed25519_dalek::SigningKey;
use rand_core::UnwrapErr;

use super::{
    bundle::{Bundle, BundleIdentity, Item},
    draft::{Draw, gather, log_records::LogRecords, ruling},
    registry::reference,
    setup::RegistrySetup,
    sheet::{self, Confirmations, Row, Rules},
    signing::Facts,
};

const ISSUER: &str = "callboard.test";

/// Noon of 1 July 2026 in Shanghai.
pub(super) fn noon() -> Time {
    "2026-07-01T04:00:00.000Z".parse().unwrap()
}

pub(super) fn policy() -> Document<Policy> {
    Document::read(
        serde_json::json!({
            "v": 1, "instrument": "cpa-2022", "version": "1",
            "title": {"zh": "网络主播警示与复出管理办法", "en": "Rules on warning and return of online presenters"},
            "effectiveFrom": "2022-01-01T00:00:00.000Z", "zone": "Asia/Shanghai",
            "words": {
                "notice": {"zh": "提醒", "en": "notice"},
                "warning": {"zh": "告诫", "en": "caution"},
                "restriction": {"zh": "限制", "en": "restriction"},
                "suspension": {"zh": "警示（停止直播服务）", "en": "warning (all live service stops)"},
                "bar": {"zh": "永久禁止", "en": "permanent bar"}
            },
            "measures": {
                "notice": {"until": "forbidden", "scopes": [], "onTermEnd": "expires"},
                "restriction": {"until": "required", "scopes": ["live", "promotion", "topic"], "onTermEnd": "expires"},
                "suspension": {"until": "optional", "scopes": [], "onTermEnd": "requires-reinstatement"},
                "bar": {"until": "forbidden", "scopes": [], "onTermEnd": "requires-reinstatement"}
            },
            "interim": {"maxDays": 30},
            "violations": [
                {"code": "NB-11", "zh": "淫秽、赌博、毒品、暴力", "en": "obscenity, gambling, drugs, violence", "source": "NB", "mark": "C"},
                {"code": "NB-25", "zh": "销售假冒伪劣商品", "en": "fake or unsafe goods", "source": "NB", "mark": "C"}
            ],
            "decide": {
                "association": {"zh": "示例行业协会", "en": "Example Association", "mark": "U"},
                "objection": {"workingDays": 10, "mark": "R"},
                "panel": {"seats": 3, "by": "chair", "mark": "U"},
                "quorum": {"numerator": 1, "denominator": 2, "mark": "U"},
                "vote": {"numerator": 2, "denominator": 3, "mark": "U"},
                "draw": {"openHours": 24, "mark": "U"},
                "confirmation": {"chairs": 1, "mark": "U"},
                "interimOrder": {"seats": [{"role": "chair", "count": 1}], "mark": "U"},
                "service": {"attempts": 2, "publicationDays": 30, "mark": "U"},
                "response": {"workingDays": 2, "mark": "U"},
                "calendar": {"mark": "K", "years": {"2026": {"mark": "K", "off": [], "worked": []}}}
            }
        })
        .to_string(),
    )
    .unwrap()
}

/// The operating system's chance.
pub(super) fn os_rng() -> UnwrapErr<rand::rngs::SysRng> {
    UnwrapErr(rand::rngs::SysRng)
}

/// The log's key.
pub(super) fn log_key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// A registry that begins at noon: its seats, its token key, and its log as a replay sees it.
pub(super) struct Committee {
    pub(super) seats: Vec<SeatKey>,
    pub(super) roster: Roster,
    pub(super) policy: Document<Policy>,
    secret: TokenSecret,
    replay: Replay,
}

impl Committee {
    /// Four of the panel, two chairs, two of the secretariat; genesis and policy are logged.
    pub(super) fn found() -> Self {
        let roles = [(Role::Panel, 4), (Role::Chair, 2), (Role::Secretariat, 2)];
        let named =
            roles.into_iter().flat_map(|(role, count)| (1..=count).map(move |at| (format!("{role}-{at}"), role)));
        let seats: Vec<_> =
            named.map(|(holder, role)| SeatKey::generate(holder, role, &mut os_rng()).unwrap()).collect();
        let public = |key: &SeatKey| match key.public() {
            PublicFile::Seat(seat) => seat,
            _ => unreachable!(),
        };
        let epoch = Epoch::new(1).unwrap();
        let secret = TokenSecret::derive(&[7; 32], ISSUER, epoch).unwrap();
        let log = PublicKey::of(&log_key());
        let policy = policy();
        let setup = RegistrySetup {
            issuer: ISSUER.to_owned(),
            issued_at: noon(),
            expires: noon().plus_days(700),
            seats: seats.iter().map(public).collect(),
            log: VerifierKey::new(ISSUER.parse().unwrap(), SignatureType::Note, log),
            token_keys: vec![PublicTokenKey { v: 1, issuer: ISSUER.to_owned(), epoch, public_key: secret.public() }],
            members: Vec::new(),
            witnesses: Vec::new(),
            quorum: 0,
            policies: vec![policy.clone()],
        };
        let drafts = setup.draft(&mut os_rng()).unwrap();
        let replay = Replay::new(Some(drafts.genesis.hash()));
        let mut committee = Self { seats, roster: drafts.roster, policy, secret, replay };
        committee.log(&drafts.genesis, noon()).unwrap();
        committee.log(&drafts.policies.unwrap(), noon()).unwrap();
        committee
    }

    /// Its log.
    pub(super) const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// The seat of a holder.
    pub(super) fn seat(&self, holder: &str) -> &SeatKey {
        self.seats.iter().find(|seat| seat.holder() == holder).unwrap()
    }

    /// Two of the panel, a chair and a secretary sign, and it is logged.
    pub(super) fn log(&mut self, bundle: &Bundle, at: Time) -> Result<(), RuleError> {
        let signers = [0, 1, 4, 6].map(|seat: usize| &self.seats[seat]);
        let sign = |key: &SeatKey| SignatureLine::of(key.signing_key(), PayloadType::Docket, bundle.payload());
        let (handed, shares) = bundle.with_signatures(signers.map(sign).to_vec()).into_parts();
        let read = ReadDocket::of(handed)?;
        check_shares(read.statements(), &shares).unwrap();
        self.replay.log(&read, at).map(|_| ())
    }

    /// What the token service and the desk make of identities.
    pub(super) fn derive(&self, identities: &[Identity]) -> Vec<Known> {
        let of = |identity: &Identity| {
            let (input, blind) = (identity.prf_input(), Blind::draw(&mut os_rng()));
            let points = [blind.blind(&input).unwrap()];
            let answer = self.secret.evaluate(&points, &mut os_rng()).unwrap();
            let evaluated = Evaluation::read(&self.secret.public(), &points, &answer).unwrap();
            let mut outputs = finalise(&[(&input, &blind)], &evaluated).unwrap();
            let (tag, seal_key) = outputs.remove(0);
            Known {
                identity: identity.clone(),
                derived: vec![Derived {
                    epoch: Epoch::new(1).unwrap(),
                    tag,
                    seal_key,
                    blind,
                    points: points.into(),
                    at: 0,
                }],
            }
        };
        identities.iter().map(of).collect()
    }

    pub(super) fn rows(&self, csv: &str) -> Vec<Row> {
        self.approved_rows(csv, &[])
    }

    /// The same, with rows about minors that were approved.
    fn approved_rows(&self, csv: &str, minors_approved: &[u32]) -> Vec<Row> {
        let zone = jiff::tz::TimeZone::get(&self.policy.value.zone).unwrap();
        let rules = Rules {
            policy: &self.policy.value,
            zone,
            is_interim: false,
            now: noon(),
            live_epochs: 1,
            confirmed: Confirmations { minors_approved, ..Confirmations::default() },
            is_published: false,
        };
        sheet::read(csv.as_bytes(), &rules).unwrap().rows
    }

    /// What a statement under the policy rests on.
    pub(super) fn basis(&self, procedure: Hash) -> Basis {
        Basis { policy: reference(&self.policy), procedure }
    }

    /// A docket of the sheet's rulings, and what a signer's desk finds for it.
    pub(super) fn rule(&self, csv: &str) -> Bundle {
        self.rule_approved(csv, &[])
    }

    /// The same, with rows about minors that were approved.
    pub(super) fn rule_approved(&self, csv: &str, minors: &[u32]) -> Bundle {
        self.rule_rows(&self.approved_rows(csv, minors))
    }

    /// A docket of what these rows decide.
    pub(super) fn rule_rows(&self, rows: &[Row]) -> Bundle {
        let mut draw = Draw { now: noon(), rng: &mut os_rng() };
        let draft = |row: &Row| {
            let known = self.derive(&row.identities().cloned().collect::<Vec<_>>());
            ruling::ruling(
                row,
                &known,
                self.basis(Hash::of(b"case")),
                false,
                &mut Draw { now: noon(), rng: &mut os_rng() },
            )
        };
        let drafted = rows.iter().map(draft).collect::<Result<_, _>>().unwrap();
        gather(&self.roster, drafted, None, &mut draw).unwrap()
    }

    /// What a signer's desk finds out about a bundle, `named` being what the log has of the records that it is about.
    pub(super) fn find(&self, bundle: &Bundle, named: LogRecords) -> Facts {
        let identity = |item: &BundleIdentity| Identity::normalise(item.kind, &item.value, item.confirmed).unwrap();
        let known = |item: &Item| self.derive(&item.identities.iter().map(identity).collect::<Vec<_>>());
        Facts {
            roster: self.roster.clone(),
            policies: [(self.policy.hash, self.policy.value.clone())].into(),
            named,
            known: bundle.items().iter().map(known).collect(),
            originals: super::signing::Originals::new(),
            stands: Vec::new(),
            cases: Vec::new(),
        }
    }
}

/// What was read to derive these; whatever was doubted was confirmed.
pub(super) fn readings(known: &[Known]) -> Vec<Reading> {
    let today = day_in_china(noon());
    let typed = |known: &'_ Known| {
        let identity = &known.identity;
        read(TypedIdentity { kind: identity.kind(), value: identity.value(), confirmed: true }, today).unwrap()
    };
    known.iter().map(typed).collect()
}

/// The same statements, those that have a procedure under one, as if a case had resolved them.
pub(super) fn decided(bundle: &Bundle) -> Bundle {
    let mut docket = bundle.docket().clone();
    let mut items = bundle.items().to_vec();
    for (signed, item) in docket.items.iter_mut().zip(&mut items) {
        if Statement::from_json(&item.statement.0).unwrap().basis().is_some() {
            item.statement = Base64(under_procedure(&item.statement.0, &Hash::of(b"case")).unwrap());
            signed.commitment = Statement::commitment(&item.statement.0);
        }
    }
    let publication = bundle.publication().map(<[u8]>::to_vec);
    Bundle::draft(&docket, items, publication, Vec::new()).unwrap().numbered(bundle.number().map(str::to_owned))
}

/// The records of a bundle, as the log has them once it is logged.
pub(super) fn named_in(bundle: &Bundle) -> LogRecords {
    let mut named = LogRecords::default();
    for (position, item) in (0..).zip(bundle.items()) {
        let statement = Statement::from_json(&item.statement.0).unwrap();
        named.insert_drafted(Record::new(Place { index: 2, position }, noon(), &statement), statement);
    }
    named
}

/// Two people's rulings.
pub(super) const SHEET: &str = "kind,identity,names,accounts,measure,term,violations,conduct from,conduct to,reasons\n\
    cn-id,440308199901101512,某甲,alpha:jia,suspension,5年,NB-11;NB-25,2026-05-01,2026-05-03,经查证属实\n\
    passport,KOR:M12345678,Kim,,bar,永久,NB-25,,,证据确凿\n";
