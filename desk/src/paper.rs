//! A docket on paper: letters with a code, a sheet to sign with ink, what each member is told, whom it is about.
//!
//! How it is laid out is whoever prints it's. A letter is as [`super::letter`] has it: of what is logged it is proven, of
//! what isn't it is what its signers read. The code is `docs/formats.md` §8, *Printed letter*.

use std::ops::Range;

use callboard_api::registry::drafts::{DraftState, SeatStanding};
use callboard_federation::{
    encoding::{RecordId, Time},
    identity::{Identity, reader::Reading},
    members::{Member, MemberId},
    policy::Policy,
    printed_record::PrintedRecord,
    roster::{Role, Roster, Seat},
    statement::{Act, Statement},
    zh_en,
};
use callboard_rules::letters::association;
use rand_core::CryptoRng;

use crate::{
    Error,
    bundle::{Bundle, Item},
    drafts::OpenDraft,
    language::Language,
    letter::{
        Letter, LetterLine, day_in_words,
        earlier_record::{document_text, zone_of},
        measure_word, scope_word,
        term::{Start, Term},
    },
    letter_source::LetterFile,
    measures::{self, Policies},
    people::entry::number,
    registry::Registry,
    signing::{self, Facts, public::is_public},
};

/// A letter, and the code that it bears.
pub struct PrintedLetter {
    pub lines: Vec<LetterLine>,
    pub code: PrintedRecord,
    /// Whether it is logged; else it is a draft, and binds nobody.
    pub is_logged: bool,
}

/// What stands at the head of whatever is printed of a docket, and whom it is about.
pub struct PrintedDocket {
    /// Whose it is: the association, or the registry.
    pub issuer: String,
    pub number: Option<String>,
    /// The instruments that it is decided under.
    pub policies: Vec<String>,
    /// The day of its drafting, in words.
    pub drafted: String,
    /// The day of its logging, in words.
    pub logged: Option<String>,
    pub rows: Vec<PrintedRow>,
    pub seats: Vec<PrintedSeat>,
}

/// An item of a docket, in a line.
pub struct PrintedRow {
    pub names: String,
    /// Documents, by their last four characters.
    pub documents: String,
    /// `MEMBER:ACCOUNT`, each.
    pub accounts: Vec<String>,
    pub what: String,
    pub term: String,
    pub scopes: String,
}

/// A seat that is asked to sign.
pub struct PrintedSeat {
    pub role: Role,
    pub holder: String,
    /// When it signed, if it did.
    pub signed: Option<Time>,
}

impl PrintedRow {
    /// The accounts of a member's, without its id.
    pub fn accounts_of(&self, member: &MemberId) -> Vec<&str> {
        let of = |account: &&String| account.split_once(':').is_some_and(|(id, _)| id == member.as_str());
        let accounts = self.accounts.iter().filter(of);
        accounts.filter_map(|account| account.split_once(':')).map(|(_, account)| account).collect()
    }
}

/// Letters of a draft, those at `places`.
pub async fn letters(
    registry: &Registry<'_>,
    opened: OpenDraft,
    places: Range<usize>,
    language: Language,
    rng: &mut impl CryptoRng,
) -> Result<Vec<PrintedLetter>, Error> {
    let OpenDraft { draft, bundle, .. } = opened;
    if is_public(&bundle) {
        return Err(Error::other("document", || zh_en!("公开文件没有决定书", "public documents have no letters")));
    }
    let is_logged = draft.state == DraftState::Logged;
    let places = places.start..places.end.min(bundle.items().len());
    let codes: Vec<PrintedRecord> = bundle
        .docket()
        .items
        .get(places.clone())
        .unwrap_or_default()
        .iter()
        .map(|item| PrintedRecord { record: item.record, commitment: item.commitment })
        .collect();
    let letters: Vec<Letter> = if is_logged {
        let records: Vec<RecordId> = codes.iter().map(|code| code.record).collect();
        if records.is_empty() {
            return Ok(Vec::new());
        }
        LetterFile::Bundle(Box::new(bundle)).letters(registry, &records, Vec::new(), rng).await?
    } else {
        let mut found = Facts::fetch(registry, &bundle, rng, |_| {}).await?;
        let all = signing::letters(&bundle, &mut found, registry.caller().now())?;
        all.into_iter().skip(places.start).take(places.len()).collect()
    };
    let printed =
        |(letter, code): (&Letter, PrintedRecord)| PrintedLetter { lines: letter.lines(language), code, is_logged };
    Ok(letters.iter().zip(codes).map(printed).collect())
}

/// The letter of a logged record whose bundle is gone: opened with its person's identities, by the share that the registry
/// gives and counts.
pub async fn letter_of(
    registry: &Registry<'_>,
    record: RecordId,
    readings: Vec<Reading>,
    language: Language,
    rng: &mut impl CryptoRng,
) -> Result<Vec<PrintedLetter>, Error> {
    let (proven, file) = registry.record(record, rng).await?;
    let letters = LetterFile::Proof(file).letters(registry, &[], readings, rng).await?;
    let items = proven.docket.items.iter().filter(|item| item.record == record);
    let codes = items.map(|item| PrintedRecord { record, commitment: item.commitment });
    let printed = |(letter, code): (&Letter, PrintedRecord)| PrintedLetter {
        lines: letter.lines(language),
        code,
        is_logged: true,
    };
    Ok(letters.iter().zip(codes).map(printed).collect())
}

/// What is printed of a docket besides its letters.
pub async fn docket(
    registry: &Registry<'_>,
    opened: &OpenDraft,
    roster: &Roster,
    language: Language,
    rng: &mut impl CryptoRng,
) -> Result<PrintedDocket, Error> {
    let (draft, bundle) = (&opened.draft, &opened.bundle);
    let statements = statements(bundle);
    let mut policies = Policies::new();
    for statement in &statements {
        if let Some(basis) = statement.basis() {
            measures::policy(registry, &mut policies, basis.policy.sha256).await?;
        }
    }
    let policy_of = |statement: &Statement| policies.get(&statement.basis()?.policy.sha256);
    let of = statements.iter().find_map(policy_of);
    let zone = zone_of(of);
    let logged = match (draft.state, statements.first()) {
        (DraftState::Logged, Some(first)) => Some(registry.record(first.id, rng).await?.0.logged_at),
        _ => None,
    };
    let issued_at = bundle.docket().issued_at;
    let row = |(statement, item): (&Statement, &Item)| row(statement, item, policy_of(statement), issued_at, language);
    let asked = |seat: &&Seat| draft.asked.contains(&seat.public_key.id());
    let seats = roster.seats.iter().filter(asked).map(|seat| PrintedSeat {
        role: seat.role,
        holder: seat.holder.clone(),
        signed: SeatStanding::of(&draft.answers, &seat.public_key.id()).signed,
    });
    let association = of.and_then(association);
    let issuer = association.map(|name| language.pick(&name.zh, &name.en).to_owned());
    let mut titles: Vec<String> = Vec::new();
    for policy in statements.iter().filter_map(policy_of) {
        let title = title(policy, language);
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    Ok(PrintedDocket {
        issuer: issuer.unwrap_or_else(|| bundle.docket().issuer.clone()),
        number: number(bundle),
        policies: titles,
        drafted: day_in_words(issued_at, &zone, language),
        logged: logged.map(|at| day_in_words(at, &zone, language)),
        rows: statements.iter().zip(bundle.items()).map(row).collect(),
        seats: seats.collect(),
    })
}

/// The members of the list in force.
pub async fn members(registry: &Registry<'_>) -> Result<Vec<Member>, Error> {
    Ok(registry.members().await?.map(|list| list.members).unwrap_or_default())
}

fn statements(bundle: &Bundle) -> Vec<Statement> {
    bundle.items().iter().filter_map(|item| Statement::from_json(&item.statement.0).ok()).collect()
}

fn title(policy: &Policy, language: Language) -> String {
    match language {
        Language::Zh => format!("《{}》（{}版）", policy.title.zh, policy.version),
        Language::En => format!("{} ({})", policy.title.en, policy.version),
    }
}

fn row(statement: &Statement, item: &Item, policy: Option<&Policy>, issued_at: Time, language: Language) -> PrintedRow {
    let comma = language.pick("、", ", ");
    let details = item.details().unwrap_or_default();
    let kind = statement.kind().words().pick(language);
    let measure = statement.imposed().map(|imposed| measure_word(imposed.measure.kind, policy, language));
    let what = measure.map_or_else(|| kind.to_owned(), |measure| format!("{kind} · {measure}"));
    let until = match &statement.act {
        Act::Ruling { imposed, .. } | Act::Interim { imposed } => Some(imposed.measure.until),
        Act::Stay { until, .. } => Some(*until),
        _ => None,
    };
    let starts = statement.effective_at().map(|at| Start::drafted(at, issued_at));
    let term = until.zip(starts).map(|(until, starts)| Term::new(starts, until).text(&zone_of(policy), language));
    let scopes = statement.imposed().map(|imposed| {
        let scopes: Vec<String> = imposed.measure.scopes.iter().map(|scope| scope_word(scope, language)).collect();
        if scopes.is_empty() { language.pick("全部服务", "all services").to_owned() } else { scopes.join(comma) }
    });
    let hard = item.identities.iter().filter_map(|of| Identity::normalise(of.kind, &of.value, true).ok());
    let documents =
        hard.filter(|identity| identity.kind().is_hard()).map(|identity| document_text(&identity, language));
    PrintedRow {
        names: details.names.join(comma),
        documents: documents.collect::<Vec<_>>().join(comma),
        accounts: details.accounts,
        what,
        term: term.unwrap_or_default(),
        scopes: scopes.unwrap_or_default(),
    }
}
