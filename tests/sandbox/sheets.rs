//! A batch as people have it: eighty-eight rows under a title, written by other programs, with what they plant. What means one
//! thing is taken; each other thing is named by row and column, and nothing is drafted until it is mended or confirmed.

use std::{
    ffi::OsStr,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rust_xlsxwriter::{Format, Formula, Note, Workbook};
use serde_json::json;

use crate::support::{PASSPHRASE, Sandbox, number};

const POLICY: &str = "streamer-warning-rules/2022";
/// The first row of people, from 1, below two rows of title and one of headers.
const FIRST: u32 = 4;
const PEOPLE: u32 = 88;
const HEADERS: [&str; 12] = [
    "序号",
    "姓名",
    "证件类型",
    "身份证号",
    "措施",
    "适用服务",
    "生效日期",
    "期限",
    "违规条款",
    "事实和理由",
    "报送单位",
    "备注",
];
/// What one thing is written as, by turns.
const TERMS: [&str; 6] = ["五年", "5年", "１年6个月", "长期", "永久", "P3Y"];
const SCOPES: [&str; 6] = ["", "全部", "直播，录播", "直播、录播", "live,recorded", "商业推广"];
const CODES: [&str; 6] = ["NB-11,NB-18", "NB-11，NB-18", "NB11", "nb-11、NB 18", "ＮＢ－１１", "NB-11"];
const STARTS: [&str; 6] = ["自登记之日起", "2041.12.1", "20411201", "2041年12月1日", "２０４１-12-01", "2041/12/1"];

/// The cells of a workbook, as any program may write them.
struct Batch {
    /// Row from 1, column from 0, text; a formula begins with `=`.
    cells: Vec<(u32, u16, String)>,
    /// Days since 1900, shown as dates.
    dates: Vec<(u32, u16, f64)>,
    struck: Vec<(u32, u16)>,
    hidden_rows: Vec<u32>,
    comments: Vec<(u32, u16, String)>,
}

impl Batch {
    /// Eighty-eight people of whom nothing is wrong.
    fn right() -> Self {
        let mut cells = vec![(1, 0, "第十批主播警示名单".to_owned()), (2, 0, "报送单位：某某协会".to_owned())];
        cells.extend((0..).zip(HEADERS).map(|(column, header)| (FIRST - 1, column, header.to_owned())));
        for person in 0..PEOPLE {
            let turn = person as usize % 6;
            let texts = [
                (person + 1).to_string(),
                format!("沙盒{person}"),
                "身份证".to_owned(),
                number(600 + person as usize),
                "警示".to_owned(),
                SCOPES[turn].to_owned(),
                STARTS[turn].to_owned(),
                TERMS[turn].to_owned(),
                CODES[turn].to_owned(),
                "直播中多次宣扬赌博；经两次告诫后再犯。".to_owned(),
                "某平台".to_owned(),
                String::new(),
            ];
            cells.extend((0..).zip(texts).map(|(column, text)| (FIRST + person, column, text)));
        }
        cells.push((FIRST + PEOPLE + 1, 0, "合计".to_owned()));
        cells.push((FIRST + PEOPLE + 1, 1, format!("{PEOPLE}人")));
        Self { cells, dates: Vec::new(), struck: Vec::new(), hidden_rows: Vec::new(), comments: Vec::new() }
    }

    fn set(&mut self, row: u32, column: u16, text: &str) {
        let cell = self.cells.iter_mut().find(|(at, of, _)| (*at, *of) == (row, column)).unwrap();
        text.clone_into(&mut cell.2);
    }

    /// The same, with what must not go by unsaid.
    fn planted() -> Self {
        let mut batch = Self::right();
        batch.set(10, 7, "=\"5\"&\"年\"");
        batch.set(12, 7, "");
        batch.set(14, 4, "warning");
        batch.set(16, 6, "2022-06-01");
        batch.set(18, 9, "理\u{200b}由");
        batch.set(20, 1, "");
        batch.set(22, 6, "");
        for row in 30..=39 {
            batch.set(row, 4, "封杀");
        }
        batch.dates.push((24, 6, 51_835.666_666_667));
        batch.hidden_rows.push(26);
        batch.struck.push((28, 1));
        batch.comments.push((29, 1, "此人已撤回？".to_owned()));
        batch
    }

    fn write(&self, path: &Path) {
        let mut workbook = Workbook::new();
        let (dated, struck) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_font_strikethrough());
        let sheet = workbook.add_worksheet();
        for (row, column, text) in self.cells.iter().filter(|(.., text)| !text.is_empty()) {
            let (row, column) = (row - 1, *column);
            if text.starts_with('=') {
                sheet.write_formula(row, column, Formula::new(text).set_result("5年")).unwrap();
            } else if self.struck.contains(&(row + 1, column)) {
                sheet.write_string_with_format(row, column, text, &struck).unwrap();
            } else {
                sheet.write_string(row, column, text).unwrap();
            }
        }
        for (row, column, days) in &self.dates {
            sheet.write_number_with_format(row - 1, *column, *days, &dated).unwrap();
        }
        for row in &self.hidden_rows {
            sheet.set_row_hidden(row - 1).unwrap();
        }
        for (row, column, text) in &self.comments {
            sheet.insert_note(row - 1, *column, &Note::new(text).add_author_prefix(false)).unwrap();
        }
        let old = workbook.add_worksheet();
        old.set_name("旧稿").unwrap().set_hidden(true).write_string(0, 0, "旧").unwrap();
        workbook.save(path).unwrap();
    }

    /// The same by openpyxl.
    fn write_by(&self, python: &str, path: &Path) {
        let batch = json!({
            "path": path, "cells": self.cells, "dates": self.dates, "struck": self.struck,
            "hiddenRows": self.hidden_rows, "comments": self.comments,
        });
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/conformance/sheet.py");
        let mut child = Command::new(python).args(["-B", script]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(batch.to_string().as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

/// The desk of a sandbox's secretary.
struct Desk {
    kept: PathBuf,
}

impl Desk {
    /// Drafts a sheet in a case of its own; whether it was drafted, and what was said.
    fn draft(&self, sheet: &Path, more: &[&str]) -> (bool, String) {
        let out = sheet.with_extension("bundle");
        let (is_open, opened) = self.does(&["case", "open", "--policy", POLICY].map(OsStr::new));
        assert!(is_open, "{opened}");
        let case = opened.split_whitespace().find(|word| word.len() == 36).unwrap();
        let mut draft: Vec<&OsStr> = vec!["draft".as_ref(), sheet.as_ref(), "--out".as_ref(), out.as_ref()];
        draft.extend(
            ["--policy", POLICY, "--case", case, "--lang", "zh"]
                .into_iter()
                .chain(more.iter().copied())
                .map(OsStr::new),
        );
        let (is_drafted, said) = self.does(&draft);
        assert_eq!(out.exists(), is_drafted, "{said}");
        (is_drafted, said)
    }

    fn does(&self, arguments: &[&OsStr]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(arguments).args(["--key", "seats/secretary-1.key", "--pin", "genesis.json"]);
        let output = command.current_dir(&self.kept).env("CALLBOARD_PASSPHRASE", PASSPHRASE).output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }
}

const SAID: [&str; 12] = [
    "第10行H列（期限）：是公式",
    "第12行H列（期限）：不得空白：空白会成为没有终止日期",
    "第14行E列（措施）：此词可指不同措施；请填中文名称：警示、告诫",
    "第16行G列（生效时间）：生效日期已过",
    "第18行J列（事实和理由）：第2个字符是看不见的U+200B",
    "第20行B列（姓名）：不得空白",
    "第22行G列（生效时间）：不得空白；请写“自登记之日起”",
    "第24行G列（生效时间）：显示为日期，实际还含有时刻",
    "第26行：此行被隐藏",
    "第28行B列（姓名）：有删除线",
    "第29行B列（姓名）：有批注：“此人已撤回？”",
    "第30–39行E列（措施）：请填：提醒、告诫、限制、警示、永久抵制",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_as_people_have_it_is_taken_or_each_thing_is_named_and_nothing_is_drafted() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Desk { kept: sandbox.member().parent().unwrap().parent().unwrap().to_owned() };
    let temporary = tempfile::tempdir().unwrap();
    let at = |name: &str| temporary.path().join(name);
    let python = std::env::var("CALLBOARD_CONFORMANCE_PYTHON").ok();
    if python.is_none() {
        eprintln!("left out: what openpyxl writes; `cargo xtask test` prepares it");
    }
    let write = |batch: &Batch, name: &str| {
        batch.write(&at(&format!("{name}.xlsx")));
        let by_python = format!("{name}-openpyxl.xlsx");
        let other = python.as_ref().map(|python| batch.write_by(python, &at(&by_python))).map(|()| at(&by_python));
        [at(&format!("{name}.xlsx"))].into_iter().chain(other)
    };
    for path in write(&Batch::planted(), "批次") {
        let (is_drafted, said) = desk.draft(&path, &[]);
        assert!(!is_drafted, "{said}");
        for line in SAID {
            assert!(said.contains(line), "{line}\n{said}");
        }
        assert!(said.ends_with("表格有12处需要修改，尚未生成文件\n命令行：--comment-read 29\n"), "{said}");
        let places = said.lines().filter(|line| line.trim_start_matches("callboard：").starts_with('第'));
        assert_eq!(places.count(), 12, "{said}");
        // Whoever read the comment of one row didn't read the rest.
        assert!(!desk.draft(&path, &["--comment-read", "29"]).0);
    }
    let mut mended = Batch::right();
    mended.comments.push((29, 1, "已核对".to_owned()));
    // A day with the seconds by which the clocks of Shanghai were off.
    mended.dates.push((24, 6, 51_835.000_497_685));
    for path in write(&mended, "改正") {
        assert!(!desk.draft(&path, &[]).0);
        let (is_drafted, said) = desk.draft(&path, &["--comment-read", "29"]);
        assert!(is_drafted && said.contains("共88项"), "{said}");
        assert!(said.contains("注意：隐藏的工作表“旧稿”有内容，未采用"), "{said}");
        assert!(said.contains("第93行是合计行，未采用") && said.contains("“报送单位”列未采用"), "{said}");
    }
    specimens(&desk, temporary.path());
}

/// Small sheets, each of one thing.
fn specimens(desk: &Desk, directory: &Path) {
    for (name, said, places) in [
        ("formula-term-no-value.xlsx", "第2行F列（期限）：是公式", 1),
        ("formula-until-no-value.xlsx", "第2行G列（截止时间）：是公式", 2),
        ("hidden-row.xlsx", "第3行：此行被隐藏", 1),
        ("nul-in-reasons.csv", "第2行H列（事实和理由）：第2个字符是看不见的U+0000", 1),
    ] {
        let path = directory.join(name);
        fs::copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("tests/sheets").join(name), &path).unwrap();
        let (is_drafted, told) = desk.draft(&path, &[]);
        let end = format!("表格有{places}处需要修改，尚未生成文件\n");
        assert!(!is_drafted && told.contains(said) && told.ends_with(&end), "{name}: {told}");
    }
    let path = directory.join("hidden-first-sheet.xlsx");
    fs::copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("tests/sheets/hidden-first-sheet.xlsx"), &path)
        .unwrap();
    let (is_drafted, told) = desk.draft(&path, &[]);
    assert!(is_drafted && told.contains("隐藏的工作表“旧稿”有内容，未采用"), "{told}");

    let sheet = format!(
        "证件类型;证件号码;姓名;措施;期限;违规条款;理由\r\n身份证;{};沙盒;警示;五年;NB-11;示例\r\n",
        number(700)
    );
    let units: Vec<u8> = sheet.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gb = encoding_rs::GB18030.encode(&sheet).0.into_owned();
    for (name, bytes) in [("gb18030.csv", gb), ("utf-16.csv", units)] {
        fs::write(directory.join(name), bytes).unwrap();
        let (is_drafted, told) = desk.draft(&directory.join(name), &[]);
        assert!(is_drafted, "{name}: {told}");
    }
    let template = directory.join("模板.xlsx");
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(["draft", "--lang", "zh", "--template"]).arg(&template);
    assert!(command.status().unwrap().success());
    let (is_drafted, told) = desk.draft(&template, &[]);
    assert!(!is_drafted && told.contains("表格：没有内容") && told.contains("表格有1处需要修改"), "{told}");
}
