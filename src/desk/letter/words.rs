//! The words of letters that no policy has.

use callboard_federation::{
    policy::Policy,
    statement::{Kind, MeasureKind, Scope, SubjectType},
};

use crate::desk::language::Language;

/// The words of a language.
#[derive(Clone, Copy)]
pub(super) struct Words(pub(super) Language);

macro_rules! labels {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        impl Words {$(
            pub(super) const fn $name(self) -> &'static str {
                self.0.pick($zh, $en)
            }
        )*}
    };
}

labels! {
    to = "对象", "To";
    subject = "当事人类型", "Subject";
    identity = "证件号码", "Identity";
    confirmed = "起草人注明已核对", "Confirmed by who drafted";
    compare = "请对照证件", "Compare";
    minor = "未成年人", "A minor";
    minor_care = "行为时未满十八周岁：须经批准，通知监护人，不得公开",
        "under 18 at the conduct: to be approved, the guardian to be told, never public";
    accounts = "账号", "Accounts";
    about = "所涉决定", "About";
    under = "依据", "Under";
    measure_label = "措施", "Measure";
    scopes = "范围", "Scopes";
    all_scopes = "全部", "all services";
    from = "生效", "From";
    until = "截止", "Until";
    open = "无截止时间", "no end date";
    then = "期满", "Then";
    reinstatement_needed = "不自动解除，须经申请复出", "it doesn't end by itself: a reinstatement is needed";
    probation = "观察期至", "On probation until";
    uncounted = "不计入的条目", "Entries that don't count";
    violation = "违规", "Violation";
    conduct = "行为时间", "Conduct";
    evidence = "证据", "Evidence";
    reasons = "理由", "Reasons";
    condition = "条件", "Condition";
    guardian = "监护人", "Guardian";
    own_words = "本人陈述", "In their own words";
    record = "记录编号", "Record";
    comma = "、", ", ";
}

impl Words {
    /// What the letter is.
    pub(super) const fn title(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Ruling => self.0.pick("决定书", "Decision"),
            Kind::Interim => self.0.pick("临时措施决定书", "Interim measure"),
            Kind::Annulment => {
                self.0.pick("撤销决定书：所涉决定视为自始未作出", "Annulment: what it is about counts as never made")
            }
            Kind::End => self.0.pick("终止决定书：所涉事项不再有效", "End: what it is about holds no longer"),
            Kind::Stay => self.0.pick("中止决定书：所涉措施中止", "Stay: the measures pause"),
            Kind::Reinstatement => self.0.pick("复出决定书：所涉措施终止", "Reinstatement: the measures end"),
            Kind::Dispute => self.0.pick("异议登记：所涉决定存在异议", "Dispute: what it is about is disputed"),
            Kind::Rejoinder => self.0.pick("陈述登记", "Rejoinder"),
            Kind::Link => self.0.pick("标识关联：下列标识属于同一对象", "Link: these identities are of one subject"),
            Kind::Erasure => self.0.pick("删除决定书：所涉记录予以删除", "Erasure: what it is about is erased"),
            Kind::Roster => self.0.pick("名册", "Roster"),
            Kind::Members => self.0.pick("会员名单", "Members"),
            Kind::Policy => self.0.pick("规则", "Policy"),
        }
    }

    /// The kind of a record, in a few words.
    pub(super) const fn kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Ruling => self.0.pick("决定", "decision"),
            Kind::Interim => self.0.pick("临时措施", "interim measure"),
            Kind::Annulment => self.0.pick("撤销", "annulment"),
            Kind::End => self.0.pick("终止", "end"),
            Kind::Stay => self.0.pick("中止", "stay"),
            Kind::Reinstatement => self.0.pick("复出", "reinstatement"),
            Kind::Dispute => self.0.pick("异议", "dispute"),
            Kind::Rejoinder => self.0.pick("陈述", "rejoinder"),
            Kind::Link => self.0.pick("标识关联", "link"),
            Kind::Erasure => self.0.pick("删除", "erasure"),
            Kind::Roster => self.0.pick("名册", "roster"),
            Kind::Members => self.0.pick("会员名单", "members"),
            Kind::Policy => self.0.pick("规则", "policy"),
        }
    }

    /// The policy's word for a measure, with the measure behind it.
    pub(super) fn measure(self, kind: MeasureKind, policy: Option<&Policy>) -> String {
        let words = policy.and_then(|policy| policy.words.get(&kind));
        words.map_or_else(|| kind.to_string(), |words| format!("{} ({kind})", self.0.pick(&words.zh, &words.en)))
    }

    pub(super) const fn subject_type(self, subject: SubjectType) -> &'static str {
        match subject {
            SubjectType::Person => self.0.pick("个人", "a person"),
            SubjectType::Enterprise => self.0.pick("企业", "an enterprise"),
            SubjectType::Persona => self.0.pick("虚拟主播", "a virtual persona"),
        }
    }

    pub(super) fn scope(self, scope: &Scope) -> String {
        let word = match scope {
            Scope::Live => self.0.pick("直播", "live"),
            Scope::Recorded => self.0.pick("录播", "recorded"),
            Scope::Promotion => self.0.pick("推广", "promotion"),
            Scope::Endorsement => self.0.pick("代言", "endorsement"),
            Scope::Award => self.0.pick("评奖", "awards"),
            Scope::Topic(name) => return format!("{}{name}", self.0.pick("话题：", "topic ")),
        };
        word.to_owned()
    }
}
