//! A form of the next roster's page, read as one change.

use callboard_client::{
    public_file::{PublicFile, PublicSeat},
    runtime::error_chain,
};
use callboard_desk::{
    civil_day,
    member::{Deputy, NewRule, RosterChange},
};
use callboard_federation::{
    roster::{Role, RoleCount, RuleKey},
    tag::Epoch,
    tlog::vkey::VerifierKey,
    zh_en,
};

use crate::form::Form;

/// The names of the forms, as they stand in the field `what`.
pub(super) const WHAT: &str = "what";

pub(super) fn read(form: &Form) -> Result<RosterChange, String> {
    Ok(match form.get(WHAT) {
        "join" => RosterChange::Join(seat(form)?),
        "leave" => RosterChange::Leave(chosen(form, "holder")?),
        "new-key" => RosterChange::NewKey(seat(form)?),
        "deputy" => RosterChange::Deputy(Deputy { of: chosen(form, "holder")?, seat: seat(form)? }),
        "back" => RosterChange::Back(seat(form)?),
        "rule" => RosterChange::Rule(NewRule { of: rule_key(form)?, asks: asks(form)? }),
        "drop-rule" => RosterChange::DropRule(rule_key(form)?),
        "quorum" => RosterChange::Quorum(number(form, "quorum")?),
        "add-witness" => RosterChange::AddWitness(verifier_key(form)?),
        "drop-witness" => RosterChange::DropWitness(chosen(form, "witness")?),
        "expires" => RosterChange::Expires(civil_day::begins(form.get("day")).map_err(|error| error.to_string())?),
        "add-epoch" => match PublicFile::parse(form.pasted()) {
            Ok(PublicFile::TokenKey(key)) => RosterChange::AddEpoch(key),
            Ok(_) => {
                return Err(zh_en!("这不是身份代码密钥的公开文件", "this is not the public file of a token key"));
            }
            Err(error) => return Err(error_chain(&error)),
        },
        "close-epoch" => {
            let epoch = Epoch::new(number(form, "epoch")?);
            RosterChange::CloseEpoch(epoch.map_err(|error| error_chain(&error))?)
        }
        "add-log-key" => RosterChange::AddLogKey(verifier_key(form)?),
        "drop-log-keys" => RosterChange::DropOtherLogKeys,
        _ => return Err(zh_en!("请选择要改什么", "choose what is to change")),
    })
}

/// The seat of a public file that was chosen or pasted.
fn seat(form: &Form) -> Result<PublicSeat, String> {
    if form.pasted().trim().is_empty() {
        return Err(zh_en!("请选择或者粘贴公开文件（.pub.json）", "choose the public file (.pub.json), or paste it"));
    }
    match PublicFile::parse(form.pasted()) {
        Ok(PublicFile::Seat(seat)) => Ok(seat),
        Ok(_) => Err(zh_en!("这不是签署人的公开文件", "this is not the public file of a seat")),
        Err(error) => Err(error_chain(&error)),
    }
}

fn chosen(form: &Form, name: &str) -> Result<String, String> {
    Some(form.get(name))
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| zh_en!("请选择", "choose one"))
}

fn number(form: &Form, name: &str) -> Result<u64, String> {
    form.get(name).trim().parse().map_err(|_| zh_en!("请填写数字", "write a number"))
}

fn rule_key(form: &Form) -> Result<RuleKey, String> {
    RuleKey::try_from(chosen(form, "rule")?).map_err(|error| error_chain(&error))
}

/// How many of each role; an empty field asks none.
fn asks(form: &Form) -> Result<Vec<RoleCount>, String> {
    let mut asks = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| !form.get(role.as_str()).trim().is_empty()) {
        let count = number(form, role.as_str())?;
        if count > 0 {
            asks.push(RoleCount { role, count });
        }
    }
    Ok(asks)
}

fn verifier_key(form: &Form) -> Result<VerifierKey, String> {
    form.get("key")
        .trim()
        .parse()
        .map_err(|_| zh_en!("这不是验证密钥：请粘贴完整的一行", "this is no verifier key: paste the whole line"))
}
