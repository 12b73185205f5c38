//! What is put to the vote: statements drafted with a `procedure` of zeros, each for an item of the case. It is no docket
//! yet: nobody signs it, and once it is resolved a docket is made of it.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::{
    docket::Of,
    encoding::{CaseId, Hash},
    members::MemberId,
    roster::RuleKey,
    statement::{Kind, draft_hash},
    zh_en,
};
use callboard_rules::case::{
    Case,
    act::{Act, Hosts, Proposal, Unknown},
    number::ItemNumber,
    resolution::Resolution,
};

use super::{
    sealed::{Said, Subject},
    words,
};
use crate::{
    Error,
    bundle::{Bundle, ProposalOf},
};

/// The case and items of a bundle that is put to the vote.
///
/// # Errors
/// It is to be signed, or of another case.
pub fn proposal_in(bundle: &Bundle, case: CaseId) -> Result<&ProposalOf, Error> {
    match bundle.proposal() {
        Some(proposal) if proposal.case == case => Ok(proposal),
        _ => Err(Error::other("proposal-case", || {
            zh_en!("这不是提请该案件评议的文件", "this isn't a proposal in that case")
        })),
    }
}

/// What is voted on: each item with its draft hashes; only these items, if any are named.
pub fn proposals(bundle: &Bundle, case: CaseId, only: &[ItemNumber]) -> Result<Vec<Proposal>, Error> {
    let of = proposal_in(bundle, case)?;
    let mut by_item: BTreeMap<ItemNumber, Vec<Hash>> = BTreeMap::new();
    for (item, statement) in of.items.iter().zip(bundle.items()) {
        if !only.is_empty() && !only.contains(item) {
            continue;
        }
        let draft = draft_hash(&statement.statement.0).map_err(|source| Error::below("draft", source))?;
        by_item.entry(*item).or_default().push(draft);
    }
    if let Some(item) = only.iter().find(|item| !by_item.contains_key(item)) {
        return Err(Error::other("proposal-item", || {
            zh_en!("提请评议的文件中没有第{item}人", "the proposal has nothing for item {item}")
        }));
    }
    Ok(by_item.into_iter().map(|(item, drafts)| Proposal { item, drafts }).collect())
}

/// Whether a bundle is what is voted on, word for word, for these items.
pub fn is_what(bundle: &Bundle, case: CaseId, items: &BTreeMap<ItemNumber, Vec<Hash>>) -> Result<bool, Error> {
    let only: Vec<ItemNumber> = items.keys().copied().collect();
    let own = proposals(bundle, case, &only)?;
    let same = |proposal: &Proposal| {
        let drafts: BTreeSet<&Hash> = proposal.drafts.iter().collect();
        items.get(&proposal.item).is_some_and(|voted| voted.iter().collect::<BTreeSet<_>>() == drafts)
    };
    Ok(own.len() == items.len() && own.iter().all(same))
}

/// The resolution that ends in an event, if it stands.
///
/// # Errors
/// Something overtook it, or it was issued.
pub fn resolution<'c>(case: &'c Case, procedure: &Hash) -> Result<&'c Resolution, Error> {
    let standing = case.resolution_of(procedure).ok().filter(|resolution| resolution.stands());
    standing.ok_or_else(|| {
        Error::other("case-resolution", || zh_en!("该决议已不再有效", "the resolution doesn't stand any more"))
    })
}

/// The drafts of a resolution.
pub fn drafts_of(resolution: &Resolution) -> BTreeSet<Hash> {
    resolution.items.values().flatten().copied().collect()
}

/// The items of a proposal that the case lacks, each to be added with whom it is about. The members of its accounts host
/// it, beside those that are named for all; a guardian is named of minors alone.
pub fn items_to_add(
    bundle: &Bundle,
    case: &Case,
    hosts: &[MemberId],
    reporters: &[MemberId],
) -> Result<Vec<(Act, Said)>, Error> {
    let of = proposal_in(bundle, case.id())?;
    let mut items: BTreeMap<ItemNumber, (Vec<RuleKey>, bool, Vec<Subject>)> = BTreeMap::new();
    for ((number, signed), item) in of.items.iter().zip(&bundle.docket().items).zip(bundle.items()) {
        let (decides, minor, subjects) = items.entry(*number).or_default();
        let key = decided(signed.kind, signed.of);
        if !decides.contains(&key) {
            decides.push(key);
        }
        if let Some(plain) = item.details() {
            *minor |= plain.guardian.is_some();
            subjects.push(Subject { item: *number, names: plain.names, accounts: plain.accounts });
        }
    }
    for (number, (decides, ..)) in &items {
        let known = case.items.get(number);
        if let Some(key) = known.and_then(|item| decides.iter().find(|key| !item.decides.contains(key))) {
            let decision = words::decision(*key);
            return Err(Error::other("proposal-decides", || {
                zh_en!(
                    "第{number}人的可以决定事项中没有“{decision}”：请选择另一序号，或者另行列入",
                    "item {number} isn't to be decided by {decision}: choose another number, or add an item"
                )
            }));
        }
    }
    let missing = items.into_iter().filter(|(number, _)| !case.items.contains_key(number));
    let add = |(item, (decides, minor, subjects)): (ItemNumber, (Vec<RuleKey>, bool, Vec<Subject>))| {
        let accounts = subjects.iter().flat_map(|subject| &subject.accounts);
        let of_accounts = accounts.filter_map(|account| account.split_once(':')?.0.to_owned().try_into().ok());
        let hosts: BTreeSet<MemberId> = hosts.iter().cloned().chain(of_accounts).collect();
        let (hosts, appeals) = (hosts_of(hosts), appealed(case, item)?);
        let act = Act::ItemAdded { item, decides, hosts, reporters: reporters.to_vec(), minor, appeals };
        Ok((act, Said { subjects, ..Said::default() }))
    };
    missing.map(add).collect()
}

/// In an appeal the item of the first case that one is about: the only one that was appealed, or that of the same number.
///
/// # Errors
/// Several were appealed, and none has this number.
pub fn appealed(case: &Case, item: ItemNumber) -> Result<Option<ItemNumber>, Error> {
    let Some(appeal) = &case.appeal else { return Ok(None) };
    let items: Vec<ItemNumber> = appeal.items().collect();
    match items.as_slice() {
        [only] => Ok(Some(*only)),
        items if items.contains(&item) => Ok(Some(item)),
        _ => Err(Error::other("proposal-appeals", || {
            zh_en!(
                "第{item}人：请先列入案件，并写明针对原案第几人",
                "item {item}: add it to the case first, and say which item of the first case it is about"
            )
        })),
    }
}

/// Members as those who host an item; without any it isn't known who does.
pub fn hosts_of(members: impl IntoIterator<Item = MemberId>) -> Hosts {
    let members: Vec<MemberId> = members.into_iter().collect();
    if members.is_empty() { Hosts::Unknown(Unknown::Unknown) } else { Hosts::Named(members) }
}

/// What an item decides on which something is drafted: of an interim the ruling that it goes before.
const fn decided(kind: Kind, of: Option<Of>) -> RuleKey {
    match (kind, of) {
        (Kind::Interim, _) => RuleKey { kind: Kind::Ruling, of: None },
        (_, Some(Of::About(_))) => RuleKey { kind, of },
        _ => RuleKey { kind, of: None },
    }
}
