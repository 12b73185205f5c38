//! What a file that was verified shows, in lines; whoever doesn't prove all says what is missing.

use std::{fmt::Display, path::Path};

use callboard_client::{
    output::{Line, Span, green, plain, red, yellow},
    visible::Visible,
};
use callboard_federation::{
    declaration::Departure,
    evidence::Fork,
    language::{Language, Phrase},
    printed_record::PrintedRecord,
    proof_file::{ProvenRecord, notice::ProvenNotice},
    roster::Roster,
    zh_en,
};

use super::{CheckReport, DocketReport, PrintedVerdict, VerifiedFile};
use crate::{fork_evidence::ForkVerdict, letter::measure_word};

/// Lines below a headline.
struct Report(Vec<Line>);

impl Report {
    fn say(&mut self, text: impl Display) {
        self.0.push(vec![plain(format_args!("  {text}"))]);
    }

    fn doubt(&mut self, text: impl Display) {
        self.0.push(vec![yellow(format_args!("  {text}"))]);
    }
}

/// A word of how it went, and of what.
fn headline(word: Span, of: impl Display) -> Line {
    vec![word, plain(format_args!(" {of}"))]
}

pub fn verified(of: impl Display) -> Line {
    headline(green(Phrase::new("已核验", "verified")), of)
}

pub fn not_verified(of: impl Display) -> Line {
    headline(red(Phrase::new("未通过核验", "not verified")), of)
}

impl VerifiedFile {
    /// Whether it proves what it shows: a check without an anchor, or signatures that nobody can hold against a roster,
    /// hold as far as they go and prove nothing yet.
    pub const fn is_proven(&self) -> bool {
        match self {
            Self::Proof(_) | Self::Notice(_) => true,
            Self::Docket(docket) => docket.is_signed,
            Self::Departure(_, is_signed) => *is_signed,
            Self::Check(check) => check.is_anchored(),
        }
    }

    pub fn lines(&self, name: &Path) -> Vec<Line> {
        let name = name.display();
        let mut report = Report(vec![match self {
            file if file.is_proven() => verified(name),
            Self::Check(_) => headline(yellow(Phrase::new("尚无存证", "unanchored")), name),
            _ => headline(yellow(Phrase::new("未能证明", "unproven")), name),
        }]);
        match self {
            Self::Proof(shown) => proof(&mut report, shown),
            Self::Notice(shown) => notice(&mut report, shown),
            Self::Docket(shown) => docket(&mut report, shown),
            Self::Departure(shown, is_signed) => departure(&mut report, shown, *is_signed),
            Self::Check(shown) => check(&mut report, shown),
        }
        report.0
    }
}

impl PrintedVerdict {
    pub fn lines(self, printed: &PrintedRecord) -> Vec<Line> {
        match self {
            Self::Proven => {
                let mut report = Report(vec![verified(printed)]);
                report.say(Phrase::new("决定书所载与登记册一致", "the printed letter says what the log holds"));
                report.0
            }
            Self::Another => vec![not_verified(printed)],
            Self::Unproven => {
                let mut report = Report(vec![headline(yellow(Phrase::new("未能证明", "unproven")), printed)]);
                report.doubt(Phrase::new(
                    "请一并给出该记录的证明文件（向会员单位或秘书处索取），或者其公告的证明文件",
                    "name its record's proof file too, which members and the secretariat have, or that of its notice",
                ));
                report.0
            }
        }
    }
}

impl ForkVerdict {
    pub fn is_convicted(&self) -> bool {
        self.proven.is_ok()
    }

    /// `names` are those of the files that were judged.
    pub fn lines(&self, names: &[String]) -> Vec<Line> {
        let files: Vec<&str> = self.of.iter().filter_map(|at| names.get(*at)).map(String::as_str).collect();
        let files = files.join(" ");
        match &self.proven {
            Ok(fork) => {
                let mut report = Report(vec![headline(red(Phrase::new("证据成立", "convicted")), files)]);
                report.say(match fork {
                    Fork::OfLog { size, roots: [one, other] } => zh_en!(
                        "登记册签署了两份{size}条的不同历史：根值 {one} 和 {other}",
                        "the log signed two histories of {size} entries: roots {one} and {other}"
                    ),
                    Fork::OfCase { case, seq, events: [one, other] } => zh_en!(
                        "登记册就案件 {case} 的第{seq}项程序记载签署了两份不同的收件确认：{one} 和 {other}",
                        "the log acknowledged two events in place {seq} of case {case}: {one} and {other}"
                    ),
                });
                report.0
            }
            Err(why) => vec![vec![plain(zh_en!("证据不成立 {files}：{why}", "not convicted {files}: {why}"))]],
        }
    }
}

fn proof(report: &mut Report, proven: &ProvenRecord) {
    let statement = &proven.statement;
    let measure = statement.imposed().map(|imposed| {
        let kind = imposed.measure.kind;
        zh_en!((" · {}", measure_word(kind, None, Language::Zh)), (" · {kind}"))
    });
    let (measure, kind) = (measure.unwrap_or_default(), statement.kind());
    report.say(zh_en!(
        ("{}{measure} · 记录 {}", kind.words().zh, statement.id),
        ("{kind}{measure} · record {}", statement.id)
    ));
    report.say(zh_en!(
        "{} 登记于第{}条，位置{}",
        "logged {} at index {}, position {}",
        proven.logged_at,
        proven.place.index,
        proven.place.position
    ));
    for about in statement.about() {
        report.say(zh_en!("针对 {about}", "about {about}"));
    }
    watched(report, &proven.roster, proven.checkpoint.size);
}

fn notice(report: &mut Report, proven: &ProvenNotice) {
    let items = proven.docket.items.len();
    report.say(zh_en!("公告 · 文书有{items}项", "notice · a docket of {items} items"));
    report.say(zh_en!("{} 登记于第{}条", "logged {} at index {}", proven.logged_at, proven.index));
    watched(report, &proven.roster, proven.checkpoint.size);
    let text = Language::spoken().pick(&proven.publication.zh, &proven.publication.en);
    for line in text.lines() {
        report.say(format_args!("| {}", Visible(line)));
    }
}

/// How many saw the log in which it stands.
fn watched(report: &mut Report, roster: &Roster, size: u64) {
    let quorum = roster.witnesses.quorum;
    if quorum == 0 {
        report.doubt(zh_en!(
            "在共{size}条的登记册中，未经会员见证：签署权限名单不要求见证",
            "in a log of {size} entries, unwitnessed: the roster asks no witnesses"
        ));
    } else {
        report.say(zh_en!(
            "在共{size}条的登记册中，至少{quorum}家会员见证",
            "in a log of {size} entries, seen by {quorum} witnesses or more"
        ));
    }
}

fn check(report: &mut Report, shown: &CheckReport) {
    report.say(zh_en!(
        "第{}次查询，共{}次 · 根值 {}",
        "check {} of {} · root {}",
        shown.check.index,
        shown.check.size,
        shown.check.root
    ));
    report.say(String::from_utf8_lossy(&shown.check.line.0));
    match &shown.anchor {
        Some(anchor) if shown.is_signed => {
            report.say(zh_en!("{} 于 {} 签署了该根值", "{} signed that root on {}", anchor.member, anchor.at));
        }
        Some(anchor) => {
            report.doubt(zh_en!(
                "据称 {} 于 {} 签署：请用载有其密钥的名单核验",
                "{} is said to have signed it on {}: verify that with a list that has its key",
                anchor.member,
                anchor.at
            ));
        }
        None => {
            report.doubt(Phrase::new(
                "没有存证：该根值无人签署，任何人都可以制作",
                "no anchor: the root is nobody's word, and anyone could have made it",
            ));
        }
    }
    match (shown.logged, shown.log_index) {
        (Some((index, at)), _) => {
            report.say(zh_en!("在登记册第{index}条，登记于 {at}", "in the log: entry {index}, logged {at}"));
        }
        (None, _) if shown.anchor.is_none() => {}
        (None, Some(index)) => {
            report.doubt(zh_en!(
                "未能证明在登记册中：据称在第{index}条",
                "not proven to be in the log: entry {index} is said to hold it"
            ));
        }
        (None, None) => report.doubt(Phrase::new(
            "未能证明在登记册中：可能是任何一天的",
            "not proven to be in the log: it could be of any day",
        )),
    }
}

fn departure(report: &mut Report, departure: &Departure, is_signed: bool) {
    let Departure { member, issuer, erased, kept, at, .. } = departure;
    report.say(zh_en!(
        "{member} 已退出 {}，并于 {at} 声明其所存内容的去向",
        "{member} left {}, and says on {at} what became of its copies",
        Visible(issuer)
    ));
    for (what, names) in [(Phrase::new("已删除", "erased"), erased), (Phrase::new("保留", "kept"), kept)] {
        let names: Vec<String> = names.iter().map(|name| Visible(name).to_string()).collect();
        let names = if names.is_empty() { zh_en!("无", "nothing") } else { names.join(", ") };
        report.say(format_args!("{what}{}{names}", zh_en!("：", ": ")));
    }
    if !is_signed {
        report.doubt(Phrase::new(
            "签名未核验：请给出载有其密钥的名单的证明文件",
            "signature not verified: give the proof file of a list that has its key",
        ));
    }
}

fn docket(report: &mut Report, shown: &DocketReport) {
    report.say(zh_en!(
        "文书 {} · {} · {}项 · 第{}版签署权限名单",
        "docket {} · {} · {} items · roster {}",
        shown.hash,
        shown.docket.issuer,
        shown.docket.items.len(),
        shown.docket.roster
    ));
    if shown.is_signed {
        report.say(zh_en!("签署人数达到签署权限名单的要求", "signed by as many seats as the roster asks"));
    } else {
        report.doubt(Phrase::new(
            "签名未核验：请给出签署权限名单的证明文件",
            "signatures not verified: give the roster's proof file",
        ));
    }
    for key in &shown.keys {
        report.say(format_args!("  {key}"));
    }
}
