//! The forms of members: each drafts what follows the list in force, and goes to its difference.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::{
    http,
    public_file::{PublicFile, PublicMember},
    runtime::{error_chain, os_rng},
};
use callboard_desk::{
    civil_day,
    key_card::KeyCard,
    member::{Change, InForce, Joining, Leaving, MemberChange, Requorum},
};
use callboard_federation::{
    encoding::from_json,
    members::{Grant, MemberId},
    zh_en,
};

use super::in_force::{render, render_one};
use crate::{App, form::Form, proposal, session::Seat, work::What};

pub(crate) async fn propose(State(app): State<Arc<App>>, form: Form) -> Response {
    let wrong = async |seat: &Seat, status: StatusCode, why: String| match form.get("member") {
        "" => render(&app, seat, status, Some((why, &form))).await,
        member => render_one(&app, seat, member, status, Some((why, &form))).await,
    };
    proposal::propose(&app, async |seat| proposed(&app, seat, &form).await, wrong).await
}

async fn proposed(app: &App, seat: &Seat, form: &Form) -> Result<(), String> {
    let client = http::client().map_err(|error| error_chain(&error))?;
    let in_force = InForce::fetch(&client, &seat.pin, seat.now()).await.map_err(|error| error_chain(&error))?;
    let change = change(form)?;
    let amendment = change.draft(&in_force, &seat.id(), seat.now(), &mut os_rng());
    let amendment = amendment.map_err(|error| error_chain(&error))?;
    let title = zh_en!("会员单位的更改", "A change of members");
    let proposal = proposal::of_amendment(title, "/members", amendment, &in_force);
    let (mut proposal, bundles) = proposal.map_err(|error| error_chain(&error))?;
    if ["join", "add-key"].contains(&form.get("what")) {
        let card = KeyCard::of(&PublicFile::Member(public(form)?));
        proposal.confirm_key(&card.holder, card.words);
    }
    app.keep_unsent(bundles, What::Documents(proposal));
    Ok(())
}

fn change(form: &Form) -> Result<MemberChange, String> {
    if form.get("what") == "join" {
        return Ok(MemberChange::Join(Joining {
            members: vec![public(form)?],
            // Its witness key comes with a roster of its own: two dockets of one roster must be logged in their order.
            as_witnesses: false,
            quorum: None,
            per_day: number(form, "per-day")?,
            grant: grant(form)?,
        }));
    }
    let member = MemberId::try_from(form.get("member").to_owned()).map_err(|error| error_chain(&error))?;
    let mut change = Change::default();
    match form.get("what") {
        "leave" => return Ok(MemberChange::Leave(Leaving { members: vec![member] })),
        "witness" => {
            let quorum = number(form, "quorum")?;
            return Ok(MemberChange::Requorum(Requorum { quorum, members: vec![public(form)?] }));
        }
        "about" => {
            let name = form.get("name").trim();
            change.name = Some(name.to_owned()).filter(|name| !name.is_empty());
            change.contact = Some(form.get("contact").trim().to_owned());
        }
        "quota" => {
            change.per_day = Some(number(form, "per-day")?);
            change.grant = grant(form)?;
            change.drops_grants = form.has("drop-grants");
        }
        "add-key" => {
            change.add = vec![public(form)?];
            change.as_witness = form.has("witness");
        }
        "drop-key" => {
            let key = form.get("key").parse();
            change.drop = vec![key.map_err(|_| zh_en!("请选择密钥", "choose a key"))?];
        }
        "rotation" => {
            let request = from_json(form.pasted().trim().as_bytes());
            change.rotation = Some(request.map_err(|_| {
                zh_en!(
                    "这不是更换密钥的请求：请选择正确的文件",
                    "this is no request for new keys: choose the right file"
                )
            })?);
        }
        _ => return Err(zh_en!("请选择要改什么", "choose what is to change")),
    }
    Ok(MemberChange::Change(member, Box::new(change)))
}

/// The member of a public file that was chosen or pasted.
fn public(form: &Form) -> Result<PublicMember, String> {
    if form.pasted().trim().is_empty() {
        return Err(zh_en!("请选择或者粘贴公开文件（.pub.json）", "choose the public file (.pub.json), or paste it"));
    }
    match PublicFile::parse(form.pasted()) {
        Ok(PublicFile::Member(member)) => Ok(member),
        Ok(_) => Err(zh_en!("这不是会员单位的公开文件", "this is not the public file of a member")),
        Err(error) => Err(error_chain(&error)),
    }
}

fn number(form: &Form, name: &str) -> Result<u64, String> {
    form.get(name).trim().parse().map_err(|_| zh_en!("请填写数字", "write a number"))
}

/// Points besides those of a day, if some are named, with the day on which they end.
fn grant(form: &Form) -> Result<Option<Grant>, String> {
    if form.get("grant").trim().is_empty() {
        return Ok(None);
    }
    let until = civil_day::begins(form.get("until")).map_err(|error| error.to_string())?;
    Ok(Some(Grant { count: number(form, "grant")?, until }))
}
