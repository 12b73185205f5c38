//! Which fields the form of each act has.

use callboard_federation::{identity::IdentityKind, policy::Policy, zh_en};

use super::{
    act::Act,
    field::{Field, Group, Input, Wrong},
    row,
};
use crate::form::Form;

/// The fields of an act, with what was typed in them, and what is wrong with that; `interims` of the person, by id and what
/// they are.
pub(crate) fn groups(
    act: Act,
    policies: &[Policy],
    interims: &[(String, String)],
    form: &Form,
    wrong: &[Wrong],
) -> Vec<Group> {
    let mut groups = if act.has_row() { row::groups(act == Act::Interim, interims) } else { Vec::new() };
    if act == Act::Link {
        groups.push(Group { title: zh_en!("另一证件", "The other document"), fields: linked() });
    }
    groups.push(Group { title: zh_en!("本文书", "This docket"), fields: own(act, policies) });
    for field in groups.iter_mut().flat_map(|group| &mut group.fields) {
        form.get(&field.name).clone_into(&mut field.value);
        field.wrong = wrong.iter().find(|of| of.field.as_ref() == Some(&field.name)).map(|of| of.text.clone());
    }
    groups
}

fn linked() -> Vec<Field> {
    let kinds = IdentityKind::ALL.into_iter().filter(|kind| kind.is_hard());
    let kinds = kinds.map(|kind| (kind.as_str().to_owned(), kind.words().spoken().to_owned())).collect();
    vec![
        Field::new("kind", zh_en!("证件类型", "Document"), Input::Choice(kinds)),
        Field::new("identity", zh_en!("证件号码", "Its number"), Input::Line).required(),
        Field::new("confirmed", zh_en!("证件已对照原件核对", "Compared with the document itself"), Input::Tick),
    ]
}

fn own(act: Act, policies: &[Policy]) -> Vec<Field> {
    let line = |name: &str, label| Field::new(name, label, Input::Line);
    let text = |name: &str, label| Field::new(name, label, Input::Text);
    let day = |name: &str, label| Field::new(name, label, Input::Day);
    let mut fields = Vec::new();
    if act == Act::Rejoinder {
        fields.push(text("words", zh_en!("本人陈述", "In their own words")).required());
    }
    if act.has_start() {
        let hint = zh_en!("空白为自登记之日起", "empty: from when it is logged");
        fields.push(day("from", zh_en!("生效日期", "From")).hint(hint));
    }
    match act {
        Act::Stay => {
            let hint = zh_en!("空白为直至确认失效", "empty: until it is ended");
            fields.push(day("ends", zh_en!("暂缓期最后一日", "Last day of the pause")).hint(hint));
        }
        Act::Reinstate => {
            let hint = zh_en!("空白为没有观察期", "empty: no probation");
            fields.push(day("ends", zh_en!("观察期最后一日", "Last day of probation")).hint(hint));
            let hint = zh_en!("每行一条，全文密封", "one a line; they are sealed");
            fields.push(text("conditions", zh_en!("复出条件", "Conditions")).hint(hint));
        }
        Act::Erase => {
            let hint =
                zh_en!("审计报告列出的不计入条目，没有则空白", "of dockets that don't count, if an audit reported any");
            fields.push(line("uncounted", zh_en!("不计入的条目", "Entries that don't count")).hint(hint));
        }
        _ => {}
    }
    if act.has_reasons() {
        let label = match act {
            Act::Replace => zh_en!("撤销的理由", "Why the record is annulled"),
            _ => zh_en!("理由", "Reasons"),
        };
        fields.push(text("reasons", label).hint(zh_en!("全文密封给当事人", "sealed to the person")));
    }
    if act.has_policy() {
        let named = |policy: &Policy| {
            let (name, version) = (format!("{}/{}", policy.instrument, policy.version), &policy.version);
            (name, zh_en!(("《{}》（{version}版）", policy.title.zh), ("{} ({version})", policy.title.en)))
        };
        let is_told = !matches!(act, Act::Ruling | Act::Interim | Act::Link);
        let same = is_told.then(|| (String::new(), zh_en!("与原决定相同", "that of the record")));
        let choices = same.into_iter().chain(policies.iter().map(named)).collect();
        fields.push(Field::new("policy", zh_en!("依据的规则", "Under"), Input::Choice(choices)));
    }
    fields.push(line("number", zh_en!("文号", "Number of the letter")).hint(zh_en!("可不填", "if it has one")));
    if act.has_row() {
        let label = zh_en!("公布本决定，姓名遮蔽", "Publish it, names masked");
        fields.push(Field::new("publish", label, Input::Tick));
    } else {
        let hint = || zh_en!("不公布则空白；不得写出姓名和号码", "empty: nothing; never a name or a number");
        fields.push(text("public-zh", zh_en!("公布内容（中文）", "To be published, in Chinese")).hint(hint()));
        fields.push(text("public-en", zh_en!("公布内容（英文）", "To be published, in English")).hint(hint()));
    }
    fields
}
