//! What the help of each act on a case shows: calls as they are typed.

pub(super) const OPEN: &str = "\
Examples:
  callboard case open --policy streamer-warning-rules/2022 --report PZMDE5VTNK --key secretary-1.key
      of a report: its people become items, its member is their reporter, and the report is accepted with it
  callboard case open --policy streamer-warning-rules/2022 --earlier 019c… --key secretary-1.key
      the same matter once more, such as a relapse: whoever sat in the earlier case doesn't sit in this one
  callboard case open --appeal 019c… --items 3,17 --filed 2024-10-16 --by guardian --paper --text-file objection.txt --key secretary-1.key
      an objection that came on paper: it is filed in the case that decided, and this one hears it. It is refused if it is
      late, or the second one
  callboard case open --appeal 019c… --key secretary-1.key
      hears the objection that was filed there and that no case hears yet
  callboard case open --return 019c… --filed 2026-10-08 --by unit --key secretary-1.key
      an application to return from what that record imposes: it is refused before the policy's window opens";

pub(super) const LIST: &str = "\
Examples:
  callboard case list --state sitting --key panel-1.key";

pub(super) const SHOW: &str = "\
Examples:
  callboard case show 019c… --key panel-1.key";

pub(super) const ADD_ITEM: &str = "\
Examples:
  callboard case add-item 019c… 3 --name 赵试一 --account alpha:jia --hosts alpha --reporters beta --key secretary-1.key
  callboard case add-item 019c… --from batch.bundle --hosts alpha --key secretary-1.key
      row n of what was drafted is item n
  callboard case add-item 019c… 2 --appeals 17 --decides stay/ruling --key secretary-1.key
      in an appeal of item 17 of the first case: a stay, which needs no notice";

pub(super) const DECISION_NOTIFIED: &str = "\
Examples:
  callboard case decision-notified 019c… --items 1-88 --delivered-at 2024-09-27 --proof receipts.pdf --key secretary-1.key
      from that day runs the time to object. A case that is closed takes it, too
  callboard case decision-notified 019c… --items 3 --to guardian --proof receipt.pdf --key secretary-1.key";

pub(super) const DECISION_PUBLISHED: &str = "\
Examples:
  callboard case decision-published 019c… --items 3 --published-at 2024-09-27 --notice notice.pdf --key secretary-1.key
      where telling it failed as often as the policy says (`notice-failed`), since it was decided";

pub(super) const PROBATION_REPORTED: &str = "\
Examples:
  callboard case probation-reported 019c… --items 1 --proof report.pdf --key secretary-1.key
      `show` says by when the next one is due";

pub(super) const DROP_ITEM: &str = "\
Examples:
  callboard case drop-item 019c… 17 --text-file why.txt --key secretary-1.key";

pub(super) const EVIDENCE: &str = "\
Examples:
  callboard case evidence 019c… --items 1-3 --kind recording --file 2026-11-20.mp4 --key secretary-1.key
  callboard case evidence 019c… --items 3 --kind authority-decision --file decision.pdf --key secretary-1.key
  callboard case evidence 019c… --items 3 --docket proof.json --key secretary-1.key
      a docket of another association, whose registry the case's policy names
  callboard case evidence 019c… --items 1 --kind training --file certificate.pdf --key secretary-1.key
      what the policy asks of who returns: remedy-proof, training, commitment";

pub(super) const PANEL: &str = "\
Examples:
  callboard case panel 019c… panel-1 panel-2 panel-3 --key chair-1.key";

pub(super) const DRAW: &str = "\
Examples:
  callboard case draw announce 019c… --guarantors chair-1 secretary-1 secretary-2 --key secretary-1.key
  callboard case draw commit 019c… --key chair-1.key
  callboard case draw open 019c… --key chair-1.key";

pub(super) const RECUSE: &str = "\
Examples:
  callboard case recuse 019c… --items 17,40 --text-file why.txt --key panel-2.key
  callboard case recuse 019c… --key panel-2.key
      from the whole case";

pub(super) const CHALLENGE: &str = "\
Examples:
  callboard case challenge 019c… panel-1 --items 3 --text-file why.txt --key secretary-1.key";

pub(super) const DECIDE_CHALLENGE: &str = "\
Examples:
  callboard case decide-challenge 019c… --rejected --text-file reasons.txt --key chair-1.key";

pub(super) const REPLACE: &str = "\
Examples:
  callboard case replace 019c… panel-2 panel-4 --key chair-1.key";

pub(super) const REPRESENT: &str = "\
Examples:
  callboard case represent 019c… --items 3 --by attorney --text-file attorney.txt --key secretary-1.key";

pub(super) const NOTIFIED: &str = r#"Examples:
  callboard case notified 019c… --items 1-88 --delivered-at "2026-11-20 14:00" --proof receipts.pdf --key secretary-1.key
  callboard case notified 019c… --items 3 --to guardian --proof receipt.pdf --key secretary-1.key"#;

pub(super) const NOTICE_FAILED: &str = "\
Examples:
  callboard case notice-failed 019c… --items 3 --attempted-at 2026-11-20 --proof returned.pdf --key secretary-1.key";

pub(super) const PUBLISHED: &str = "\
Examples:
  callboard case published 019c… --items 3 --published-at 2026-11-25 --notice notice.html --key secretary-1.key";

pub(super) const ANSWERED: &str = "\
Examples:
  callboard case answered 019c… --items 3 --text-file answer.txt --key secretary-1.key";

pub(super) const INTERIM: &str = "\
Examples:
  callboard case interim 019c… stop.bundle --key secretary-1.key
      what was drafted with --interim";

pub(super) const SESSION: &str = "\
Examples:
  callboard case session 019c… batch.bundle --key chair-1.key
  callboard case session 019c… batch.bundle --items 1-16,18-88 --seal-hours 48 --open-hours 12 --key chair-1.key";

pub(super) const READ: &str = "\
Examples:
  callboard case read 019c… batch.bundle --key panel-1.key";

pub(super) const PRESENT: &str = "\
Examples:
  callboard case present 019c… --key panel-1.key";

pub(super) const VOTE: &str = "\
Examples:
  callboard case vote 019c… --all for --except 17,40=against --reasons why.txt --proposal batch.bundle --key panel-1.key";

pub(super) const OPEN_VOTE: &str = "\
Examples:
  callboard case open-vote 019c… --key panel-1.key";

pub(super) const CLOSE_SESSION: &str = "\
Examples:
  callboard case close-session 019c… --key chair-1.key";

pub(super) const RESOLVE: &str = "\
Examples:
  callboard case resolve 019c… --text-file reasons.txt --key panel-1.key";

pub(super) const CONFIRM: &str = "\
Examples:
  callboard case confirm 019c… --key chair-1.key";

pub(super) const WITHDRAW: &str = "\
Examples:
  callboard case withdraw 019c… --session 14 --text-file why.txt --key chair-1.key";

pub(super) const DOCKET: &str = "\
Examples:
  callboard case docket 019c… batch.bundle --send --key secretary-1.key --out decided.bundle";

pub(super) const APPROVE_ACCESS: &str = "\
Examples:
  callboard case approve-access 019c… panel-3 --items 3 --key chair-1.key";

pub(super) const CLOSE: &str = "\
Examples:
  callboard case close 019c… --key secretary-1.key";

pub(super) const MINUTES: &str = "\
Examples:
  callboard case minutes 019c… --key panel-1.key";

pub(super) const EXPORT: &str = "\
Examples:
  callboard case export 019c… --key secretary-1.key --out case.ndjson
      for callboard audit export --cases case.ndjson";
