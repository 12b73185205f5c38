//! The acts on records and people that a form drafts.

use callboard_federation::{statement::Kind, zh_en};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Annul,
    Replace,
    Reinstate,
    Stay,
    End,
    Dispute,
    Rejoinder,
    Erase,
    Link,
    Ruling,
    Interim,
}

impl Act {
    /// Those on a record.
    pub(crate) const OF_A_RECORD: [Self; 7] =
        [Self::Annul, Self::Replace, Self::Reinstate, Self::Stay, Self::End, Self::Dispute, Self::Rejoinder];
    /// Those on a person, whatever was decided about them.
    pub(crate) const OF_A_PERSON: [Self; 4] = [Self::Ruling, Self::Interim, Self::Link, Self::Erase];

    /// Its word in an address.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Annul => "annul",
            Self::Replace => "replace",
            Self::Reinstate => "reinstate",
            Self::Stay => "stay",
            Self::End => "end",
            Self::Dispute => "dispute",
            Self::Rejoinder => "rejoinder",
            Self::Erase => "erase",
            Self::Link => "link",
            Self::Ruling => "ruling",
            Self::Interim => "interim",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::OF_A_RECORD.into_iter().chain(Self::OF_A_PERSON).find(|act| act.word() == word)
    }

    /// What people call it.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Annul => zh_en!("撤销", "Annul"),
            Self::Replace => zh_en!("撤销并重新决定", "Annul and replace"),
            Self::Reinstate => zh_en!("复出", "Reinstate"),
            Self::Stay => zh_en!("暂缓执行", "Stay"),
            Self::End => zh_en!("确认失效", "End"),
            Self::Dispute => zh_en!("登记异议", "Register a dispute"),
            Self::Rejoinder => zh_en!("登记陈述申辩", "Register a rejoinder"),
            Self::Erase => zh_en!("删除记录", "Erase records"),
            Self::Link => zh_en!("认定另一证件属于此人", "Link another document"),
            Self::Ruling => zh_en!("作出决定", "Rule"),
            Self::Interim => zh_en!("采取临时措施", "Interim measure"),
        }
    }

    /// What it does, in a sentence.
    pub(crate) fn effect(self) -> String {
        match self {
            Self::Annul => zh_en!("原决定自始无效。", "The record counts as never made."),
            Self::Replace => zh_en!(
                "原决定自始无效，同一文书中作出新的决定。",
                "The record counts as never made, and another ruling stands in its place, in one docket."
            ),
            Self::Reinstate => {
                zh_en!("解除原措施，可以附观察期。", "The measure ends, perhaps under watch for a while.")
            }
            Self::Stay => zh_en!("暂停执行原措施。", "The measure pauses."),
            Self::End => zh_en!("该事项自此不再有效。", "It holds no longer."),
            Self::Dispute => {
                zh_en!(
                    "标明当事人对原决定有异议，措施仍然有效。",
                    "The record is marked as disputed; the measure holds."
                )
            }
            Self::Rejoinder => {
                zh_en!("登记当事人本人的陈述和申辩，全文密封。", "The subject's own words are logged, sealed.")
            }
            Self::Erase => zh_en!(
                "删除记录的全部内容：登记册、各处索引和待签文书中都不再有。须整组删除；仍有效力的，须先撤销。",
                "All that was disclosed of the records goes, here and at the registry. A chain goes whole; what has effect is annulled first."
            ),
            Self::Link => {
                zh_en!("认定这些证件属于同一当事人。", "These documents are of one subject, from now on.")
            }
            Self::Ruling => zh_en!("对一名当事人施加一项措施。", "A measure on one subject."),
            Self::Interim => {
                zh_en!(
                    "评议之前的短期措施，到期自行失效。",
                    "A short measure before the panel sits; it ends by itself."
                )
            }
        }
    }

    /// The kind of its statement.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Annul | Self::Replace => Kind::Annulment,
            Self::Reinstate => Kind::Reinstatement,
            Self::Stay => Kind::Stay,
            Self::End => Kind::End,
            Self::Dispute => Kind::Dispute,
            Self::Rejoinder => Kind::Rejoinder,
            Self::Erase => Kind::Erasure,
            Self::Link => Kind::Link,
            Self::Ruling => Kind::Ruling,
            Self::Interim => Kind::Interim,
        }
    }

    /// Whether it can be about a record of this kind.
    pub(crate) fn may_be_about(self, kind: Kind) -> bool {
        match self {
            Self::Replace => kind == Kind::Ruling,
            act => act.kind().may_be_about(kind),
        }
    }

    /// Whether it imposes a measure, which is told as a row of a sheet is.
    pub(crate) const fn has_row(self) -> bool {
        matches!(self, Self::Replace | Self::Ruling | Self::Interim)
    }

    /// Whether its statement has reasons that are sealed to the person.
    pub(crate) const fn has_reasons(self) -> bool {
        matches!(self, Self::Annul | Self::Reinstate | Self::End | Self::Replace)
    }

    /// Whether it is decided under a policy that may be another than the record's.
    pub(crate) const fn has_policy(self) -> bool {
        !matches!(self, Self::Dispute | Self::Rejoinder | Self::Erase)
    }

    /// Whether a day can be said from which it holds.
    pub(crate) const fn has_start(self) -> bool {
        matches!(self, Self::Reinstate | Self::Stay | Self::End | Self::Link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_has_a_word_of_its_own_and_is_about_what_the_formats_say() {
        for act in Act::OF_A_RECORD.into_iter().chain(Act::OF_A_PERSON) {
            assert_eq!(Act::of_word(act.word()), Some(act));
        }
        assert!(Act::Replace.may_be_about(Kind::Ruling) && !Act::Replace.may_be_about(Kind::Reinstatement));
        assert!(Act::End.may_be_about(Kind::Stay) && !Act::End.may_be_about(Kind::Ruling));
    }
}
