//! What a reader of the page could not see, or would not expect, of a table: each with its place, and how to mend it.

use callboard_federation::{identity::Character, policy::Words};

use super::error::plain;

/// What is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// A formula, whatever it gave last.
    Formula,
    /// A row that isn't shown.
    HiddenRow,
    /// A column that isn't shown.
    HiddenColumn,
    /// Struck out, whole or in part.
    Struck,
    /// Written in the colour of its ground, in letters too small to read, or in a format that shows nothing or
    /// something else.
    NotShown,
    /// Shown otherwise under a condition.
    Conditional,
    /// Outside of what is printed.
    NotPrinted,
    /// A date that is shown as a day and holds a clock time.
    StrayClock,
    /// A date of which not all of year, month and day are shown.
    NotWhole,
    /// Cells joined to one.
    Merged,
    /// More characters than a cell has.
    TooLong,
    /// A character that can't be seen.
    Unseen(Character),
}

/// What is odd, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oddity {
    /// The row, from 1.
    pub row: Option<u32>,
    /// The column, from 0.
    pub column: Option<usize>,
    /// What.
    pub odd: Odd,
}

/// What somebody wrote beside a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The row, from 1.
    pub row: u32,
    /// The column, from 0.
    pub column: usize,
    /// What it says, on one line, with what would act or hide written out.
    pub text: String,
}

/// What isn't read and doesn't stop anyone, but is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A hidden worksheet in which something stands.
    HiddenSheet(String),
    /// Another worksheet, without rows of a table.
    OtherSheet(String),
    /// Pictures or text boxes over the cells.
    Pictures,
    /// A column whose header says that it isn't read.
    Column(String),
    /// A row of totals.
    Totals {
        /// Which.
        row: u32,
    },
}

impl Oddity {
    /// Whether it matters: how a column that isn't read shows its cells doesn't.
    pub fn matters(&self, is_read: impl Fn(usize) -> bool) -> bool {
        let is_of_cell = self.odd.is_of_layout() && self.odd != Odd::Merged;
        !is_of_cell || self.column.is_none_or(is_read)
    }
}

impl Odd {
    /// Whether it only matters among the rows that are read, not in a title above them.
    pub const fn is_of_layout(self) -> bool {
        matches!(self, Self::Merged | Self::NotWhole | Self::StrayClock | Self::NotShown | Self::NotPrinted)
    }

    /// Whether it is of one cell alone: whoever reads something else in its place is done with it.
    pub const fn is_of_cell(self) -> bool {
        matches!(
            self,
            Self::Formula
                | Self::Struck
                | Self::NotShown
                | Self::StrayClock
                | Self::NotWhole
                | Self::TooLong
                | Self::Unseen(_)
        )
    }

    /// What is wrong, and how to mend it.
    pub fn words(self) -> Words {
        let (zh, en) = match self {
            Self::Formula => (
                "是公式，其值会变；请复制后“选择性粘贴—数值”",
                "a formula, whose value may change: copy it and paste values",
            ),
            Self::HiddenRow => (
                "此行被隐藏（或被筛选、折叠），看不到；请取消隐藏后核对，或删去此行",
                "a hidden row (or one that is filtered out or folded): unhide and check it, or delete it",
            ),
            Self::HiddenColumn => (
                "此列被隐藏，看不到；请取消隐藏后核对，或删去此列",
                "a hidden column: unhide and check it, or delete it",
            ),
            Self::Struck => (
                "有删除线，不知是否仍然有效；请删去内容，或取消删除线",
                "struck out, which doesn't say whether it holds: delete it, or take the line away",
            ),
            Self::NotShown => (
                "显示的内容与实际内容不同，或字色、字号使其看不见；请清除格式后核对",
                "the cell shows something else than it holds, or its colour or size hides it: clear its format and check it",
            ),
            Self::Conditional => (
                "条件格式会隐藏或划去此处的内容；请清除条件格式后核对",
                "a conditional format may hide or strike what stands here: clear it and check the cells",
            ),
            Self::NotPrinted => (
                "在打印区域之外，打印出来看不到；请清除打印区域后核对",
                "outside of the print area, so that nobody sees it on paper: clear the print area and check it",
            ),
            Self::StrayClock => (
                "显示为日期，实际还含有时刻（其他程序写入的表格常有此误），可能差一天；请重新填写日期",
                "shown as a day but holds a clock time, as other programs leave it, and may be a day off: write the date anew",
            ),
            Self::NotWhole => (
                "没有完整显示年、月、日；请写成 2026-07-01",
                "doesn't show year, month and day: write it as 2026-07-01",
            ),
            Self::Merged => ("合并了单元格；请取消合并，每格填写", "merged cells: unmerge them, and fill in each"),
            Self::TooLong => ("超过32767个字符", "more than 32,767 characters"),
            Self::Unseen(Character { found, at }) => {
                let code = u32::from(found);
                return Words {
                    zh: format!("第{at}个字符是看不见的U+{code:04X}；请删除该字符"),
                    en: format!("character {at} is U+{code:04X}, which can't be seen: delete it"),
                };
            }
        };
        Words { zh: zh.to_owned(), en: en.to_owned() }
    }
}

impl Note {
    /// What isn't read.
    pub fn words(&self) -> Words {
        let (zh, en) = match self {
            Self::HiddenSheet(name) => {
                let name = plain(name);
                (
                    format!("隐藏的工作表“{name}”有内容，未采用"),
                    format!("the hidden worksheet «{name}» has contents: not read"),
                )
            }
            Self::OtherSheet(name) => {
                let name = plain(name);
                (format!("工作表“{name}”未采用"), format!("the worksheet «{name}» is not read"))
            }
            Self::Pictures => (
                "工作表中的图片和文本框未采用".to_owned(),
                "pictures and text boxes of the worksheet are not read".to_owned(),
            ),
            Self::Column(title) => {
                let title = plain(title);
                (format!("“{title}”列未采用"), format!("column «{title}» is not read"))
            }
            Self::Totals { row } => {
                (format!("第{row}行是合计行，未采用"), format!("row {row} is a row of totals: not read"))
            }
        };
        Words { zh, en }
    }
}
