//! The empty sheet: headers over columns of text, and a second worksheet that says what goes where.

use std::{ffi::OsStr, path::Path};

use callboard_client::table::HELP_SHEETS;
use callboard_federation::zh_en;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::column::{Column, HEADERS, REQUIRED};
use crate::{Error, language::Language};

/// How wide a column is, in characters: an identity number and a bit.
const WIDTH: f64 = 22.0;

/// What to write in each column, in the order of the headers (zh-CN, en).
const HELP: [(&str, &str); HEADERS.len()] = [
    (
        "身份证、港澳居民来往内地通行证、台湾居民来往大陆通行证、护照、统一社会信用代码、平台账号",
        "cn-id, hmt-travel-permit, passport, cn-uscc, platform-account, net-identity-code or passport-holder",
    ),
    (
        "照证件填写；护照为 国家代码:号码，账号为 会员:账号。更多证件：证件类型2、证件号码2……",
        "from the document; a passport as ISSUER:NUMBER, an account as MEMBER:ACCOUNT. More of them: `kind 2`, `identity 2` and on",
    ),
    ("程序提示可疑而证件确系如此时填“是”", "`yes`, where the program doubts an identity and the document bears it out"),
    ("个人（默认）、企业、虚拟主播", "person (if empty), enterprise, persona"),
    ("证件上的姓名或名称；多个用分号隔开", "the name of the document; several are separated by `;`"),
    ("艺名、昵称；多个用分号隔开", "what else the subject is known by; several are separated by `;`"),
    ("会员:账号，多个用分号隔开", "MEMBER:ACCOUNT, several are separated by `;`"),
    (
        "提醒、告诫、限制、警示、永久抵制，或规则中的名称",
        "notice, warning, restriction, suspension, bar, or the policy's word for one",
    ),
    (
        "直播、录播、商业推广、代言、评优评奖、话题:名称，多个用逗号或分号隔开；空白或“全部”为规则允许的全部服务",
        "live, recorded, promotion, endorsement, award, topic:NAME, between commas; empty or `all`: all that the policy allows",
    ),
    (
        "“自登记之日起”，或今后的日期（2026-07-01）；不得空白。所有行都自登记之日起生效的，可删去此列",
        "`on logging`, or a day to come (2026-07-01); never empty. Where every row takes effect on logging, leave the column out",
    ),
    ("最后一日（含）；与期限填其一，不得都空白", "the last day (inclusive); this or the term, never neither"),
    (
        "五年、3个月、1年6个月、30天，自生效之日起算；不设终止日期的写“长期”或“永久”。不得空白：空白会成为没有终止日期",
        "`5 years`, `3 months`, `30 days`, P1Y6M, from the day it takes effect; `indefinite` or `permanent` where no end is \
         meant. Never empty: that would be a measure without end",
    ),
    ("规则中的条款编号（NB-11），多个用逗号或分号隔开", "the policy's codes (NB-11), between commas"),
    ("行为的第一日", "the first day of the conduct"),
    ("行为的最后一日", "the last day of the conduct"),
    ("证据文件的 SHA-256，多个用分号隔开", "SHA-256 of each piece of evidence, separated by `;`"),
    ("此前临时措施的记录编号", "the ids of the interim records that it follows"),
    ("事实和理由，全文密封", "facts and reasons; they are sealed"),
    (
        "行为时未满十八周岁的，填监护人姓名和联系方式",
        "of whoever was under 18 at the conduct: the guardian, and how to reach them",
    ),
    ("证件号码看不出出生日期时填写", "where no identity tells it"),
    (
        "护照机读行中的姓名（姓在前，如 DUPONT<<MARIE）；护照换发后仍可认出此人",
        "the name in the passport's machine-readable line, surname first, as DUPONT<<MARIE: it outlives a renewal",
    ),
];

/// The empty sheet, in the format that a file's name says: its headers as CSV, after the byte order mark that
/// spreadsheet programs need; or a workbook.
pub fn template(path: &Path, language: Language) -> Result<Vec<u8>, Error> {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    if extension.eq_ignore_ascii_case("csv") {
        return Ok(csv_template(language).into_bytes());
    }
    if !extension.eq_ignore_ascii_case("xlsx") {
        return Err(Error::other("template-format", || {
            zh_en!("空白表格为 .xlsx 或 .csv", "an empty sheet is .xlsx or .csv")
        }));
    }
    xlsx_template(language).map_err(|source| {
        Error::other("template", || zh_en!("空白表格无法写出", "the empty workbook can't be written")).because(source)
    })
}

fn csv_template(language: Language) -> String {
    let headers: Vec<&str> = HEADERS.iter().map(|(_, zh, en)| language.pick(zh, en)).collect();
    format!("\u{feff}{}\r\n", headers.join(","))
}

fn xlsx_template(language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The same sheet for everyone, whenever it is made.
    let made = ExcelDateTime::from_ymd(2026, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    write_rows(workbook.add_worksheet(), language)?;
    write_help(workbook.add_worksheet(), language)?;
    workbook.save_to_buffer()
}

fn write_rows(sheet: &mut Worksheet, language: Language) -> Result<(), XlsxError> {
    let (text, bold) = (Format::new().set_num_format("@"), Format::new().set_bold().set_num_format("@"));
    sheet.set_name(language.pick("批次", "docket"))?;
    for (index, (_, zh, en)) in (0_u16..).zip(&HEADERS) {
        // Text, all of it: a number would lose its digits and a date its spelling.
        sheet.set_column_format(index, &text)?;
        sheet.set_column_width(index, WIDTH)?;
        sheet.write_string_with_format(0, index, language.pick(zh, en), &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn write_help(sheet: &mut Worksheet, language: Language) -> Result<(), XlsxError> {
    sheet.set_name(language.pick(HELP_SHEETS[0], HELP_SHEETS[1]))?;
    sheet.set_column_width(0, WIDTH)?;
    sheet.set_column_width(1, 4.0 * WIDTH)?;
    let bold = Format::new().set_bold();
    for (row, ((column, zh, en), (help_zh, help_en))) in (0_u32..).zip(HEADERS.iter().zip(HELP)) {
        sheet.write_string_with_format(row, 0, language.pick(zh, en), &bold)?;
        let needed = if REQUIRED.contains(column) || *column == Column::Kind(1) {
            language.pick("必填。", "Needed. ")
        } else {
            ""
        };
        sheet.write_string(row, 1, format!("{needed}{}", language.pick(help_zh, help_en)))?;
    }
    Ok(())
}
