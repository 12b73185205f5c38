//! The forms of the secretariat's acts: whom a case is about, what is filed, who was told, and what they said.

use callboard_desk::cases::{overview::objection, words};
use callboard_federation::{
    language::Phrase,
    roster::{Role, RuleKey},
    statement::Kind,
    zh_en,
};
use callboard_rules::case::{
    act::{Addressee, EvidenceKind, Filer, Representative},
    appeal::Appeal,
    number::ItemNumber,
};

use super::{ActForm, FieldKind, Forms, of_word, runs, word_of};

/// What may be decided about somebody, as a form offers it.
fn decisions() -> Vec<(String, String)> {
    let mut keys = vec![RuleKey { kind: Kind::Ruling, of: None }, RuleKey { kind: Kind::Link, of: None }];
    let about = [
        "annulment/ruling",
        "annulment/interim",
        "annulment/link",
        "reinstatement/ruling",
        "stay/ruling",
        "end/ruling",
        "end/stay",
        "annulment/reinstatement",
        "end/reinstatement",
    ];
    keys.extend(about.into_iter().filter_map(of_word::<RuleKey>));
    keys.into_iter().map(|key| (word_of(&key), words::decision(key))).collect()
}

impl Forms<'_> {
    pub(super) fn of_secretariat(&self, word: &str) -> Option<ActForm> {
        self.of_people(word)
            .or_else(|| self.of_papers(word))
            .or_else(|| self.of_words(word))
            .or_else(|| self.behind_decision(word))
    }

    /// Whom the case is about, and who acts for them.
    fn of_people(&self, word: &str) -> Option<ActForm> {
        let choices = |all: Vec<(String, String)>| FieldKind::Choice(all);
        Some(match word {
            "add-item" => {
                let next = self.case().items.keys().max().map_or(1, |last| last.saturating_add(1));
                let members =
                    self.members.iter().map(|(id, name)| (id.clone(), name.clone(), false)).collect::<Vec<_>>();
                let ticked = |name: &'static str| {
                    members
                        .iter()
                        .map(|(id, text, _)| (id.clone(), text.clone(), self.typed.all(name).any(|typed| typed == id)))
                        .collect()
                };
                let decides = decisions().into_iter().map(|(word, text)| {
                    let is_first = !self.typed.has("names") && word == "ruling";
                    let is_ticked = is_first || self.typed.all("decides").any(|typed| typed == word);
                    (word, text, is_ticked)
                });
                let minor = vec![(
                    "1".to_owned(),
                    zh_en!("行为时未满18周岁", "under 18 at the conduct"),
                    self.typed.has("minor"),
                )];
                let appealed = self.case().appeal.iter().flat_map(Appeal::items);
                let appealed: Vec<_> = appealed.map(|item| (item.to_string(), words::items([item]))).collect();
                let mut form = ActForm::new(
                    "add-item",
                    Phrase::new("列入当事人", "Add a person"),
                    vec![
                        self.field("names", Phrase::new("姓名（密封）", "Name (sealed)"), FieldKind::Line, ""),
                        self.field(
                            "accounts",
                            Phrase::new("账号（密封，可不填）", "Accounts, if any (sealed)"),
                            FieldKind::Line,
                            "",
                        ),
                        self.field(
                            "decides",
                            Phrase::new("可以决定", "What may be decided"),
                            FieldKind::Ticks(decides.collect()),
                            "",
                        ),
                        self.field(
                            "hosts",
                            Phrase::new(
                                "所在平台或签约单位（不详的不选）",
                                "Who hosts them or has a contract with them; none: unknown",
                            ),
                            FieldKind::Ticks(ticked("hosts")),
                            "",
                        ),
                        self.field(
                            "reporters",
                            Phrase::new("举报单位（没有的不选）", "Members that reported them, if any"),
                            FieldKind::Ticks(ticked("reporters")),
                            "",
                        ),
                        self.field("minor", Phrase::new("年龄", "Age"), FieldKind::Ticks(minor), ""),
                    ],
                );
                if !appealed.is_empty() {
                    let label = Phrase::new("针对原案何人", "Which of the first case it is about");
                    form.fields.insert(0, self.field("appeals", label, FieldKind::Choice(appealed), ""));
                }
                form.hidden("item", &next)
            }
            "drop-item" => ActForm::new(
                "drop-item",
                Phrase::new("不再处理", "Don't pursue it"),
                vec![
                    self.field("item", Phrase::new("第几人", "Item"), FieldKind::Line, ""),
                    self.text(Phrase::new("理由（密封）", "Why (sealed)")),
                ],
            ),
            "represented" => {
                let by = Representative::ALL
                    .map(|by| (by.as_str().to_owned(), words::representative(by).to_string()))
                    .into();
                ActForm::new(
                    "represented",
                    Phrase::new("记录代理", "Enter who acts for them"),
                    vec![
                        self.items(&[]),
                        self.field("by", Phrase::new("代理人身份", "As what"), choices(by), ""),
                        self.text(Phrase::new("代理人（密封）", "Who it is (sealed)")),
                    ],
                )
            }
            _ => return None,
        })
    }

    /// What is filed: evidence, and that somebody was told.
    fn of_papers(&self, word: &str) -> Option<ActForm> {
        let choices = |all: Vec<(String, String)>| FieldKind::Choice(all);
        Some(match word {
            "evidence" => {
                // Another association's docket comes with its proof, which `callboard case evidence --docket` verifies.
                let kinds = EvidenceKind::ALL.into_iter().filter(|kind| *kind != EvidenceKind::ForeignDocket);
                let kinds = kinds.map(|kind| (kind.as_str().to_owned(), kind.phrase().to_string())).collect();
                ActForm::new(
                    "evidence",
                    Phrase::new("提交证据", "Add evidence"),
                    vec![
                        self.items(&[]),
                        self.field("kind", Phrase::new("证据种类", "What it is"), choices(kinds), ""),
                        self.field("file", Phrase::new("证据文件", "The file"), FieldKind::File, ""),
                    ],
                )
                .note(Phrase::new(
                    "文件留在本机，只提交其摘要。",
                    "The file stays on this computer: only its hash leaves it.",
                ))
            }
            "notified" => {
                let to = Addressee::ALL.map(|to| (to.as_str().to_owned(), words::addressee(to).to_string())).into();
                let [day, clock] =
                    self.when(Phrase::new("送达日期", "Day of delivery"), Phrase::new("送达时刻", "Time of delivery"));
                ActForm::new(
                    "notified",
                    Phrase::new("记录送达", "Prove the notice"),
                    vec![
                        self.items(&[]),
                        self.field("to", Phrase::new("告知何人", "Who was told"), choices(to), ""),
                        day,
                        clock,
                        self.field("file", Phrase::new("送达证明文件", "Proof of delivery"), FieldKind::File, ""),
                    ],
                )
                .note(Phrase::new(
                    "文件留在本机，只提交其摘要。",
                    "The file stays on this computer: only its hash leaves it.",
                ))
            }
            "notice-failed" => {
                let [day, clock] = self.when(
                    Phrase::new("告知日期", "Day of the attempt"),
                    Phrase::new("告知时刻", "Time of the attempt"),
                );
                ActForm::new(
                    "notice-failed",
                    Phrase::new("记录告知失败", "Prove that a notice failed"),
                    vec![
                        self.items(&[]),
                        day,
                        clock,
                        self.field("file", Phrase::new("失败证明文件", "Proof of the attempt"), FieldKind::File, ""),
                    ],
                )
            }
            "published" => {
                let [day, clock] = self.when(
                    Phrase::new("公告日期", "Day of publication"),
                    Phrase::new("公告时刻", "Time of publication"),
                );
                ActForm::new(
                    "published",
                    Phrase::new("记录公告送达", "Enter service by publication"),
                    vec![
                        self.items(&[]),
                        day,
                        clock,
                        self.field(
                            "file",
                            Phrase::new("公告文件（遮蔽姓名）", "The notice, names masked"),
                            FieldKind::File,
                            "",
                        ),
                    ],
                )
            }
            _ => return None,
        })
    }

    /// That a decision was told, that somebody objects to it, and how it goes with who returned.
    fn behind_decision(&self, word: &str) -> Option<ActForm> {
        let numbers = Phrase::new("第几人（如 1-3、7）", "Items (such as 1-3, 7)");
        let issued: Vec<ItemNumber> =
            self.case().items.iter().filter(|(_, item)| item.issued_at.is_some()).map(|(number, _)| *number).collect();
        let untold = |number: &ItemNumber| self.case().items.get(number).is_some_and(|item| !item.is_told);
        let untold: Vec<ItemNumber> = issued.iter().copied().filter(untold).collect();
        let items = |proposed: &[ItemNumber]| self.field("items", numbers, FieldKind::Line, &runs(proposed));
        Some(match word {
            "decision-notified" => {
                let to = Addressee::ALL.map(|to| (to.as_str().to_owned(), words::addressee(to).to_string())).into();
                let [day, clock] =
                    self.when(Phrase::new("送达日期", "Day of delivery"), Phrase::new("送达时刻", "Time of delivery"));
                let proof = self.field("file", Phrase::new("送达证明文件", "Proof of delivery"), FieldKind::File, "");
                let to = self.field("to", Phrase::new("告知何人", "Who was told"), FieldKind::Choice(to), "");
                let title = Phrase::new("记录决定送达", "Prove that the decision was told");
                ActForm::new("decision-notified", title, vec![items(&untold), to, day, clock, proof]).note(Phrase::new(
                    "自送达之日起计算提出异议的期限。文件留在本机，只提交其摘要。",
                    "From that day runs the time to object. The file stays on this computer: only its hash leaves it.",
                ))
            }
            "decision-published" => {
                let [day, clock] = self.when(
                    Phrase::new("公告日期", "Day of publication"),
                    Phrase::new("公告时刻", "Time of publication"),
                );
                let label = Phrase::new("公告文件（遮蔽姓名）", "The notice, names masked");
                let notice = self.field("file", label, FieldKind::File, "");
                let title = Phrase::new("记录决定公告送达", "Enter that the decision was told by publication");
                ActForm::new("decision-published", title, vec![items(&untold), day, clock, notice])
            }
            "appeal" => {
                let by = Filer::ALL.map(|by| (by.as_str().to_owned(), words::filer(by).to_string())).into();
                let paper = vec![("1".to_owned(), zh_en!("纸质", "on paper"), self.typed.has("paper"))];
                let [day, clock] =
                    self.when(Phrase::new("提出日期", "Day of filing"), Phrase::new("提出时刻", "Time of filing"));
                let fields = vec![
                    items(&[]),
                    self.field("by", Phrase::new("何人提出", "Who files it"), FieldKind::Choice(by), ""),
                    day,
                    clock,
                    self.field("paper", Phrase::new("形式", "How"), FieldKind::Ticks(paper), ""),
                    self.text(Phrase::new("异议内容（密封）", "What is objected (sealed)")),
                ];
                let form = ActForm::new(
                    "appeal",
                    Phrase::new("记录异议，另立案件", "Enter an appeal, and open its case"),
                    fields,
                );
                ActForm { note: Some(self.objections()), ..form }
            }
            "probation-reported" => {
                let [day, clock] = self
                    .when(Phrase::new("报告日期", "Day of the report"), Phrase::new("报告时刻", "Time of the report"));
                let report = self.field("file", Phrase::new("报告文件", "The report"), FieldKind::File, "");
                let title = Phrase::new("提交观察期情况报告", "File a report on probation");
                ActForm::new("probation-reported", title, vec![items(&issued), day, clock, report])
            }
            _ => return None,
        })
    }

    /// Until when each decision may be appealed, and who won't sit then.
    fn objections(&self) -> String {
        let issued = self.case().items.iter().filter(|(_, item)| item.issued_at.is_some());
        let each = issued.map(|(number, item)| {
            let (of, until) = (words::items([*number]), objection(item));
            zh_en!("{of}：{until}", "{of}: {until}")
        });
        let each = each.collect::<Vec<_>>().join(&zh_en!("；", "; "));
        let deciders = self.case().deciders().into_iter().collect::<Vec<_>>().join(", ");
        zh_en!(
            "{each}。参与本案决定、届时须回避：{deciders}",
            "{each}. Had a part in this, and will have none then: {deciders}"
        )
    }

    /// What subjects say, what is proposed, and the end.
    fn of_words(&self, word: &str) -> Option<ActForm> {
        Some(match word {
            "answered" => ActForm::new(
                "answered",
                Phrase::new("记录陈述申辩", "Enter an answer"),
                vec![self.items(&[]), self.text(Phrase::new("陈述申辩内容（密封）", "What was said (sealed)"))],
            ),
            "challenge" => ActForm::new(
                "challenge",
                Phrase::new("记录回避申请", "Enter a challenge"),
                vec![
                    self.seats("seat", Phrase::new("申请何人回避", "Which seat"), |seat| {
                        matches!(seat.role, Role::Panel | Role::Chair)
                    }),
                    self.items(&[]),
                    self.text(Phrase::new("申请理由（密封）", "Why (sealed)")),
                ],
            ),
            "interim" => ActForm::new(
                "interim",
                Phrase::new("提议临时措施", "Propose an interim"),
                vec![self.proposal(), self.field("item", Phrase::new("第几人", "Item"), FieldKind::Line, "")],
            ),
            "approve-access" => ActForm::new(
                "approve-access",
                Phrase::new("批准查看未成年人内容", "Approve that a seat reads about a minor"),
                vec![
                    self.seats("reader", Phrase::new("由谁查看", "Who is to read"), |seat| {
                        seat.public_key.id() != self.seat.key && seat.role != Role::Auditor
                    }),
                    self.items(&self.minors()),
                ],
            ),
            "close" => ActForm::new("close", Phrase::new("结案", "Close the case"), Vec::new()),
            _ => return None,
        })
    }
}
