//! Why the desk doesn't do what it is asked: one error, each with a word for programs ([`Error::code`]) and a sentence in both
//! languages. What a caller tells apart is a variant; what is only told is [`Error::other`].
//!
//! No identity, name or reason is in any of them. What a registry answers wrongly is [`RegistryError`], why a signer isn't asked to
//! sign [`SigningError`], which part of a file fails [`VerifyError`], why a roster can't be [`RosterError`].

pub(crate) mod exposure;
pub(crate) mod registry;
pub(crate) mod roster;
pub(crate) mod verify;

use std::{
    error::Error as Cause,
    fmt, io,
    path::{Path, PathBuf},
};

use callboard_client::{
    derivation::TokensError, export::ExportError, http::HttpError, in_force::InForceError, visible::Visible,
};
use callboard_federation::{
    declaration::DeclarationError,
    docket::DocketError,
    document::DocumentError,
    encoding::{Hash, JsonError, KeyId, RecordId, Time},
    language::{Language, Phrase},
    members::MemberId,
    policy::Words,
    proof_file::ProofFileError,
    statement::{Kind, MAX_BYTES},
    tlog::TlogError,
    zh_en,
};

use self::{registry::RegistryError, roster::RosterError, verify::VerifyError};
use super::{letter::term::time_text, missing_signature::MissingSignature, sheet::Findings, signing::SigningError};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Tokens(#[from] TokensError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    InForce(#[from] InForceError),
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A roster that everyone would refuse.
    #[error(transparent)]
    Roster(#[from] RosterError),
    #[error("{}", zh_en!("证明文件", "the proof file"))]
    Proof(#[from] ProofFileError),
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A proof file of a document in force.
    #[error(transparent)]
    Fault(ProofFileError),
    #[error(transparent)]
    Docket(#[from] DocketError),
    /// A file whose name its reader tells.
    #[error(transparent)]
    Unread(io::Error),
    #[error("{0}")]
    Sheet(Findings),
    #[error(transparent)]
    Other(Message),
    /// Of a page's reader the path is no business; who named it on a command line is told it there.
    #[error("{}", zh_en!("文件 {}", "the file {}", named(path)))]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    // Bundles and signatures.
    #[error("{}", zh_en!("{path} 不是给此密钥的：不需要其持有人签署",
        "{path} is not for this key: its holder isn't asked to sign it", path = named(path)))]
    NotForThisKey { path: PathBuf },
    #[error("{}", zh_en!("{path} 签署的是另一文书：{got}，应为 {expected}",
        "{path} signs another docket: {got}, not {expected}", path = named(path)))]
    OfAnother { path: PathBuf, expected: Hash, got: Hash },
    #[error("{}", zh_en!("签名不足：{}", "not signed yet: {}", MissingSignature::told(_0)))]
    NotSigned(Vec<MissingSignature>),

    // Drafts.
    #[error("{}", zh_en!("第{row}行：事实和理由过长：一项内容密封后至多{MAX_BYTES}字节",
        "row {row}: the reasons are too long: a statement has at most {MAX_BYTES} bytes, sealed"))]
    RowTooLong { row: u32 },
    #[error("{}", zh_en!("事实和理由过长：一项内容密封后至多{MAX_BYTES}字节",
        "the reasons are too long: a statement has at most {MAX_BYTES} bytes, sealed"))]
    TooLong,
    #[error("{}", zh_en!("请至少写明一条记录", "name at least one record"))]
    NoRecords,
    /// What has a procedure is drafted in a case.
    #[error("{}", zh_en!("决定须经案件评议：请先立案，并在案件中起草；此前的决定可以按导入办理",
        "a decision begins in a case: open one, and draft in it; what was decided before may be taken over"))]
    NoCase,
    #[error("{}", zh_en!(("{}不能针对{}：{record}", kind.words().zh, of.words().zh),
        ("a statement of kind {kind} is not about a record of kind {of}: {record}")))]
    Kind { kind: Kind, of: Kind, record: RecordId },
    #[error("{}", zh_en!("这些记录属于{persons}人：请只写一人的记录，或者确认一并办理",
        "the records are of {persons} people: name those of one, or say that all are meant"))]
    Several { persons: usize },
    #[error("{}", zh_en!(("{}须有当事人的证件号码，以核实 {record} 是谁的记录", kind.words().zh),
        ("a {kind} takes the person's identity, which shows whose {record} is")))]
    Unnamed { kind: Kind, record: RecordId },
    #[error("{}", zh_en!("记录 {_0} 不是所填证件的当事人",
        "record {_0} is of another person than the identities that were given"))]
    AnotherPerson(RecordId),
    #[error("{}", zh_en!("身份关联至少有2个证件，身份代码合计至多16个",
        "a link joins at least 2 identities, of at most 16 tags in all"))]
    LinkTags,
    #[error("{}", zh_en!("身份关联只能关联证件，不能关联账号", "a link joins identity documents, not accounts"))]
    LinkSoft,
    #[error("{}", zh_en!("期限在开始前已经届满", "it ends before it begins"))]
    Until,
    #[error("{}", zh_en!("起草之后身份代码密钥已换期：请用表格重新起草",
        "the token epochs changed since the statements were made: draft them anew from the sheet"))]
    Epochs,

    // A registry's setup; members and rosters.
    #[error("{}", zh_en!("至少须有2名评议委员、2名主任委员和1名秘书处人员，使任何一人都不必为更换自己而签署；现有{panel}名、{chairs}名和{secretariat}名",
        "a committee has at least 2 seats of the panel, 2 chairs and 1 of the secretariat, so that none is needed to replace itself; here are {panel}, {chairs} and {secretariat}"))]
    TooFewSeats { panel: u64, chairs: u64, secretariat: u64 },
    #[error("{}", zh_en!("登记册至少须有一期身份代码密钥", "a registry begins with at least one token key"))]
    NoTokenKey,
    #[error("{}", zh_en!("{whose}是为另一登记册生成的，不是 {issuer}",
        "{whose} was made for another registry than {issuer}"))]
    OfAnotherRegistry { whose: Phrase, issuer: String },
    #[error("{}", zh_en!("会员单位的密钥同时列在签署权限名单中", "a member's request key is also a key of the roster"))]
    KeyRepeated,
    #[error("{}", zh_en!("签署权限名单在生效前已经到期", "the roster expires before it begins"))]
    BornExpired,
    #[error("{}", zh_en!(("{}", kind.words().zh), ("the {kind}")))]
    Document {
        kind: Kind,
        #[source]
        source: DocumentError,
    },
    #[error("{}", zh_en!("第{version}版签署权限名单已于{}到期：须先更换名单",
        "roster {version} ended on {}: a new one comes first", time_text(*expired)))]
    RosterExpired { version: u64, expired: Time },
    #[error("{}", zh_en!("现行签署权限名单中没有此密钥", "the key is not of a seat of the roster in force"))]
    NoSeat,
    #[error("{}", zh_en!("签署权限名单已更换：请重新起草", "another roster is in force since: draft it again"))]
    AnotherRoster,
    #[error("{}", zh_en!("{member} 的密钥是为 {of} 生成的，不是 {issuer}",
        "{member} made its keys for {of}, not for {issuer}"))]
    MemberOfAnotherRegistry { member: MemberId, of: String, issuer: String },
    #[error("{}", zh_en!("{_0} 已是会员单位", "{_0} is a member already"))]
    Already(MemberId),
    #[error("{}", zh_en!("{_0} 不是会员单位", "{_0} is no member"))]
    NotThere(MemberId),
    /// More witnesses are asked for than cosign now: nothing would be proven any more.
    #[error("{}", zh_en!("要求{quorum}家会员见证，而签署权限名单中现有{cosigning}家在会签",
        "a quorum of {quorum} is asked for, and {cosigning} of the roster's witnesses cosign now"))]
    NotCosigning { quorum: u64, cosigning: u64 },
    /// With the new witnesses the quorum in force wouldn't be more than half, and it is never raised by itself.
    #[error("{}", zh_en!("{keys}家见证会员至少须有{least}家会签，现行要求为{quorum}家：待足够多的会员端会签后（现有{cosigning}家）一并要求{least}家，或者让该会员单位先不作见证",
        "{keys} witnesses need a quorum of {least} at least, and {quorum} is in force: ask for {least} with it, once so many cosign ({cosigning} do now), or let the member join without a witness"))]
    QuorumTooSmall { keys: u64, quorum: u64, least: u64, cosigning: u64 },
    /// Without the members that leave no quorum is reached, whatever the roster asks.
    #[error("{}", zh_en!("去掉它们之后，{keys}家见证会员中现有{cosigning}家在会签，达不到要求（现行为{quorum}家）：请先让更多会员端会签",
        "without them {cosigning} of {keys} witnesses cosign now, which is no quorum (in force is {quorum}): let more agents cosign first"))]
    QuorumUnreachable { quorum: u64, keys: u64, cosigning: u64 },
    #[error("{}", zh_en!("更换密钥的请求", "the request for new keys"))]
    Declaration(#[from] DeclarationError),
    #[error("{}", zh_en!("{_0} 没有请求密钥 {_1}", "{_0} has no request key {_1}"))]
    NoSuchKey(MemberId, KeyId),
    #[error("{}", zh_en!("{_0} 将没有任何密钥：没有密钥的会员单位应当退出",
        "{_0} would have no key: a member without one leaves"))]
    NoKeyLeft(MemberId),
    #[error("{}", zh_en!("没有变化：请写明要改什么", "nothing would change: name what changes"))]
    NothingChanges,
    #[error("{}", zh_en!("登记系统最新的检查点", "the registry's newest checkpoint"))]
    Checkpoint(#[source] TlogError),
    #[error("{}", zh_en!("{_0} 的请求密钥同时列在签署权限名单中：应当各有各的密钥",
        "{_0}'s request key is also a key of the roster: each has its own"))]
    RequestKeyRepeated(MemberId),

    // Policies.
    #[error("{}", zh_en!("规则 {}/{} 已经登记：已登记的规则不能更改，请另定版本号",
        "{}/{} is logged already: a logged policy stays as it is, so give this one another version",
        Visible(instrument), Visible(version)))]
    PolicyThere { instrument: String, version: String },
    #[error("{}", zh_en!("导入历史决定至{}：自登记之日起至多366天，最晚至{}",
        "it takes rulings over until {}: at most 366 days from when it is logged, {} at the latest",
        time_text(*until), time_text(*latest)))]
    ImportTooLong { until: Time, latest: Time },

    // Evidence of a fork.
    #[error("{}", zh_en!("不是证据文件；登记册分叉以外的只是报告，不能证明登记册违规",
        "no evidence file; anything but a fork is a report, and convicts nobody"))]
    Evidence(#[source] JsonError),
    #[error("{}", zh_en!("既不是证据文件，也不是检查点", "neither an evidence file nor a checkpoint"))]
    Note(#[source] TlogError),
}

/// An error that nobody tells from others.
#[derive(Debug)]
pub struct Message {
    code: &'static str,
    text: Text,
}

#[derive(Debug)]
enum Text {
    Words(Words, Option<BoxedCause>),
    /// That of an error from below, which is told as it is.
    Below(BoxedCause),
}

type BoxedCause = Box<dyn Cause + Send + Sync>;

impl Error {
    /// An error that is only told.
    pub(crate) fn other(code: &'static str, say: impl Fn() -> String) -> Self {
        let words = Words { zh: Language::Zh.saying(&say), en: Language::En.saying(say) };
        Self::Other(Message { code, text: Text::Words(words, None) })
    }

    /// An error from below that is only told, as it is.
    pub(crate) fn below(code: &'static str, error: impl Cause + Send + Sync + 'static) -> Self {
        Self::Other(Message { code, text: Text::Below(Box::new(error)) })
    }

    /// The same, with what it comes from; a cause of another variant stays its own.
    #[must_use]
    pub(crate) fn because(self, cause: impl Cause + Send + Sync + 'static) -> Self {
        match self {
            Self::Other(Message { code, text: Text::Words(words, _) }) => {
                Self::Other(Message { code, text: Text::Words(words, Some(Box::new(cause))) })
            }
            other => other,
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Io { path: path.to_owned(), source }
    }

    /// Its word for programs, such as `nothing-changes`; of what comes from elsewhere that of its cause.
    pub fn code(&self) -> String {
        match self {
            Self::Other(message) => message.code.to_owned(),
            Self::Registry(error) => word(error),
            Self::Signing(error) => word(error),
            Self::Verify(error) => word(error),
            Self::Roster(error) => word(error),
            error => word(error),
        }
    }
}

/// A file by its name alone.
pub(crate) fn named(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| Visible(&name.to_string_lossy()).to_string())
}

/// The name of a variant as a word: `NotThere(…)` is `not-there`.
fn word(error: &impl fmt::Debug) -> String {
    let mut word = String::new();
    for c in format!("{error:?}").chars().take_while(char::is_ascii_alphanumeric) {
        if c.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Text::Words(words, _) => f.write_str(words.spoken()),
            Text::Below(error) => error.fmt(f),
        }
    }
}

impl Cause for Message {
    fn source(&self) -> Option<&(dyn Cause + 'static)> {
        match &self.text {
            Text::Words(_, cause) => cause.as_deref().map(|cause| cause as &(dyn Cause + 'static)),
            Text::Below(error) => error.source(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_a_word_and_both_languages_whichever_was_spoken_when_it_came_about() {
        let error = Language::Zh.saying(|| Error::other("no-seat", || zh_en!("没有{}", "no {}", 7)));
        assert_eq!((error.code().as_str(), error.to_string().as_str()), ("no-seat", "no 7"));
        assert_eq!(Language::Zh.saying(|| error.to_string()), "没有7");
        assert_eq!(Error::NothingChanges.code(), "nothing-changes");
        assert_eq!(Error::from(RegistryError::Issuer).code(), "issuer");
    }
}
