//! The fields that are a row of a sheet: whom a measure is on, which, for how long, and why.

use callboard_client::runtime::os_rng;
use callboard_desk::{
    Error,
    letter::earlier_record::zone_of,
    people::search::Hit,
    sheet::{Column, Finding, FindingKind, one_row},
};
use callboard_federation::{
    identity::IdentityKind,
    statement::{MeasureKind, Statement},
    zh_en,
};

use super::field::{Field, Group, Input, Wrong};
use crate::{
    App,
    form::Form,
    session::{Seat, drafts},
};

/// How many documents a form takes.
const DOCUMENTS: u8 = 3;
/// The name of the tick that a decision on a minor was approved.
pub(crate) const APPROVED: &str = "approved";

/// The columns of a form, in its order, each with the name of its field.
fn columns() -> Vec<(Column, String)> {
    let documents = (1..=DOCUMENTS).flat_map(|number| {
        [(Column::Kind(number), format!("kind-{number}")), (Column::Identity(number), format!("identity-{number}"))]
    });
    let others = [
        (Column::Confirmed, "confirmed"),
        (Column::SubjectType, "subject"),
        (Column::Names, "names"),
        (Column::Aliases, "aliases"),
        (Column::Accounts, "accounts"),
        (Column::Measure, "measure"),
        (Column::Scopes, "scopes"),
        (Column::EffectiveAt, "start"),
        (Column::Term, "term"),
        (Column::Until, "until"),
        (Column::Violations, "violations"),
        (Column::ConductFrom, "conduct-from"),
        (Column::ConductTo, "conduct-to"),
        (Column::Evidence, "evidence"),
        (Column::Follows, "follows"),
        (Column::Reasons, "facts"),
        (Column::Guardian, "guardian"),
        (Column::Born, "born"),
    ];
    documents.chain(others.map(|(column, name)| (column, name.to_owned()))).collect()
}

/// The fields, empty; `interims` of the person, by id and what they are, which a ruling may follow.
pub(crate) fn groups(is_interim: bool, interims: &[(String, String)]) -> Vec<Group> {
    let kinds = || {
        let kinds = IdentityKind::ALL.into_iter().filter(|kind| *kind != IdentityKind::PassportHolder);
        let choice = |kind: IdentityKind| (kind.as_str().to_owned(), kind.words().spoken().to_owned());
        Input::Choice(kinds.map(choice).collect())
    };
    let measures = MeasureKind::ALL.map(|kind| (kind.as_str().to_owned(), kind.words().to_string()));
    let subjects = [
        ("person", zh_en!("个人", "a person")),
        ("enterprise", zh_en!("企业", "an enterprise")),
        ("persona", zh_en!("虚拟主播", "a virtual persona")),
    ];
    let subjects = subjects.map(|(word, label)| (word.to_owned(), label)).into();
    let mut whom = Vec::new();
    for number in 1..=DOCUMENTS {
        let (kind, identity) = (format!("kind-{number}"), format!("identity-{number}"));
        whom.push(Field::new(kind, zh_en!("证件类型 {number}", "Document {number}"), kinds()));
        let field = Field::new(identity, zh_en!("证件号码 {number}", "Its number {number}"), Input::Line);
        whom.push(if number == 1 { field.required() } else { field });
    }
    let line = |name: &str, label| Field::new(name, label, Input::Line);
    let day = |name: &str, label| Field::new(name, label, Input::Day);
    whom.extend([
        Field::new("confirmed", zh_en!("证件已对照原件核对", "Compared with the document itself"), Input::Tick)
            .hint(zh_en!("程序对号码有疑问时须勾选", "to be ticked where a number is doubted")),
        Field::new("subject", zh_en!("当事人类型", "Subject"), Input::Choice(subjects)),
        line("names", zh_en!("姓名", "Name")).required(),
        line("aliases", zh_en!("艺名", "Stage names")).hint(zh_en!("多个用分号隔开", "between semicolons")),
        line("accounts", zh_en!("账号", "Accounts"))
            .hint(zh_en!("会员单位:账号，多个用分号隔开", "MEMBER:ACCOUNT, between semicolons")),
        day("born", zh_en!("出生日期", "Born")).hint(zh_en!("证件看不出时填写", "where no document tells it")),
        line("guardian", zh_en!("监护人及联系方式", "Guardian, and how to reach them"))
            .hint(zh_en!("行为时未满十八周岁的须填", "of whoever was under 18 at the conduct")),
        Field::new(APPROVED, zh_en!("行为时未成年，已获批准", "Under 18 at the conduct: it was approved"), Input::Tick),
    ]);
    let mut what = vec![
        Field::new("measure", zh_en!("措施", "Measure"), Input::Choice(measures.into())),
        line("scopes", zh_en!("适用服务", "Services")).hint(zh_en!(
            "直播、录播、商业推广、代言、评优评奖；空白为规则允许的全部服务",
            "live, recorded, promotion, endorsement, award; empty: all that the policy allows"
        )),
        day("start", zh_en!("生效日期", "From")).hint(zh_en!("空白为自登记之日起", "empty: from when it is logged")),
        line("term", zh_en!("期限", "Term")).hint(zh_en!(
            "五年、3个月、30天、长期；或者填写最后一日",
            "5 years, 3 months, 30 days, indefinite; or the last day"
        )),
        day("until", zh_en!("最后一日", "Last day")),
    ];
    if !is_interim && !interims.is_empty() {
        let none = (String::new(), zh_en!("没有", "none"));
        let choices = std::iter::once(none).chain(interims.iter().cloned()).collect();
        what.push(Field::new("follows", zh_en!("所依临时措施", "Follows the interim"), Input::Choice(choices)));
    }
    let why = vec![
        line("violations", zh_en!("违规条款", "Violations")).required().hint(zh_en!("例如 NB-11", "such as NB-11")),
        day("conduct-from", zh_en!("行为开始", "Conduct from")),
        day("conduct-to", zh_en!("行为结束", "Conduct to")),
        line("evidence", zh_en!("证据校验码", "Evidence"))
            .hint(zh_en!("证据文件的 SHA-256，可不填", "SHA-256 of each piece, if any")),
        Field::new("facts", zh_en!("事实和理由", "Facts and reasons"), Input::Text).required(),
    ];
    vec![
        Group { title: zh_en!("当事人", "Whom"), fields: whom },
        Group { title: zh_en!("决定", "What"), fields: what },
        Group { title: zh_en!("违规情形", "Why"), fields: why },
    ]
}

/// What was typed, as a sheet of one row.
pub(crate) fn sheet(form: &Form) -> Vec<u8> {
    let is_empty = |name: &str| form.get(name).trim().is_empty();
    let value = |(column, name): (Column, String)| {
        let value = match column {
            Column::Kind(number) if is_empty(&format!("identity-{number}")) => String::new(),
            Column::Confirmed if form.has(&name) => "yes".to_owned(),
            _ => form.get(&name).to_owned(),
        };
        (column, value)
    };
    one_row::sheet_of(&columns().into_iter().map(value).collect::<Vec<_>>())
}

/// What is wrong with it, by its fields.
pub(crate) fn wrong(findings: &[Finding]) -> Vec<Wrong> {
    let of = |finding: &Finding| {
        let named = columns().into_iter().find(|(column, _)| Some(*column) == finding.place.column);
        let text = match finding.wrong {
            FindingKind::MinorNotApproved => zh_en!(
                "当事人行为时未满十八周岁：须经批准，并在下面勾选",
                "the subject was under 18 at the conduct: it is approved first, and ticked below"
            ),
            _ => finding.wrong.words().spoken().to_owned(),
        };
        Wrong { field: named.map(|(_, name)| name), text }
    };
    findings.iter().map(of).collect()
}

/// The fields as somebody's record says them; of a person of whom only documents are known, those.
pub(crate) async fn proposed(app: &App, seat: &Seat, hits: &[Hit], own: Option<&Hit>) -> Form {
    let read = match own {
        Some(hit) => fields_of(app, seat, hit).await.ok().flatten(),
        None => None,
    };
    let fields = read.unwrap_or_else(|| documents_of(hits));
    let names = columns();
    fields.into_iter().fold(Form::default(), |form, (column, value)| {
        match names.iter().find(|(other, _)| *other == column) {
            Some((_, name)) if !value.is_empty() => form.with(name, [value]),
            _ => form,
        }
    })
}

/// What a record's bundle says; nothing where this key doesn't open it any more.
async fn fields_of(app: &App, seat: &Seat, hit: &Hit) -> Result<Option<Vec<(Column, String)>>, Error> {
    let Some(draft) = hit.docket.draft else { return Ok(None) };
    drafts!(seat, drafts);
    let opened = drafts.open(draft, &mut os_rng()).await?;
    let item = opened.bundle.items().get(hit.entry.position as usize);
    let read = item.and_then(|item| {
        let statement = Statement::from_json(&item.statement.0).ok()?;
        let (details, now) = (item.details()?, seat.now());
        Some(one_row::fields_of(statement.imposed()?, &details, &item.identities, &zone_of(None), now, app.language()))
    });
    Ok(read)
}

fn documents_of(hits: &[Hit]) -> Vec<(Column, String)> {
    let mut fields = Vec::new();
    let named = hits.iter().find(|hit| !hit.entry.names.is_empty());
    fields.extend(named.and_then(|hit| hit.entry.names.first()).map(|name| (Column::Names, name.clone())));
    let with = hits.iter().find(|hit| !hit.entry.identities.is_empty());
    let identities = with.map(|hit| hit.entry.identities.as_slice()).unwrap_or_default();
    for (number, identity) in (1..=DOCUMENTS).zip(identities) {
        fields.push((Column::Kind(number), identity.kind.to_string()));
        fields.push((Column::Identity(number), identity.value.clone()));
    }
    fields
}
