//! Public documents before they are signed: rosters, members, policies, told in a summary.
//!
//! They need no registry: the first are signed before there is one. What a roster must hold is `callboard_federation`'s,
//! checked when its text is read; that the next roster may follow the one in force is checked where a registry answers.

use callboard_client::pin::Pin;
use callboard_federation::{
    docket,
    encoding::{Hash, KeyId, Time},
    members::Members,
    policy::Policy,
    roster::{EpochState, Roster},
    statement::{Act, Statement},
};

use super::{Refusal, check_age};
use crate::desk::{bundle::Bundle, language::Language, letter::shown};

/// What a signer of public documents may hold them against, as far as it is there.
pub struct Against<'a> {
    /// The pin.
    pub pin: Option<&'a Pin>,
    /// The roster in force.
    pub roster: Option<&'a Roster>,
}

/// Whether a docket holds public documents.
pub fn is_public(bundle: &Bundle) -> bool {
    bundle.docket().items.iter().any(|item| item.kind.is_document())
}

/// Checks a docket of public documents; gives a summary of each.
///
/// # Errors
/// The first [`Refusal`].
pub fn check_public(
    bundle: &Bundle,
    against: &Against<'_>,
    signer: KeyId,
    now: Time,
    language: Language,
) -> Result<Vec<String>, Refusal> {
    let docket = bundle.docket();
    if against.pin.is_some_and(|pin| pin.issuer != docket.issuer) {
        return Err(Refusal::Issuer);
    }
    check_age(docket, now)?;
    let mut summaries = Vec::with_capacity(bundle.items().len());
    for (signed, item) in docket.items.iter().zip(bundle.items()) {
        let record = signed.record;
        let statement =
            Statement::from_json(&item.statement.0).map_err(|source| Refusal::Statement { record, source })?;
        if docket::Item::of(&statement, &item.statement.0, None) != *signed {
            return Err(Refusal::Item { record });
        }
        let refused = |why| Refusal::Document { record, why };
        summaries.push(match &statement.act {
            Act::Roster(roster) => {
                check_roster(&roster.value, bundle, against, signer).map_err(refused)?;
                roster_text(&roster.value, bundle.hash(), language)
            }
            Act::Members(members) => members_text(&members.value, language),
            Act::Policy(policy) => policy_text(&policy.value, policy.hash, language),
            _ => return Err(Refusal::Item { record }),
        });
    }
    if let Some(roster) = against.roster
        && !matches!(docket.items.as_slice(), [item] if item.kind == callboard_federation::statement::Kind::Roster)
    {
        super::check_docket(docket, roster, signer, now)?;
    }
    Ok(summaries)
}

fn check_roster(roster: &Roster, bundle: &Bundle, against: &Against<'_>, signer: KeyId) -> Result<(), &'static str> {
    if roster.issuer != bundle.docket().issuer {
        return Err("it is of another issuer than its docket");
    }
    if roster.expires <= bundle.docket().issued_at {
        return Err("it expires before it begins");
    }
    if roster.version == 1 && against.pin.is_some_and(|pin| pin.genesis != bundle.hash()) {
        return Err("its hash is not the one that the pin file names");
    }
    let is_seated = |roster: &Roster| roster.seat(&signer).is_some();
    match against.roster.filter(|_| roster.version > 1) {
        None if is_seated(roster) => Ok(()),
        None => Err("this key has no seat in it"),
        Some(current) if roster.may_follow(current).is_err() => Err("it can't follow the roster in force"),
        Some(current) if is_seated(roster) || is_seated(current) => Ok(()),
        Some(_) => Err("this key has no seat in it, nor in the one in force"),
    }
}

fn roster_text(roster: &Roster, hash: Hash, language: Language) -> String {
    let mut lines = vec![match language {
        Language::Zh => format!("名册第 {} 版 · {} · 有效至 {}", roster.version, roster.issuer, roster.expires),
        Language::En => format!("Roster {} · {} · expires {}", roster.version, roster.issuer, roster.expires),
    }];
    if roster.version == 1 {
        lines.push(format!("  {}{hash}", language.pick("创世哈希：", "genesis hash: ")));
    }
    for seat in &roster.seats {
        lines.push(format!("  {} · {} · {}", seat.role, shown(&seat.holder), seat.public_key.id()));
    }
    for (key, rule) in &roster.thresholds {
        let counts: Vec<String> = rule.iter().map(|asked| format!("{} {}", asked.count, asked.role)).collect();
        lines.push(format!("  {} {} {}", String::from(*key), language.pick("需", "asks"), counts.join(" + ")));
    }
    for key in &roster.log {
        lines.push(format!("  {} {key}", language.pick("日志密钥", "log key")));
    }
    let (quorum, all) = (roster.witnesses.quorum, roster.witnesses.keys.len());
    lines.push(match language {
        Language::Zh => format!("  见证：{all} 个中至少 {quorum} 个"),
        Language::En => format!("  witnesses: {quorum} of {all}"),
    });
    lines.extend(roster.witnesses.keys.iter().map(|key| format!("    {key}")));
    for epoch in &roster.epochs {
        let state = match epoch.state {
            EpochState::Live => language.pick("启用", "live"),
            EpochState::Closed => language.pick("停用", "closed"),
        };
        lines.push(format!(
            "  {} {} · {state} · {}",
            language.pick("令牌密钥期", "token epoch"),
            epoch.number,
            epoch.public_key
        ));
    }
    lines.join("\n")
}

fn members_text(members: &Members, language: Language) -> String {
    let mut lines = vec![match language {
        Language::Zh => format!("会员名单第 {} 版 · {} 家", members.version, members.members.len()),
        Language::En => format!("Members {} · {} of them", members.version, members.members.len()),
    }];
    for member in &members.members {
        let per_day = member.quota.per_day;
        lines.push(format!(
            "  {} · {} · {per_day}{}",
            member.member,
            shown(&member.name),
            language.pick("/日", " a day")
        ));
        lines.extend(member.keys.iter().map(|key| format!("    {}", key.id())));
    }
    lines.join("\n")
}

fn policy_text(policy: &Policy, hash: Hash, language: Language) -> String {
    let title = language.pick(&policy.title.zh, &policy.title.en);
    let mut lines = vec![
        format!("{} {}/{} · {}", language.pick("规则", "Policy"), policy.instrument, policy.version, shown(title)),
        format!("  SHA-256 {hash}"),
        format!("  {} {} · {}", language.pick("施行", "in effect from"), policy.effective_from, policy.zone),
    ];
    for kind in policy.measures.keys() {
        let word = policy.words.get(kind).map(|words| language.pick(&words.zh, &words.en)).unwrap_or_default();
        lines.push(format!("  {kind} {} → {}", shown(word), policy.action(*kind)));
    }
    lines.push(match language {
        Language::Zh => {
            format!("  临时措施最长 {} 天 · {} 条违规条款", policy.interim.max_days, policy.violations.len())
        }
        Language::En => {
            format!("  interims of at most {} days · {} violations", policy.interim.max_days, policy.violations.len())
        }
    });
    lines.join("\n")
}
