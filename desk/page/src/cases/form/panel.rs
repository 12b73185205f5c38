//! The forms of who decides: the panel, draws, recusals and challenges, sessions and votes.

use callboard_federation::{language::Phrase, roster::Role, zh_en};

use super::{ActForm, FieldKind, Forms};

impl Forms<'_> {
    pub(super) fn of_panel(&self, word: &str) -> Option<ActForm> {
        self.of_seats(word).or_else(|| self.of_draw(word))
    }

    /// Who sits, and who doesn't decide.
    fn of_seats(&self, word: &str) -> Option<ActForm> {
        Some(match word {
            "panel" => {
                let panel = &self.case().panel;
                let tick = |(key, label, seat): (String, String, &callboard_federation::roster::Seat)| {
                    let is_ticked = if self.typed.has("seat") {
                        self.typed.all("seat").any(|typed| typed == key)
                    } else {
                        panel.seats.contains_key(&seat.holder)
                    };
                    (key, label, is_ticked)
                };
                let least = self.case().terms().least_seats;
                let ticks = FieldKind::Ticks(self.panel_seats().map(tick).collect());
                let form = ActForm::new(
                    "panel",
                    Phrase::new("指定评议组", "Name the panel"),
                    vec![self.field("seat", Phrase::new("评议组成员", "Seats of the panel"), ticks, "")],
                );
                ActForm {
                    note: Some(zh_en!(
                        "每人须至少有{least}名无须回避的成员。",
                        "For each item at least {least} of them aren't recused."
                    )),
                    ..form
                }
            }
            "replace" => {
                let sits =
                    |seat: &callboard_federation::roster::Seat| self.case().panel.seats.contains_key(&seat.holder);
                ActForm::new(
                    "replace",
                    Phrase::new("替换评议组成员", "Replace a seat of the panel"),
                    vec![
                        self.seats("out", Phrase::new("退出者", "Who leaves"), sits),
                        self.seats("in", Phrase::new("替补者", "Who takes the place"), |seat| {
                            !sits(seat) && matches!(seat.role, Role::Panel | Role::Chair)
                        }),
                    ],
                )
            }
            "recuse" => ActForm::new(
                "recuse",
                Phrase::new("本人回避", "Recuse myself"),
                vec![
                    self.field(
                        "items",
                        Phrase::new(
                            "就第几人回避（如 1-3、7；空白为全案）",
                            "From which items (such as 1-3, 7; empty: the whole case)",
                        ),
                        FieldKind::Line,
                        "",
                    ),
                    self.text(Phrase::new("理由（密封）", "Why (sealed)")),
                ],
            ),
            "decide-challenge" => {
                let how = vec![
                    ("rejected".to_owned(), zh_en!("驳回", "rejected")),
                    ("upheld".to_owned(), zh_en!("准许回避", "upheld")),
                ];
                ActForm::new(
                    "decide-challenge",
                    Phrase::new("决定回避申请", "Decide the challenge"),
                    vec![
                        self.field("how", Phrase::new("决定", "Decision"), FieldKind::Choice(how), ""),
                        self.text(Phrase::new("决定理由（密封）", "Why (sealed)")),
                    ],
                )
            }
            _ => return None,
        })
    }

    /// Drawing a panel.
    fn of_draw(&self, word: &str) -> Option<ActForm> {
        Some(match word {
            "draw" => ActForm::new(
                "draw",
                Phrase::new("公告抽签", "Announce the draw"),
                vec![
                    self.seats(
                        "chair",
                        Phrase::new("提供随机数的主任委员", "The chair that brings a secret"),
                        |seat| seat.role == Role::Chair,
                    ),
                    self.seats(
                        "second",
                        Phrase::new("另一名提供随机数的签署人", "Another seat that brings one"),
                        |seat| seat.role != Role::Panel,
                    ),
                    self.seats("third", Phrase::new("第三名提供随机数的签署人", "The third"), |seat| {
                        seat.role != Role::Panel
                    }),
                    self.field(
                        "count",
                        Phrase::new("抽取几名", "How many are drawn"),
                        FieldKind::Line,
                        &self.case().terms().least_seats.to_string(),
                    ),
                ],
            ),
            "draw-commit" => {
                ActForm::new("draw-commit", Phrase::new("承诺抽签随机数", "Commit to a secret of the draw"), Vec::new())
                    .note(Phrase::new(
                        "随机数由本机生成并保存，公开时须在本机办理。",
                        "This computer makes the secret and keeps it: it is opened here.",
                    ))
            }
            "draw-open" => {
                ActForm::new("draw-open", Phrase::new("公开抽签随机数", "Open your secret of the draw"), Vec::new())
            }
            _ => return None,
        })
    }

    pub(super) fn of_session(&self, word: &str) -> Option<ActForm> {
        Some(match word {
            "session" => ActForm::new(
                "session",
                Phrase::new("提请评议", "Put it before the panel"),
                vec![
                    self.proposal(),
                    self.items(&[]),
                    self.field("seal-hours", Phrase::new("投票时间（小时）", "Hours to vote"), FieldKind::Line, "24"),
                    self.field(
                        "open-hours",
                        Phrase::new("此后公开投票的时间（小时）", "Hours to open votes after that"),
                        FieldKind::Line,
                        "24",
                    ),
                ],
            ),
            "present" => ActForm::new("present", Phrase::new("到会", "I am here"), Vec::new())
                .button(Phrase::new("我已到会", "I am here")),
            "vote" => {
                let how = ["for", "against", "abstain"].into_iter().zip([
                    ("赞成", "for"),
                    ("反对", "against"),
                    ("弃权", "abstain"),
                ]);
                let how = how.map(|(word, (zh, en))| (word.to_owned(), Phrase::new(zh, en).to_string())).collect();
                let line = |name, label| self.field(name, label, FieldKind::Line, "");
                ActForm::new("vote", Phrase::new("投票", "Vote"), vec![
                    self.field("all", Phrase::new("对全部各人", "On all of them"), FieldKind::Choice(how), ""),
                    line("for", Phrase::new("例外：赞成第几人", "But for: items")),
                    line("against", Phrase::new("例外：反对第几人", "But against: items")),
                    line("abstain", Phrase::new("例外：弃权第几人", "But abstain: items")),
                    self.text(Phrase::new("理由（公开投票时密封给各签署人）", "Reasons (sealed to the seats when it is opened)")),
                ])
                .note(Phrase::new(
                    "投票先密封；全体投完或者时间届满后，本机在解锁期间自动公开。请勿换计算机：能公开它的只有本机。",
                    "The vote is sealed at first. Once all have voted or the time is up, this desk opens it by itself, while it is unlocked. Stay on this computer: no other can open it.",
                ))
                .button(Phrase::new("密封投票", "Seal the vote"))
            }
            "open-vote" => {
                ActForm::new("open-vote", Phrase::new("公开投票", "Open my vote"), Vec::new()).note(Phrase::new(
                    "本机解锁期间会自动公开；也可以立即公开。",
                    "This desk opens it by itself while it is unlocked; it may be opened at once, too.",
                ))
            }
            "withdraw" => {
                let sessions = self.case().sessions.keys();
                let label = |number: &u64| zh_en!("第{number}项所开的评议", "session {number}");
                let choices = sessions.map(|number| (number.to_string(), label(number))).collect();
                ActForm::new(
                    "withdraw",
                    Phrase::new("撤回评议结果", "Take back what a session carried"),
                    vec![
                        self.field("session", Phrase::new("哪次评议", "Which session"), FieldKind::Choice(choices), ""),
                        self.text(Phrase::new("理由（密封）", "Why (sealed)")),
                    ],
                )
            }
            _ => return None,
        })
    }
}
