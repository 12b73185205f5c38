//! To which `age` recipient the secretariat writes to a member: the one that the member itself signed, verified against
//! the proven list of members. The registry hands it on; with one of its own it would read what only the member may.

use callboard_api::registry::recipients::GET_RECIPIENT;
use callboard_client::visible::Visible;
use callboard_federation::{
    declaration::{self, MemberRecipient},
    members::MemberId,
    recipient::Recipient,
    zh_en,
};
use rand_core::CryptoRng;

use super::Reports;
use crate::Error;

impl Reports<'_> {
    pub(super) async fn recipient_of(&self, member: &MemberId, rng: &mut impl CryptoRng) -> Result<Recipient, Error> {
        let question = GET_RECIPIENT.with(&member.to_string(), &(), &());
        let found = self.registry.caller().find(&self.registry.pin().url, &question, rng).await?;
        let kept = found.ok_or_else(|| {
            Error::other("recipient-missing", || {
                zh_en!(
                    "{member} 的会员端尚未公布收件公钥：请其运行新版会员端",
                    "the agent of {member} has published no recipient yet: let it run a current agent"
                )
            })
        })?;
        let members = self.members.as_ref();
        let declared: MemberRecipient = declaration::check(&kept.envelope, |id| {
            let (member, key) = members?.of_key(id)?;
            Some((*key, &member.member))
        })
        .map_err(|source| false_recipient(member).because(source))?;
        if declared.member != *member || declared.issuer != self.registry.pin().issuer {
            return Err(false_recipient(member));
        }
        Ok(declared.recipient)
    }
}

fn false_recipient(member: &MemberId) -> Error {
    let member = Visible(member.as_str()).to_string();
    Error::other("recipient-false", || {
        zh_en!(
            "登记系统给出的 {member} 收件公钥不是该会员单位以现行密钥签署的：未作任何加密，请联系该会员单位和登记系统运营方",
            "what the registry gives as the recipient of {member} isn't signed with a key of it that is in force: nothing was \
             encrypted; ask that member, and the registry's operators"
        )
    })
}
