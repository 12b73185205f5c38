//! Why an act isn't taken: the case as it is, the act, and the reason, each reason with a stable word.

use callboard_federation::{
    encoding::{CaseId, Hash, RecordId},
    event::ChainError,
    language::Phrase,
    statement::DraftError,
    zh_en,
};
use jiff::civil::Date;

use super::number::ItemNumber;

/// Why a chain isn't a case by the rules.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The events aren't a chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// One of them isn't allowed where it stands.
    #[error("{}", zh_en!("第{seq}项程序记载（{act}）：{why}", "event {seq} ({act}): {why}"))]
    Act {
        seq: u64,
        /// The act's word, as the event has it.
        act: String,
        why: Why,
    },
}

macro_rules! whys {
    ($($(#[$doc:meta])* $name:ident $(($($field:ident: $type:ty),+))? = $word:literal $zh:literal $en:literal;)*) => {
        /// Why an act isn't allowed, or a docket doesn't follow from its cases.
        #[derive(Debug)]
        pub enum Why {
            /// The members of the event aren't those of its act.
            Malformed(serde_json::Error),
            $($(#[$doc])* $name $(($($type),+))?,)*
        }

        impl Why {
            /// The words of all reasons.
            pub const WORDS: &[&str] = &["event-malformed", $($word),*];

            /// The stable word of the reason.
            pub const fn word(&self) -> &'static str {
                match self {
                    Self::Malformed(_) => "event-malformed",
                    $(Self::$name $( ( $($field),+ ) )? => { $( $( let _ = $field; )+ )? $word })*
                }
            }
        }

        impl std::fmt::Display for Why {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Self::Malformed(source) => f.write_str(&zh_en!("内容不符合该步骤的格式：{source}",
                        "its members aren't those of its act: {source}")),
                    $(Self::$name $( ( $($field),+ ) )? => f.write_str(&zh_en!($zh, $en)),)*
                }
            }
        }
    };
}

whys! {
    List = "event-list" "列表为空、过长或有重复" "a list is empty, too long, or repeats something";
    SealedLength = "event-sealed" "密封部分的长度不合规定" "the sealed part is empty or too long";
    Decides = "item-decides" "该项可作出的决定有误" "an item can't be about such a decision";
    Signer = "event-signer" "签署者此时无权采取这一步骤" "whoever signed may not do this";
    Clock = "event-clock" "时间早于前一项记载" "its time is before that of the event before it";
    NotOpened = "case-not-opened" "案件应以立案开始" "a case begins by being opened";
    Opened = "case-opened" "案件已经立案" "the case is opened already";
    Closed = "case-closed" "案件已经结案" "the case is closed";
    PolicyUnknown(policy: Hash) = "case-policy" "规则 {policy} 未曾登记" "policy {policy} was never logged";
    PolicyTerms(what: &'static str) = "case-terms" "规则没有写明 {what}" "the policy doesn't say {what}";
    EarlierUnknown(case: CaseId) = "case-earlier" "没有提供在先案件 {case} 的程序记载"
        "the events of the earlier case {case} aren't at hand";
    ItemUnknown(item: ItemNumber) = "item-unknown" "没有第{item}人" "there is no item {item}";
    ItemRepeated(item: ItemNumber) = "item-repeated" "第{item}人已经列入" "item {item} is there already";
    ItemDropped(item: ItemNumber) = "item-dropped" "第{item}人已不再处理" "item {item} was dropped";
    ItemDecided(item: ItemNumber) = "item-decided" "第{item}人已作出决定" "item {item} is decided already";
    ItemSitting(item: ItemNumber) = "item-sitting" "第{item}人已提交评议，此时不能更改"
        "the panel sits on item {item}, or sat: it can't be changed now";
    SeatUnknown = "seat-unknown" "签署权限名单中没有这一签署人" "no seat of the roster in force has this key";
    SeatRecused = "seat-recused" "该签署人须回避" "the seat is recused";
    SeatOut = "seat-out" "该签署人此前未公开其承诺，不得参加下一次评议"
        "the seat didn't open what it had committed to, and is out of the next panel";
    SeatRole = "seat-role" "该签署人的职责不能担任此事" "a seat of this role can't do that";
    SeatTwice = "seat-twice" "该签署人已经做过" "the seat has done so already";
    NoPanel = "panel-missing" "尚无评议组" "there is no panel yet";
    NotOnPanel = "panel-not-member" "该签署人不在评议组" "the seat isn't on the panel";
    PanelShort(item: ItemNumber) = "panel-short" "第{item}人：无须回避的评议委员不足"
        "item {item}: too few seats of the panel aren't recused";
    PanelDrawn = "panel-by-draw" "规则要求抽签组成评议组" "the policy asks that the panel is drawn";
    PanelKept = "panel-kept" "评议组已经评议过：可以评议的原委员应当留任"
        "the panel sat already: its seats that still may decide stay on it";
    PanelNew(item: ItemNumber, last: Date) = "panel-new" "第{item}人：{last}前可以对评议组成员申请回避，期限尚未届满"
        "item {item}: its subject may challenge the panel's seats until the end of {last}";
    PanelSat = "panel-sat" "评议组已经开始评议" "the panel has sat already";
    NotReplaceable = "panel-not-replaceable" "只有须回避或已离任的签署人可以替换"
        "only a seat that is recused, out or gone is replaced";
    ReplacementOrder = "panel-replacement" "应由抽签顺序的下一签署人替补" "the next seat of the draw takes the place";
    DrawState = "draw-state" "抽签此时不能进行这一步" "the draw isn't at this step";
    DrawEligible = "draw-eligible" "应列明全部可抽取的签署人，且无其他"
        "all seats that may be drawn are eligible, and no others";
    DrawGuarantor = "draw-guarantor" "应由一名主任委员和两名评议组之外的签署人提供随机数"
        "the guarantors are a chair and two others, none of them eligible";
    DrawSeats = "draw-seats" "抽取人数不合规定" "too few seats are eligible, or to be drawn";
    DrawRoot = "draw-root" "登记册在该大小处没有这一根值" "the log has no such root at that size";
    DrawCommitment = "draw-commitment" "所公开的随机数与承诺不符" "the secret isn't the one that was committed to";
    DrawLate = "draw-late" "公开随机数已逾期" "the time to open secrets is over";
    DrawResult = "draw-result" "不是抽签得出的签署人" "these aren't the seats that the draw gives";
    ChallengeUnknown = "challenge-unknown" "没有待决的这一回避申请" "no such challenge waits to be decided";
    ChallengeOpen(item: ItemNumber) = "challenge-open" "第{item}人：回避申请尚未决定"
        "item {item}: a challenge isn't decided yet";
    ChallengeLate = "challenge-late" "评议组已开始表决，不再受理回避申请" "the panel votes already";
    NoticeMissing(item: ItemNumber) = "notice-missing" "第{item}人：尚未送达告知" "item {item}: no notice is proven";
    NoticeTime = "notice-time" "送达时间不合理：早于列入、晚于记载，或者超过30天才证明"
        "the time of the notice is before the item, after the event, or longer ago than thirty days";
    NoticeGuardian(item: ItemNumber) = "notice-guardian" "第{item}人行为时未满18岁：应告知监护人"
        "item {item} was under 18: its guardian is told";
    NoticeRepresentative(item: ItemNumber) = "notice-representative" "第{item}人没有代理人" "nobody acts for item {item}";
    NoticeMinor(item: ItemNumber) = "notice-minor" "第{item}人行为时未满18岁：不得公告送达"
        "item {item} was under 18: nothing is published";
    NoticeAttempts(item: ItemNumber) = "notice-attempts" "第{item}人：告知失败的次数不足，不能公告送达"
        "item {item}: too few attempts failed for service by publication";
    NoticeHost(item: ItemNumber) = "notice-host" "第{item}人不在该会员单位" "the member doesn't host item {item}";
    WindowOpen(item: ItemNumber, last: Date) = "window-open" "第{item}人：陈述申辩期限至{last}，尚未届满"
        "item {item}: the time to answer lasts until {last}";
    CalendarUnknown(day: Date) = "calendar-unknown" "规则的日历没有{day}所在的年份，期限无法计算"
        "the policy's calendar has no {day}, so the window can't be counted";
    InterimLate(item: ItemNumber) = "interim-late" "第{item}人：评议组已开始评议，不再采取临时措施"
        "item {item}: the panel sits already, and no interim is taken";
    InterimSeat = "interim-seat" "该签署人不在规则所列可决定临时措施的签署人之中"
        "the seat isn't one that the policy lets order an interim";
    SessionSitting = "session-sitting" "另一次评议正在进行" "another session is open";
    SessionUnknown = "session-unknown" "没有进行中的这次评议" "that session isn't open";
    SessionTimes = "session-times" "评议的时间不合规定：应依次递增，且不超过31天"
        "the times of the session don't follow each other, or it takes more than 31 days";
    VoteClosed = "vote-closed" "投票已截止" "votes aren't taken any more";
    VoteAbsent = "vote-absent" "该签署人未到会" "the seat isn't present";
    VoteNotYet = "vote-not-yet" "到会签署人尚未全部投票，且时间未到" "not all have voted, and the time isn't up";
    VoteLate = "vote-late" "公开投票已逾期" "the time to open votes is over";
    VoteCommitment = "vote-commitment" "所公开的投票与承诺不符" "the vote isn't the one that was committed to";
    VoteMalformed = "vote-malformed" "投票格式有误，或涉及不在此次评议的人"
        "the vote is malformed, or about an item that isn't of the session";
    VoteUnopened = "vote-unopened" "尚有投票未公开，且时间未到" "votes aren't opened yet, and the time isn't up";
    NotDecidable = "resolution-of" "没有可作出决议的评议或临时措施提议"
        "no session was closed, and no interim proposed, under that number";
    NotAsVoted = "resolution-not-as-voted" "与表决结果不符：决议应恰为通过的各项及其草案"
        "the resolution isn't exactly the items that were carried, with their drafts";
    NothingCarried = "resolution-nothing" "没有通过的项" "nothing was carried";
    ResolutionUnknown = "resolution-unknown" "没有待确认的这一决议" "no such resolution waits to be confirmed";
    ConfirmedAlready = "resolution-confirmed" "决议已经确认" "the resolution is confirmed already";
    NotLogged = "docket-not-logged" "登记册中没有依据该程序记载的这份文书"
        "no docket of that hash that names this procedure is in the log";
    IssuedOtherwise = "docket-issued" "该决议已由另一文书登记" "it was issued by another docket";
    DocketBefore = "docket-before" "程序记载的时间晚于登记" "an event is later than the docket is logged";
    ProcedureUnknown = "procedure-unknown" "没有以该程序记载为依据的有效决议"
        "no resolution that stands ends in that event";
    Overtaken(seq: u64) = "procedure-overtaken" "第{seq}项记载发生在其后：评议组应知悉并重新决议"
        "event {seq} overtakes it: the panel takes note and resolves again";
    NotConfirmed = "procedure-not-confirmed" "决议尚待主任委员会议确认" "the chairs haven't confirmed it yet";
    DraftUnknown(record: RecordId) = "docket-not-resolved" "记录 {record} 不是所决议的草案"
        "record {record} isn't a draft that was resolved";
    DraftMissing(item: ItemNumber) = "docket-incomplete" "缺少第{item}人所决议的草案"
        "a draft that was resolved for item {item} is missing";
    DraftKind(record: RecordId) = "docket-kind" "记录 {record} 的类型不是该项可作出的决定"
        "record {record} is of a kind that its item doesn't decide";
    DraftPolicy(record: RecordId) = "docket-policy" "记录 {record} 所依据的规则不是立案时的规则"
        "record {record} is under another policy than its case";
    DraftMalformed(record: RecordId, source: DraftError) = "docket-draft" "记录 {record} 没有草案摘要：{source}"
        "record {record} has no draft hash: {source}";
    ImportSigners = "import-signers" "不经案件程序导入的决定，须由足以更换签署权限名单的签署人签署"
        "what is taken over without a case is signed by as many as a roster";
    NotDecided(item: ItemNumber) = "decision-none" "第{item}人的决定尚未登记" "what is decided of item {item} isn't logged yet";
    DecisionTime(item: ItemNumber) = "decision-time" "第{item}人：时间早于决定的登记"
        "item {item}: that is before its decision was logged";
    AppealLate(item: ItemNumber, last: Date) = "appeal-late" "第{item}人：提出异议的期限至{last}，已经届满"
        "item {item}: the time to object lasted until {last}";
    AppealTwice(item: ItemNumber) = "appeal-twice" "第{item}人已经提出过异议，只能提出一次"
        "item {item} was appealed already, which is done once";
    AppealFinal = "appeal-final" "异议案件作出的决定不得再次提出异议" "what an appeal decided can't be appealed again";
    AppealUnknown = "appeal-unknown" "该案件没有这一项异议记载" "the case has no such event by which an appeal was filed";
    AppealOther(case: CaseId) = "appeal-other" "该异议由案件 {case} 处理，或者案号重复"
        "that appeal is heard by case {case}, and no other";
    AppealPolicy = "appeal-policy" "异议案件应适用原案件的规则" "an appeal is under the policy of the first case";
    AppealItem(item: ItemNumber) = "appeal-item" "第{item}人：须写明所异议的原案当事人，且仅限于此"
        "item {item}: in an appeal, and nowhere else, it says which of the items appealed it is about";
    AppealDecides(item: ItemNumber) = "appeal-decides" "第{item}人：异议案件只能决定暂缓、结束暂缓、撤销或者撤销并另作决定"
        "item {item}: an appeal decides a stay, the end of one, an annulment, or an annulment and what comes in its place";
    AppealInterim(item: ItemNumber) = "appeal-interim" "第{item}人：异议案件中只有暂缓可以不经评议组决定"
        "item {item}: in an appeal nothing but a stay is ordered without a panel";
    PanelPossible(item: ItemNumber) = "panel-possible" "第{item}人：可以组成不含原签署人的评议组，应由其决定"
        "item {item}: a panel that shares nobody with the first can be formed, and decides";
    ReturnAppeal = "return-appeal" "一个案件不能既处理异议又处理复出申请" "one case hears an appeal or an application to return, not both";
    ReturnRecord(record: RecordId) = "return-record" "与登记册中记录 {record} 的措施、生效时间或期限不符"
        "that isn't what record {record} of the log imposes, or not since and until then";
    ReturnBy = "return-by" "规则不接受由其提出复出申请" "the policy takes no application of theirs";
    ReturnBar = "return-bar" "永久抵制不适用复出申请，只能提出异议" "nobody applies to return from a permanent bar: it can be appealed";
    ReturnExpires = "return-expires" "该措施期满自动解除，无须申请" "it ends by itself when its term is over: nobody need apply";
    ReturnNothing = "return-nothing" "该措施不限制从业，无须申请复出" "it keeps nobody from anything: there is nothing to return from";
    ReturnEarly(first: Date) = "return-early" "尚未到可以申请的时间：{first}起可以申请" "it is too early: one may apply from {first}";
    ReturnLate(last: Date) = "return-late" "申请期限至{last}，已经届满" "it is too late: one could apply until {last}";
    ReturnDecides(item: ItemNumber) = "return-decides" "第{item}人：复出申请案件只能决定复出"
        "item {item}: a case that hears an application decides reinstatements, and nothing else";
    ReturnAsks(item: ItemNumber, kind: Phrase) = "return-asks" "第{item}人：缺少规则要求的材料（{kind}）"
        "item {item}: what the policy asks for isn't there yet ({kind})";
    ReturnNone = "return-none" "该案件不处理复出申请" "the case hears no application to return";
    AccessOwn = "access-own" "不能由阅看者本人批准" "whoever is to read doesn't approve it";
    Pending(item: ItemNumber) = "case-pending" "第{item}人尚未处理完毕" "item {item} is neither decided nor dropped";
}

impl std::error::Error for Why {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed(source) => Some(source),
            Self::DraftMalformed(_, source) => Some(source),
            _ => None,
        }
    }
}
