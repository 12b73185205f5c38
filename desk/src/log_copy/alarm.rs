//! What a registry shows that no honest one does: told in red wherever a seat begins its day.

use callboard_federation::{encoding::RecordId, replay::LineErrorKind, zh_en};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogAlarm {
    /// The log signed two histories; a file proves it.
    Forked {
        file: String,
    },
    /// The log signed a root that what it shows doesn't give; a report of it is kept.
    Rewritten {
        size: u64,
        file: String,
    },
    /// It shows fewer entries than it did.
    Shrank {
        had: u64,
        shows: u64,
    },
    /// An entry, or a statement of it, isn't shown, and no erasure says why.
    Withheld {
        index: u64,
    },
    /// A statement is shown that was erased.
    StillShown {
        index: u64,
        record: RecordId,
    },
    /// A line isn't what its leaf says.
    Fault {
        index: u64,
        fault: LineErrorKind,
    },
    Malformed {
        index: u64,
    },
    /// The checkpoint isn't signed with the log's key.
    Unsigned,
    /// It doesn't begin as the pinned one does.
    AnotherLog,
}

impl LogAlarm {
    /// What is told of it, and what is to be done.
    pub fn text(&self) -> String {
        let what = match self {
            Self::Forked { file } => zh_en!(
                "登记册分叉：登记系统签署了两段互相矛盾的历史，证据保存在本机登记册副本中（{file}）",
                "the log forked: the registry signed two histories that contradict each other; the evidence is kept with this desk's copy of the log ({file})"
            ),
            Self::Rewritten { size, file } => zh_en!(
                "登记册前{size}条与登记系统所签署的不符，报告保存在本机登记册副本中（{file}）",
                "the first {size} entries of the log are not those that the registry signed; a report is kept with this desk's copy of the log ({file})"
            ),
            Self::Shrank { had, shows } => zh_en!(
                "登记册变短：本机核验过{had}条，登记系统现在只有{shows}条",
                "the log shrank: this desk verified {had} entries, and the registry shows {shows}"
            ),
            Self::Withheld { index } => zh_en!(
                "登记系统没有给出第{index}条的全部内容，又没有删除决定书说明",
                "the registry withholds something of entry {index}, and no erasure says why"
            ),
            Self::StillShown { index, record } => zh_en!(
                "登记系统仍在给出已删除的内容：第{index}条，{record}",
                "the registry still shows what was erased: entry {index}, {record}"
            ),
            Self::Fault { index, fault } => {
                zh_en!("登记册第{index}条不成立：{fault}", "entry {index} of the log doesn't hold: {fault}")
            }
            Self::Malformed { index } => {
                zh_en!("登记册第{index}条格式有误", "entry {index} of the log is malformed")
            }
            Self::Unsigned => zh_en!(
                "登记系统给出的检查点没有登记册的签名",
                "the checkpoint that the registry shows isn't signed by the log"
            ),
            Self::AnotherLog => {
                zh_en!("登记系统给出的不是所信任的登记册", "what the registry shows is not the pinned log")
            }
        };
        zh_en!(
            "{what}。请停止签署，联系审计人员和各会员单位",
            "{what}. Sign nothing, and call the auditors and the members"
        )
    }
}
