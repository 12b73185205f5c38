//! Public documents before they are signed: rosters, members, policies, each told as its difference to the one in force.
//!
//! Without the one in force at hand nothing later than a first version is signed. What a roster must hold is
//! `callboard_federation`'s, checked when its text is read; what a policy must hold besides, `rules`'. The difference is
//! [`crate::difference`]'s.

use callboard_client::{pin::Pin, visible::Visible};
use callboard_federation::{
    docket,
    encoding::{Hash, KeyId, RecordId, Time},
    language::Phrase,
    members::Members,
    policy::Policy,
    roster::Roster,
    statement::{Act, Kind, Statement},
};
use callboard_rules::policies;
use serde::Serialize;
use serde_json::Value;

use super::{
    SigningError, check_age,
    in_force::{InForce, documents},
};
use crate::{
    bundle::Bundle,
    difference::{key_words::keys_in_words, text::DifferenceText},
    key_card::CheckWords,
    language::Language,
};

/// What a signer of public documents holds them against.
pub struct Baseline<'a> {
    pub pin: Option<&'a Pin>,
    pub in_force: &'a InForce,
}

const LIST_OF_MEMBERS: Phrase = Phrase::new("会员单位名单", "list of members");

/// Whether a docket holds public documents.
pub fn is_public(bundle: &Bundle) -> bool {
    bundle.docket().items.iter().any(|item| item.kind.is_document())
}

/// The roster that a bundle brings, if it brings one.
pub fn next_roster(bundle: &Bundle) -> Option<Roster> {
    documents(bundle).find_map(|act| match act {
        Act::Roster(roster) => Some(roster.value),
        _ => None,
    })
}

/// What the roster or the list of members of a drafted bundle changes from those in force.
pub fn changes_of(bundle: &Bundle, roster: &Roster, members: Option<&Members>, language: Language) -> Vec<String> {
    let told = |act| match act {
        Act::Roster(next) => Some(roster_text(&next.value, Some(roster), bundle.hash(), language)),
        Act::Members(next) => Some(members_text(&next.value, members, language)),
        _ => None,
    };
    documents(bundle).filter_map(told).collect()
}

/// Checks a docket of public documents; gives what each changes.
pub fn check_public(
    bundle: &Bundle,
    against: &Baseline<'_>,
    signer: KeyId,
    now: Time,
    language: Language,
) -> Result<Vec<String>, SigningError> {
    let docket = bundle.docket();
    if against.pin.is_some_and(|pin| pin.issuer != docket.issuer) {
        return Err(SigningError::Issuer);
    }
    check_age(docket, now)?;
    let mut told = Vec::with_capacity(bundle.items().len());
    for (signed, item) in docket.items.iter().zip(bundle.items()) {
        let record = signed.record;
        let statement =
            Statement::from_json(&item.statement.0).map_err(|source| SigningError::Statement { record, source })?;
        if docket::Item::of(&statement, &item.statement.0, None) != *signed {
            return Err(SigningError::Item { record });
        }
        let before = against.in_force;
        told.push(match &statement.act {
            Act::Roster(roster) => {
                let before = roster_before(record, &roster.value, before)?;
                check_roster(&roster.value, bundle, against, signer)
                    .map_err(|why| SigningError::Document { record, why })?;
                roster_text(&roster.value, before, bundle.hash(), language)
            }
            Act::Members(members) => {
                members_text(&members.value, members_before(record, &members.value, before)?, language)
            }
            Act::Policy(policy) => {
                policies::check(&policy.value).map_err(|source| SigningError::Policy { record, source })?;
                if docket.roster > 1 && before.policies.is_empty() && !before.is_asked {
                    return Err(SigningError::NotAtHand { record, what: Kind::Policy.words() });
                }
                policy_text(&policy.value, policy.hash, before, language)
            }
            _ => return Err(SigningError::Item { record }),
        });
    }
    if let Some(roster) = &against.in_force.roster
        && !matches!(docket.items.as_slice(), [item] if item.kind == Kind::Roster)
    {
        super::check_docket(docket, &roster.asked(&docket.items), roster, signer, now)?;
    }
    Ok(told)
}

fn roster_before<'a>(
    record: RecordId,
    roster: &Roster,
    before: &'a InForce,
) -> Result<Option<&'a Roster>, SigningError> {
    match &before.roster {
        _ if roster.version <= 1 => Ok(None),
        None => Err(SigningError::NotAtHand { record, what: Kind::Roster.words() }),
        Some(current) => Ok(Some(current)),
    }
}

fn members_before<'a>(
    record: RecordId,
    members: &Members,
    before: &'a InForce,
) -> Result<Option<&'a Members>, SigningError> {
    match &before.members {
        None if members.version == 1 => Ok(None),
        None => Err(SigningError::NotAtHand { record, what: LIST_OF_MEMBERS }),
        Some(current) if Some(members.version) == current.version.checked_add(1) => Ok(Some(current)),
        Some(current) => Err(SigningError::NotNext { record, in_force: current.version, got: members.version }),
    }
}

fn check_roster(roster: &Roster, bundle: &Bundle, against: &Baseline<'_>, signer: KeyId) -> Result<(), Phrase> {
    if roster.issuer != bundle.docket().issuer {
        return Err(Phrase::new("它与文书属于不同的登记册", "it is of another issuer than its docket"));
    }
    if roster.expires <= bundle.docket().issued_at {
        return Err(Phrase::new("它在生效前已经到期", "it expires before it begins"));
    }
    if roster.version == 1 && against.pin.is_some_and(|pin| pin.genesis != bundle.hash()) {
        return Err(Phrase::new(
            "它与登记册校验文件所载的校验码不符",
            "its hash is not the one that the pin file names",
        ));
    }
    let is_seated = |roster: &Roster| roster.seat(&signer).is_some();
    match against.in_force.roster.as_ref().filter(|_| roster.version > 1) {
        None if is_seated(roster) => Ok(()),
        None => Err(Phrase::new("其中没有此密钥", "this key has no seat in it")),
        Some(current) if roster.may_follow(current).is_err() => {
            Err(Phrase::new("它不能接续现行签署权限名单", "it can't follow the roster in force"))
        }
        Some(current) if is_seated(roster) || is_seated(current) => Ok(()),
        Some(_) => {
            Err(Phrase::new("其中和现行名单中都没有此密钥", "this key has no seat in it, nor in the one in force"))
        }
    }
}

fn value(document: &impl Serialize) -> Value {
    // Every document came from JSON.
    serde_json::to_value(document).unwrap_or_default()
}

/// What differs of a roster or a list of members, its keys in words.
fn differing(before: Option<&impl Serialize>, after: &impl Serialize, language: Language) -> Vec<String> {
    let before = before.map(|before| keys_in_words(&value(before), language));
    DifferenceText::new(language, None).lines(before.as_ref(), &keys_in_words(&value(after), language))
}

/// The difference of `after` to `before`, under what it is and what it is held against.
fn told(title: String, against: Option<String>, lines: Vec<String>, language: Language) -> String {
    let count = lines.len();
    let against = against.map(|before| match (language, count) {
        (Language::Zh, 0) => format!("  与{before}相比，没有变化"),
        (Language::Zh, _) => format!("  与{before}相比，有{count}处变化：+ 增加，- 删去，~ 改动"),
        (Language::En, 0) => format!("  nothing changes from {before}"),
        (Language::En, 1) => format!("  1 change from {before} (+ added, - left out, ~ changed):"),
        (Language::En, _) => format!("  {count} changes from {before} (+ added, - left out, ~ changed):"),
    });
    std::iter::once(title).chain(against).chain(lines).collect::<Vec<_>>().join("\n")
}

pub fn roster_text(roster: &Roster, before: Option<&Roster>, hash: Hash, language: Language) -> String {
    let issuer = Visible(&roster.issuer);
    let title = match language {
        Language::Zh => format!("签署权限名单（第{}版） · {issuer}", roster.version),
        Language::En => format!("Roster {} · {issuer}", roster.version),
    };
    let against = before.map(|before| match language {
        Language::Zh => format!("现行第{}版", before.version),
        Language::En => format!("roster {}, which is in force", before.version),
    });
    let mut lines = differing(before, roster, language);
    if roster.version == 1 {
        lines.insert(0, format!("  {}{hash}", language.pick("登记册校验码：", "genesis hash: ")));
    }
    told(title, against, lines, language)
}

pub fn members_text(members: &Members, before: Option<&Members>, language: Language) -> String {
    let (version, count) = (members.version, members.members.len());
    let title = match language {
        Language::Zh => format!("会员名单（第{version}版） · 共{count}家"),
        Language::En => format!("Members {version} · {count} of them"),
    };
    let against = before.map(|before| match language {
        Language::Zh => format!("现行第{}版（{}家）", before.version, before.members.len()),
        Language::En => format!("list {} of {}, which is in force", before.version, before.members.len()),
    });
    let lines = differing(before, members, language);
    told(title, against, lines, language)
}

/// A policy as its difference to the latest other version that is at hand.
pub fn policy_text(policy: &Policy, hash: Hash, in_force: &InForce, language: Language) -> String {
    let title = Visible(language.pick(&policy.title.zh, &policy.title.en));
    let title = match language {
        Language::Zh => format!("规则《{title}》（{}版）", Visible(&policy.version)),
        Language::En => format!("Policy {title} ({}/{})", Visible(&policy.instrument), Visible(&policy.version)),
    };
    let before = in_force.policy_before(policy);
    let against = match (before, language) {
        (Some(before), Language::Zh) => format!("现行{}版", Visible(&before.version)),
        (Some(before), Language::En) => format!("version {}, which is in force", Visible(&before.version)),
        (None, _) => String::new(),
    };
    let mut lines = DifferenceText::new(language, Some(&policy.zone)).lines(before.map(value).as_ref(), &value(policy));
    // Beside the title: it is no change, and isn't counted as one.
    let words = CheckWords::of_hash(&hash).line(language);
    let title = format!("{title}\n  {}{words}", language.pick("核对词：", "check words: "));
    if before.is_none() {
        let said = if in_force.is_asked {
            language.pick(
                "  登记册中没有该规则的其他版本，全文如下：",
                "  no other version of it is logged; all that it says:",
            )
        } else {
            language.pick(
                "  未与登记册核对，全文如下：",
                "  the registry was not asked for other versions; all that it says:",
            )
        };
        lines.insert(0, said.to_owned());
        return told(title, None, lines, language);
    }
    told(title, Some(against), lines, language)
}

#[cfg(test)]
mod tests;
