//! Why a docket isn't signed, in Chinese. What a cause says of bytes and proofs stands behind it as programs tell it.

use callboard_client::program::told;
use callboard_federation::encoding::RecordId;

use super::Refusal;
use crate::{
    language::Language,
    letter::{kind_word, role_word, term::instant_text},
    publication::Exposed,
};

impl Refusal {
    /// Why, in a language.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Zh => self.chinese(),
            Language::En => told(self),
        }
    }

    fn chinese(&self) -> String {
        let of = |record: &RecordId, text: &str| format!("记录 {record}：{text}");
        let cause = |source: &dyn std::error::Error| told(source);
        let beijing = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        match self {
            Self::Issuer => "该文书属于另一登记册，不是本机所信任的登记册".to_owned(),
            Self::Roster { in_force, got } => {
                format!("该文书依据第{got}版签署权限名单，现行为第{in_force}版；请用 callboard draft --again 重新起草")
            }
            Self::RosterExpired => "现行签署权限名单已过期：只能签署下一版名单".to_owned(),
            Self::NoSeat => "现行签署权限名单中没有此密钥".to_owned(),
            Self::NotAsked { role } => format!("该文书不需要{}签署", role_word(*role, Language::Zh)),
            Self::TooOld { issued_at } => format!(
                "该文书起草于{}，已超过14天；请用 callboard draft --again 重新起草",
                instant_text(*issued_at, &beijing, Language::Zh)
            ),
            Self::FromTheFuture { issued_at } => format!(
                "该文书的起草时间{}尚未到来：两台计算机的时钟有一台不准",
                instant_text(*issued_at, &beijing, Language::Zh)
            ),
            Self::Publication(source) => format!("公布内容格式有误：{}", cause(source)),
            Self::Exposed { record, source: Exposed::Name } => of(record, "公布内容写出了当事人的全名，应写成赵**"),
            Self::Exposed { record, source: Exposed::Number } => {
                of(record, "公布内容写出了当事人的证件号码或其中一部分")
            }
            Self::Number { record } => of(record, "文书与其程序记载的文号不同"),
            Self::Procedure(source) => format!("程序记载有误：{}", cause(source)),
            Self::Statement { record, source } => of(record, &format!("内容格式有误：{}", cause(source))),
            Self::Item { record } => of(record, "文书所列与该项内容不符"),
            Self::Identity { record, fault } => of(record, &fault.words().zh),
            Self::Minor { record } => of(record, "当事人行为时未满十八周岁：须写明监护人，且不得公布"),
            Self::IdentityKind { record, kind } => of(record, &format!("此类当事人没有这种证件：{}", kind.words().zh)),
            Self::Tags { record } => of(record, "身份代码与证件号码不符"),
            Self::Share { record } => of(record, "缺少开启密封内容的密钥份额，或者没有可开启的内容"),
            Self::Wrap { record, .. } => of(record, "密封内容的开启人与证件号码不符"),
            Self::Sealed { record, source, .. } => of(record, &format!("密封内容未能打开：{}", cause(source))),
            Self::Plain { record } => of(record, "密封内容与待签文件所载不同"),
            Self::AboutUnknown { record, about } => of(record, &format!("登记册中没有原记录 {about}")),
            Self::AboutKind { record, about, kind } => {
                of(record, &format!("不能针对 {about}（{}）作出", kind_word(*kind, Language::Zh)))
            }
            Self::AboutStrangers { record, about } => of(record, &format!("{about} 与第一项原记录不是同一当事人")),
            Self::AboutAnother { record, about } => of(record, &format!("{about} 不是所填证件的当事人")),
            Self::Unnamed { record, about, kind } => of(
                record,
                &format!(
                    "没有当事人的证件号码，无法核实 {about} 是谁的记录，不得签署{}；请用 --identity-file 或 --from 重新起草",
                    kind_word(*kind, Language::Zh)
                ),
            ),
            Self::ProcedureUnknown { record } => of(record, "待签文件中没有所依据的程序记载"),
            Self::PolicyUnknown { record } => of(record, "所依据的规则与登记册中的同名规则不同"),
            Self::PolicyNotYet { record } => of(record, "所依据的规则届时尚未施行"),
            Self::Measure { record } => of(record, "所依据的规则没有这一措施、适用服务或者期限"),
            Self::Interim { record } => of(record, "临时措施须在一日内生效，期限不得超过规则规定的天数"),
            Self::Violation { record } => of(record, "所依据的规则没有这一违规情形"),
            Self::NotAtHand { record, .. } => {
                of(record, "手头没有现行文件可供比较：请连接登记册，或者用 --in-force 指明现行文件的证明")
            }
            Self::NotNext { record, in_force, got } => {
                of(record, &format!("现行会员单位名单为第{in_force}版，第{got}版不是下一版"))
            }
            Self::Policy { record, source } => of(record, &format!("规则有误：{}", cause(source))),
            Self::Document { record, why } => of(record, &format!("文件不能如此：{why}")),
        }
    }
}
