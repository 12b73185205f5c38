//! Opening a case, and adding its subjects: by hand, of a report, or those of a proposal.

use std::path::PathBuf;

use anyhow::Context as _;
use callboard_client::{output, runtime::os_rng};
use callboard_desk::{
    bundle::Bundle,
    cases::{
        Cases,
        appeal::{Filing, appeal},
        case_file::CaseFile,
        of_report, proposal,
        sealed::Subject,
    },
    registry::PolicyName,
    reports::{Decision, Reports},
};
use callboard_federation::{
    encoding::{CaseId, RecordId, Time},
    language::Phrase,
    roster::RuleKey,
    zh_en,
};
use callboard_rules::case::{
    act::{Act, Filer},
    number::ItemNumber,
};

use super::{
    args::{HostArgs, One, Range, TextArgs, numbers, range, time},
    tell, with_cases,
};
use crate::{seat::SeatArgs, words::words};

#[derive(clap::Args)]
pub(super) struct Open {
    /// The policy that it is decided under, and keeps; of an appeal that of the first case, of a return that of the record
    #[arg(long, value_name = "INSTRUMENT/VERSION", required_unless_present_any = ["appeal", "returns"])]
    policy: Option<PolicyName>,
    /// A case of the same matter: whoever sat there doesn't sit here; once for each
    #[arg(long, value_name = "CASE")]
    earlier: Vec<CaseId>,
    /// The report that it takes up, by code or id: its people become items, and it is accepted
    #[arg(long, value_name = "REPORT")]
    report: Option<String>,
    /// An appeal of what this case decided: whoever had a part in that has none in this one
    #[arg(long, value_name = "CASE", conflicts_with_all = ["policy", "earlier", "report", "returns"])]
    appeal: Option<CaseId>,
    /// The items of that case whose decision is appealed; without them, the appeal that was filed there and isn't heard yet
    #[arg(long, value_name = "ITEMS", value_delimiter = ',', value_parser = range, requires = "appeal")]
    items: Vec<Range>,
    /// An application to return from what this record imposes
    #[arg(long = "return", value_name = "RECORD", conflicts_with = "report")]
    returns: Option<RecordId>,
    /// The day on which the appeal or the application was filed [default: now]
    #[arg(long, value_name = "DAY", value_parser = time)]
    filed: Option<Time>,
    /// Who filed it
    #[arg(long, value_parser = words!(Filer), default_value = Filer::Subject.as_str())]
    by: Filer,
    /// It was filed on paper
    #[arg(long)]
    paper: bool,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Args)]
pub(super) struct AddItem {
    #[command(flatten)]
    one: One,
    /// Its number, which nothing else in the case has
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    item: Option<ItemNumber>,
    /// Add those that a proposal has and the case hasn't
    #[arg(long, value_name = "BUNDLE")]
    from: Option<PathBuf>,
    /// What may be decided: ruling, link, stay/ruling, reinstatement/ruling, annulment/ruling and so on
    #[arg(long, value_name = "DECISION", value_delimiter = ',', default_value = "ruling", value_parser = decision)]
    decides: Vec<RuleKey>,
    #[command(flatten)]
    hosts: HostArgs,
    /// In an appeal: the item of the first case that it is about; the only one that was appealed need not be named
    #[arg(long, value_name = "ITEM")]
    appeals: Option<ItemNumber>,
    /// Under 18 at the conduct: the guardian is told, nothing is published, and who reads what is sealed is approved
    #[arg(long)]
    minor: bool,
    /// Whom it is about; sealed to the seats of the case
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// An account of theirs, as MEMBER:ACCOUNT; sealed likewise
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,
    #[command(flatten)]
    text: TextArgs,
}

fn decision(text: &str) -> Result<RuleKey, String> {
    RuleKey::try_from(text.to_owned()).map_err(|error| error.to_string())
}

impl Open {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        with_cases(&self.seat, async |cases, registry, key| {
            let mut said = self.text.read()?;
            let filed_at = self.filed.unwrap_or_else(|| cases.now());
            let filing = Filing { filed_at, by: self.by, paper: self.paper };
            if let Some(first) = self.appeal {
                let first = cases.fetch(first, &mut os_rng()).await?;
                let file = appeal(cases, first, numbers(&self.items), filing, said, &mut os_rng()).await?;
                return opened(cases, &file).await;
            }
            let applied = self.returns.map(|record| cases.application(record, filing)).transpose()?;
            let (of_record, application) = applied.unzip();
            let policy = match (&self.policy, of_record) {
                (Some(policy), _) => registry.policy(policy).await?.0,
                (None, of_record) => of_record.context(Phrase::new("请写明规则", "name its policy"))?,
            };
            let earlier = self.earlier.clone();
            let act = Act::Opened { policy, earlier, appeal: None, application: application.map(Box::new) };
            let Some(typed) = &self.report else {
                let file = cases.open(act, said, &mut os_rng()).await?;
                return opened(cases, &file).await;
            };
            let reports = Reports::begin(registry, key, &self.seat.home()).await?;
            let id = reports.find(typed, &mut os_rng()).await?;
            // What another wrote in a member's name is refused, and one that names nobody opens nothing.
            let report = reports.open(id, &mut os_rng()).await?;
            let items = of_report::items(&report)?;
            said.report = Some(id);
            let mut file = cases.open(act, said, &mut os_rng()).await?;
            let case = file.case.id();
            for (act, said) in items {
                file = cases.act(file, act, said, &mut os_rng()).await?;
            }
            reports.decide(&report.kept, Decision::Accept(Some(case)), None, &mut os_rng()).await?;
            output::line([output::green(zh_en!("报告已受理，并入案件", "the report is accepted, in this case"))]);
            opened(cases, &file).await
        })
        .await
    }
}

async fn opened(cases: &Cases<'_>, file: &CaseFile) -> anyhow::Result<()> {
    output::line([output::green(file.case.id())]);
    tell(cases, file).await
}

impl AddItem {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        if let Some(path) = &self.from {
            return with_cases(&self.one.seat, async |cases, _, key| {
                let bundle = Bundle::open(path, key).with_context(|| path.display().to_string())?;
                add_missing(cases, &bundle, self.one.case, &self.hosts).await
            })
            .await;
        }
        let item = self.item.context(Phrase::new("请写明编号", "name its number"))?;
        let mut said = self.text.read()?;
        if !self.names.is_empty() || !self.accounts.is_empty() {
            said.subjects.push(Subject { item, names: self.names.clone(), accounts: self.accounts.clone() });
        }
        let hosts = proposal::hosts_of(self.hosts.hosts.iter().cloned());
        let reporters = self.hosts.reporters.clone();
        let (decides, minor) = (self.decides.clone(), self.minor);
        self.one
            .take(async |_, file| {
                let named = self.appeals.map(Some);
                let appeals = named.map_or_else(|| proposal::appealed(&file.case, item), Ok)?;
                Ok((Act::ItemAdded { item, decides, hosts, reporters, minor, appeals }, said))
            })
            .await
    }
}

/// Adds the items of a proposal that its case lacks.
pub(crate) async fn add_missing(
    cases: &Cases<'_>,
    bundle: &Bundle,
    case: CaseId,
    hosts: &HostArgs,
) -> anyhow::Result<()> {
    let mut file = cases.fetch(case, &mut os_rng()).await?;
    let missing = proposal::items_to_add(bundle, &file.case, &hosts.hosts, &hosts.reporters)?;
    if missing.is_empty() {
        output::line([output::plain(Phrase::new("各项均已列入案件", "the case has all of its items"))]);
        return Ok(());
    }
    for (act, said) in missing {
        file = cases.act(file, act, said, &mut os_rng()).await?;
        tell_item(&file);
    }
    Ok(())
}

fn tell_item(file: &CaseFile) {
    if let Some(filed) = file.events.last() {
        let seq = filed.event.seq;
        let items = callboard_desk::cases::words::items(file.case.items_of(&filed.act));
        output::line([output::plain(zh_en!("{seq:>4}  列入{items}", "{seq:>4}  {items} added"))]);
    }
}
