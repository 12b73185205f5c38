//! What a member hasn't carried out, or not whole, as a file that a case takes as evidence: the registry's word of what is
//! open, and the member's own signed receipts, each verified.

use callboard_api::registry::{
    Page,
    propagation::{MemberCompliance, OpenDocket},
    receipts::LIST_DOCKET_RECEIPTS,
};
use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, Time, to_json},
    members::Members,
    receipt::check,
    zh_en,
};
use rand_core::CryptoRng;
use serde::Serialize;

use super::{propagation, registry::Registry};
use crate::Error;

/// Receipts of one question.
const PAGE: u64 = 1_000;

/// What stands open with a member, and what it said.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberEvidence {
    v: u64,
    /// Whose log.
    issuer: String,
    /// The member as the registry counts it, with what is open, the newest twenty.
    member: MemberCompliance,
    /// What it said of each of those, as it signed.
    receipts: Vec<DocketReceipts>,
    at: Time,
}

#[derive(Serialize)]
struct DocketReceipts {
    docket: Hash,
    /// In the order in which they were filed.
    envelopes: Vec<Envelope>,
    /// How many the registry shows besides that no key in force of the member signed: they prove nothing.
    unproven: u64,
}

impl MemberEvidence {
    /// Asks for all that is open with a member, and for what it signed of that.
    ///
    /// # Errors
    /// The member isn't bound, nothing is open with it, or a receipt isn't its own.
    pub async fn gather(registry: &Registry<'_>, member: &str, rng: &mut impl CryptoRng) -> Result<Self, Error> {
        let all = propagation::of_members(registry, rng).await?.members;
        let found = all.into_iter().find(|one| one.member == member).ok_or_else(|| {
            Error::other("no-member", || zh_en!("没有这一会员单位：{member}", "there is no member {member}"))
        })?;
        if found.open.is_empty() {
            return Err(Error::other("nothing-open", || {
                zh_en!(
                    "{member} 没有逾期、部分执行或者未执行的文书",
                    "nothing is overdue, declined or carried out in part with {member}"
                )
            }));
        }
        let members = registry.members().await?.ok_or_else(no_members)?;
        let mut receipts = Vec::with_capacity(found.open.len());
        for OpenDocket { docket, .. } in &found.open {
            receipts.push(signed(registry, &members, (member, *docket), rng).await?);
        }
        let (issuer, at) = (registry.pin().issuer.clone(), registry.caller().now());
        Ok(Self { v: 1, issuer, member: found, receipts, at })
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        to_json(self)
    }
}

fn no_members() -> Error {
    Error::other("no-members", || zh_en!("登记册中还没有会员单位名单", "the log has no list of members yet"))
}

/// What a member signed of a docket.
async fn signed(
    registry: &Registry<'_>,
    members: &Members,
    (member, docket): (&str, Hash),
    rng: &mut impl CryptoRng,
) -> Result<DocketReceipts, Error> {
    let (mut after, mut found) = (None, DocketReceipts { docket, envelopes: Vec::new(), unproven: 0 });
    loop {
        let page = Page { after, limit: Some(PAGE) };
        let question = LIST_DOCKET_RECEIPTS.with(&docket, &page, &());
        let Some(page) = registry.caller().find(&registry.pin().url, &question, rng).await? else { break };
        for receipt in page.receipts.into_iter().filter(|receipt| receipt.member == member) {
            let said = check(&receipt.envelope, |id| members.of_key(id).map(|(of, key)| (*key, &of.member)));
            if said.is_ok_and(|said| said.docket == docket && said.member.as_str() == member) {
                found.envelopes.push(receipt.envelope);
            } else {
                found.unproven += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(found)
}
