//! Statements as JSON: one flat object, whose `kind` says which members it has.
//!
//! Read into all members that any kind has, then taken apart by kind: what is left over belongs to another kind.

use serde::{Deserialize, Serialize};

use super::{
    Act, Basis, Details, Imposition, Kind, MAX_ABOUT, MAX_BYTES, MAX_DOCUMENT_BYTES, Measure, MeasureKind, PolicyRef,
    Probation, Statement, StatementError, Subject,
};
use crate::{
    document::Document,
    encoding::{Hash, RecordId, Salt, Time, from_json, to_json},
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Raw {
    v: u64,
    id: RecordId,
    kind: Kind,
    salt: Salt,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<Measure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<Vec<RecordId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probation: Option<Probation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<PolicyRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    procedure: Option<Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncounted: Option<Vec<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Statement, StatementError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(StatementError::TooLong { limit: MAX_DOCUMENT_BYTES });
    }
    let mut raw: Raw = from_json(bytes)?;
    if raw.v != 1 {
        return Err(StatementError::Version);
    }
    if !raw.kind.is_document() && bytes.len() > MAX_BYTES {
        return Err(StatementError::TooLong { limit: MAX_BYTES });
    }
    let act = raw.take_act()?;
    if !raw.is_spent() {
        return Err(StatementError::OfAnotherKind(raw.kind));
    }
    Ok(Statement { id: raw.id, salt: raw.salt, act })
}

impl Raw {
    fn take_act(&mut self) -> Result<Act, StatementError> {
        Ok(match self.kind {
            Kind::Ruling => {
                let about = if self.about.is_some() { self.take_about()? } else { Vec::new() };
                Act::Ruling { imposed: self.take_imposed()?, about }
            }
            Kind::Interim => {
                let imposed = self.take_imposed()?;
                let measured = matches!(imposed.measure.kind, MeasureKind::Restriction | MeasureKind::Suspension);
                if !measured || imposed.measure.until.is_none() {
                    return Err(StatementError::Interim);
                }
                Act::Interim { imposed }
            }
            Kind::Annulment => {
                Act::Annulment { about: self.take_about()?, basis: self.take_basis()?, details: self.details.take() }
            }
            Kind::End => Act::End {
                effective_at: self.take_effective_at()?,
                about: self.take_about()?,
                basis: self.take_basis()?,
                details: self.details.take(),
            },
            Kind::Stay => Act::Stay {
                effective_at: self.take_effective_at()?,
                about: self.take_about()?,
                until: self.until.take(),
                basis: self.take_basis()?,
            },
            Kind::Reinstatement => Act::Reinstatement {
                effective_at: self.take_effective_at()?,
                about: self.take_about()?,
                probation: self.probation.take(),
                basis: self.take_basis()?,
                details: self.details.take(),
            },
            Kind::Dispute => Act::Dispute { about: self.take_about()? },
            Kind::Rejoinder => {
                Act::Rejoinder { about: self.take_about()?, details: need(&mut self.details, "details")? }
            }
            Kind::Link => {
                let (effective_at, subject) = (self.take_effective_at()?, self.take_subject()?);
                if subject.tags.len() < 2 || subject.tags.iter().any(|tag| tag.soft) {
                    return Err(StatementError::Subject);
                }
                Act::Link { effective_at, subject, basis: self.take_basis()? }
            }
            Kind::Erasure => {
                let (about, uncounted) = (self.take_about()?, need(&mut self.uncounted, "uncounted")?);
                if !uncounted.is_sorted_by(|a, b| a < b) {
                    return Err(StatementError::Uncounted);
                }
                Act::Erasure { about, uncounted }
            }
            Kind::Roster => Act::Roster(Box::new(Document::read(self.take_document()?)?)),
            Kind::Members => Act::Members(Box::new(Document::read(self.take_document()?)?)),
            Kind::Policy => Act::Policy(Box::new(Document::read(self.take_document()?)?)),
        })
    }

    fn take_imposed(&mut self) -> Result<Imposition, StatementError> {
        let effective_at = self.take_effective_at()?;
        let subject = self.take_subject()?;
        let measure = need(&mut self.measure, "measure")?;
        if measure.until.is_some_and(|until| until <= effective_at) {
            return Err(StatementError::Until);
        }
        if has_repeats(&measure.scopes) {
            return Err(StatementError::Scopes);
        }
        let details = need(&mut self.details, "details")?;
        if !details.are_wrapped_for(&subject.wrapped()) {
            return Err(StatementError::Wraps);
        }
        Ok(Imposition { effective_at, subject, measure, basis: self.take_basis()?, details })
    }

    fn take_subject(&mut self) -> Result<Subject, StatementError> {
        let subject = need(&mut self.subject, "subject")?;
        if subject.is_well_formed() { Ok(subject) } else { Err(StatementError::Subject) }
    }

    fn take_basis(&mut self) -> Result<Basis, StatementError> {
        Ok(Basis { policy: need(&mut self.policy, "policy")?, procedure: need(&mut self.procedure, "procedure")? })
    }

    fn take_about(&mut self) -> Result<Vec<RecordId>, StatementError> {
        let about = need(&mut self.about, "about")?;
        if (1..=MAX_ABOUT).contains(&about.len()) && !has_repeats(&about) {
            Ok(about)
        } else {
            Err(StatementError::About)
        }
    }

    fn take_effective_at(&mut self) -> Result<Time, StatementError> {
        need(&mut self.effective_at, "effectiveAt")
    }

    fn take_document(&mut self) -> Result<String, StatementError> {
        need(&mut self.document, "document")
    }

    /// Whether every member that isn't each kind's was taken.
    const fn is_spent(&self) -> bool {
        self.effective_at.is_none()
            && self.subject.is_none()
            && self.measure.is_none()
            && self.about.is_none()
            && self.until.is_none()
            && self.probation.is_none()
            && self.policy.is_none()
            && self.procedure.is_none()
            && self.details.is_none()
            && self.uncounted.is_none()
            && self.document.is_none()
    }
}

pub(super) fn write(statement: &Statement) -> Vec<u8> {
    let (mut until, mut probation, mut uncounted, mut document) = (None, None, None, None);
    match &statement.act {
        Act::Stay { until: end, .. } => until = *end,
        Act::Reinstatement { probation: watch, .. } => probation = *watch,
        Act::Erasure { uncounted: indexes, .. } => uncounted = Some(indexes.clone()),
        Act::Roster(roster) => document = Some(roster.text.clone()),
        Act::Members(members) => document = Some(members.text.clone()),
        Act::Policy(policy) => document = Some(policy.text.clone()),
        _ => {}
    }
    let about = statement.about();
    to_json(&Raw {
        v: 1,
        id: statement.id,
        kind: statement.kind(),
        salt: statement.salt,
        effective_at: statement.effective_at(),
        subject: statement.subject().cloned(),
        measure: statement.imposed().map(|imposed| imposed.measure.clone()),
        about: (!about.is_empty()).then(|| about.to_vec()),
        until,
        probation,
        policy: statement.basis().map(|basis| basis.policy.clone()),
        procedure: statement.basis().map(|basis| basis.procedure),
        details: statement.details().cloned(),
        uncounted,
        document,
    })
}

fn need<T>(member: &mut Option<T>, name: &'static str) -> Result<T, StatementError> {
    member.take().ok_or(StatementError::Missing(name))
}

/// For lists that the formats bound to some dozens.
fn has_repeats<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(at, item)| list[..at].contains(item))
}
