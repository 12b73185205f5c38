//! The words of letters that no policy has. No English code stands within a Chinese letter.

use callboard_federation::{
    policy::Policy,
    roster::Role,
    standing::{Action, Phase},
    statement::{Kind, MeasureKind, Scope, SubjectType},
};

use super::numeral;
use crate::language::Language;

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
    sandbox = "（测试环境：不具约束力，人物皆为虚构）", "(SANDBOX: it binds nobody, and nobody in it exists)";
    unnamed = "注意：无人提供当事人的证件号码，本工作台无法核实这是谁的记录。",
        "NOTE: nobody gives the person's identity, so this desk can't show whose record it is.";
    unnamed_do = "签署人须另行核实，并输入记录编号的末八位。",
        "Whoever signs makes sure by other means, and types the last eight characters of the record.";
    number = "文号", "Number";
    no_number = "（未编文号）", "none";
    to = "当事人", "To";
    subject = "当事人类型", "Subject";
    identity = "证件号码", "Identity";
    confirmed = "起草人注明证件已核对", "Confirmed by who drafted";
    compare = "请对照证件", "Compare";
    minor = "未成年人", "A minor";
    minor_care = "行为时未满十八周岁：须经批准，通知监护人，不得公开",
        "under 18 at the conduct: to be approved, the guardian to be told, never public";
    accounts = "账号", "Accounts";
    about = "原决定", "About";
    about_measure = "原措施", "Its measure";
    about_closed = "原决定内容未能打开", "Its details don't open";
    reasons_then = "原事实和理由", "Its facts and reasons";
    nobody = "姓名、证件不明", "whose, is not known";
    already = "此人已有措施", "Already listed";
    also = "本文书中涉及此人的其他项", "Other items of this docket of the same person";
    left = "本文书生效后此人仍有", "Afterwards still stands";
    completeness = "查询依据", "Asked of";
    link = "身份关联", "Linked";
    nothing_left = "本文书生效后此人再无其他措施", "Afterwards nothing else stands against the person";
    under = "依据", "Under";
    procedure = "程序", "Procedure";
    taken_over = "登记册启用之前的决定，导入登记，未经案件程序", "decided before the registry: taken over without a case";
    measure_label = "措施", "Measure";
    scopes = "适用服务", "Services";
    all_scopes = "全部网络表演（直播）及相关服务", "all online performance (live) and related services";
    from = "生效", "From";
    term = "期限", "Term";
    stay_term = "暂缓期", "Stayed";
    probation = "观察期", "On probation";
    then = "期满", "Then";
    reinstatement_needed = "不自动解除，须经申请复出", "it doesn't end by itself: a reinstatement is needed";
    uncounted = "不计入的条目", "Entries that don't count";
    violation = "违规情形", "Violation";
    conduct = "行为时间", "Conduct";
    evidence = "证据校验码", "Evidence";
    reasons = "事实和理由", "Facts and reasons";
    condition = "条件", "Condition";
    guardian = "监护人", "Guardian";
    born = "出生日期", "Born";
    own_words = "本人陈述", "In their own words";
    objection = "异议", "Objection";
    decided_by = "作出决定", "To be decided by";
    signed_by = "签署", "Signed";
    logged = "登记", "Logged";
    proof = "登记证明", "Proof";
    drafted = "起草", "Drafted";
    record = "记录编号", "Record";
    comma = "、", ", ";
}

impl Words {
    pub(super) const fn title(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Ruling => self.0.pick("决定书", "Decision"),
            Kind::Interim => self.0.pick("临时措施决定书", "Interim measure"),
            Kind::Annulment => self
                .0
                .pick("撤销决定书：撤销原决定，原决定自始无效", "Annulment: what it is about counts as never made"),
            Kind::End => self.0.pick("失效确认书：下列事项不再有效", "End: what it is about holds no longer"),
            Kind::Stay => self.0.pick("暂缓执行决定书：暂缓执行原措施", "Stay: the measures pause"),
            Kind::Reinstatement => self.0.pick("复出决定书：解除原警示措施", "Reinstatement: the measures end"),
            Kind::Dispute => self.0.pick("异议登记：当事人对原决定有异议", "Dispute: what it is about is disputed"),
            Kind::Rejoinder => self.0.pick("陈述申辩登记", "Rejoinder"),
            Kind::Link => {
                self.0.pick("身份关联认定书：下列证件属于同一当事人", "Link: these identities are of one subject")
            }
            Kind::Erasure => self.0.pick("删除决定书：删除原记录", "Erasure: what it is about is erased"),
            Kind::Roster => self.0.pick("签署权限名单", "Roster"),
            Kind::Members => self.0.pick("会员单位名单", "Members"),
            Kind::Policy => self.0.pick("规则", "Policy"),
        }
    }

    pub(super) const fn kind(self, kind: Kind) -> &'static str {
        kind.words().pick(self.0)
    }

    /// The policy's word for a measure; in English with the measure behind it, which two policies may word alike.
    pub(super) fn measure(self, kind: MeasureKind, policy: Option<&Policy>) -> String {
        let words = policy.and_then(|policy| policy.words.get(&kind)).map_or_else(
            || kind.words().pick(self.0),
            |words| match self.0 {
                Language::Zh => words.zh.as_str(),
                Language::En => words.en.as_str(),
            },
        );
        match self.0 {
            Language::Zh => words.to_owned(),
            Language::En => format!("{words} ({kind})"),
        }
    }

    pub(super) const fn action(self, action: Action) -> &'static str {
        match action {
            Action::Allow => self.0.pick("平台可以提供服务", "members may give service"),
            Action::Notify => {
                self.0.pick("平台可以提供服务，须告知负责人", "members may give service, and tell who is responsible")
            }
            Action::Review => self.0.pick("平台须经人工复核", "a person decides at each member"),
            Action::Refuse => self.0.pick("平台一律不得提供服务", "members must refuse all such service"),
        }
    }

    /// Where a measure stands, if it isn't simply in force.
    pub(super) const fn phase(self, phase: Phase) -> Option<&'static str> {
        match phase {
            Phase::InForce => None,
            Phase::AwaitingReinstatement => {
                Some(self.0.pick("期限已满，尚未复出", "its term is over, a reinstatement is needed"))
            }
            Phase::Probation => Some(self.0.pick("观察期内", "on probation")),
            Phase::Stayed => Some(self.0.pick("暂缓执行中", "stayed")),
            Phase::Superseded | Phase::Ended | Phase::Lifted => Some(self.0.pick("已解除", "over")),
        }
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
            Scope::Promotion => self.0.pick("商业推广", "promotion"),
            Scope::Endorsement => self.0.pick("代言", "endorsement"),
            Scope::Award => self.0.pick("评优评奖", "awards"),
            Scope::Topic(name) => return format!("{}{name}", self.0.pick("话题：", "topic ")),
        };
        word.to_owned()
    }

    pub(super) fn object_within(self, working_days: u32) -> String {
        let days = u64::from(working_days);
        match self.0 {
            Language::Zh => format!("收到之日起{}个工作日内向秘书处书面提出", numeral::zh(days)),
            Language::En => {
                format!("in writing to the secretariat, within {} working days of receipt", numeral::en(days))
            }
        }
    }

    /// What the proof of a logged letter shows.
    pub(super) fn proven(self, size: u64, quorum: u64) -> String {
        match (self.0, quorum) {
            (Language::Zh, 0) => format!("已核验：在共{size}条的登记册中（尚无见证）"),
            (Language::Zh, _) => format!("已核验：在共{size}条的登记册中，见证的会员不少于{quorum}家"),
            (Language::En, 0) => format!("verified: in a log of {size} entries, unwitnessed"),
            (Language::En, _) => format!("verified: in a log of {size} entries, seen by {quorum} witnesses or more"),
        }
    }

    pub(super) const fn role(self, role: Role) -> &'static str {
        role.words().pick(self.0)
    }

    /// Who must sign, as a letter says it.
    pub(super) fn asked(self, asked: &[(Role, u64)]) -> String {
        let each = asked.iter().map(|(role, count)| match (self.0, role) {
            (Language::Zh, Role::Secretariat) => format!("秘书处{count}人"),
            (Language::Zh, role) => format!("{count}名{}", self.role(*role)),
            (Language::En, role) => format!("{count} of the {role}"),
        });
        let each: Vec<String> = each.collect();
        match self.0 {
            Language::Zh => format!("须{}签署", each.join("和")),
            Language::En => each.join(" and "),
        }
    }
}

impl Words {
    pub(super) fn signers(self, signers: &[(Role, String)]) -> String {
        let mut roles: Vec<(Role, Vec<&str>)> = Vec::new();
        for (role, holder) in signers {
            match roles.iter_mut().find(|(known, _)| known == role) {
                Some((_, holders)) => holders.push(holder),
                None => roles.push((*role, vec![holder])),
            }
        }
        let between = self.0.pick("；", "; ");
        let each = roles.into_iter().map(|(role, holders)| {
            let holders = holders.join(self.comma());
            match self.0 {
                Language::Zh => format!("{} {holders}", self.role(role)),
                Language::En => format!("{holders} ({})", self.role(role)),
            }
        });
        each.collect::<Vec<_>>().join(between)
    }
}
