//! Every problem of the three services, in one shape: word, status, what it is and what to do, in both languages.
//!
//! The services answer with them in English, by RFC 9457; whoever reads an answer for a person tells it in their
//! language ([`told`]). `docs/errors.md` is made of these tables.
//!
//! One table a service, one of the rules by which a docket doesn't count ([`crate::replay`]), and one of how it doesn't
//! follow from its cases: of each the word and the title, then what to do.
//!
//! Long because it is tables, in two languages.

use crate::language::Phrase;

/// What begins every `type`.
pub const PREFIX: &str = "urn:callboard:problem:";

/// A problem: its word and status never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// What its `type` ends in.
    pub word: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What it is.
    pub title: Phrase,
    /// What to do.
    pub todo: Phrase,
}

const fn problem(
    word: &'static str,
    status: u16,
    zh: &'static str,
    en: &'static str,
    todo_zh: &'static str,
    todo_en: &'static str,
) -> Problem {
    Problem { word, status, title: Phrase::new(zh, en), todo: Phrase::new(todo_zh, todo_en) }
}

const fn rule(word: &'static str, todo_zh: &'static str, todo_en: &'static str) -> Problem {
    Problem { word, status: 422, title: UNCOUNTED, todo: Phrase::new(todo_zh, todo_en) }
}

/// A docket doesn't count: its word is the rule's, of [`RULES`].
pub const UNCOUNTED: Phrase = Phrase::new("该文书不能登记", "The docket does not count");

/// A docket has no case from which it follows: its word is of [`PROCEDURES`].
pub const UNFOUNDED: Phrase = Phrase::new("该文书与案件程序不符", "The docket does not follow from its cases");

const fn procedure(word: &'static str, todo_zh: &'static str, todo_en: &'static str) -> Problem {
    Problem { word, status: 422, title: UNFOUNDED, todo: Phrase::new(todo_zh, todo_en) }
}

/// The problem of a word, among those of a service.
pub fn find(service: &[Problem], word: &str) -> Option<Problem> {
    service.iter().find(|problem| problem.word == word).copied()
}

/// Those of a service as its description lists them: word, status, what to do.
pub fn in_english(service: &[Problem]) -> Vec<(&'static str, u16, &'static str)> {
    service.iter().map(|problem| (problem.word, problem.status, problem.todo.en)).collect()
}

/// What a problem's `type` means and what to do, whichever service says it.
pub fn told(kind: &str) -> Option<(Phrase, Phrase)> {
    let word = kind.strip_prefix(PREFIX)?;
    let listed = [REGISTRY, TOKENS, AGENT, RULES, PROCEDURES].into_iter().find_map(|table| find(table, word));
    listed.map(|problem| (problem.title, problem.todo))
}

// What several services answer alike.
#[rustfmt::skip]
const MALFORMED: Problem = problem("malformed", 400, "请求格式有误", "The request can't be read", "请按说明改正请求。",
    "Read what `detail` says is wrong with the request, and mend it.");
#[rustfmt::skip]
const NOT_FOUND: Problem = problem("not-found", 404, "没有这一内容", "Not found", "没有这一内容：请检查地址。",
    "Nothing is there; check the address.");
#[rustfmt::skip]
const METHOD_NOT_ALLOWED: Problem = problem("method-not-allowed", 405, "不支持该方法", "Method not allowed",
    "该地址支持其他方法。", "The address takes other methods.");
#[rustfmt::skip]
const NOT_ACCEPTABLE: Problem = problem("not-acceptable", 406, "没有可接受的内容类型", "No accepted media type",
    "请接受接口说明所列的内容类型，或者 `*/*`。",
    "Accept what the operation answers with, as its description says, or `*/*`.");
#[rustfmt::skip]
const REQUEST_SIGNATURE: Problem = problem("request-signature", 401, "请求的签名未被接受", "The request's signature is not taken",
    "请按说明检查签名和本机时钟，换新编号重新签署。",
    "Read what `detail` says of the signature; sign again with a fresh nonce.");
#[rustfmt::skip]
const REQUEST_REPLAYED: Problem = problem("request-replayed", 401, "该请求此前已受理", "The request was taken before",
    "每个请求须用各自的编号签署。", "Sign each request with a nonce of its own.");
#[rustfmt::skip]
const KEY_UNKNOWN: Problem = problem("key-unknown", 403, "该密钥不在现行名单中", "The key is not in force",
    "该密钥不在现行会员单位名单或签署权限名单中。", "The key is not in the members' list or roster in force.");
#[rustfmt::skip]
const RATE_LIMITED: Problem = problem("rate-limited", 429, "请求过多", "Too many requests",
    "请等待 `Retry-After` 所示的时间。", "Wait as long as `Retry-After` says.");

/// Those of the registry that aren't a rule of the replay.
#[rustfmt::skip]
pub const REGISTRY: &[Problem] = &[
    MALFORMED,
    problem("body-too-large", 413, "内容过大", "The body is too large",
        "请减少或缩短所提交的各项；较长的提交应以 `docket` 开头，并有现行签署人的签名。",
        "Hand in fewer or shorter items; begin a long hand-in with `docket`, signed by seats in force."),
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    problem("media-type", 415, "内容类型不符", "Another media type is expected", "请按接口说明的内容类型发送。",
        "Send the body as the operation's description says: `application/json`, but for cosignatures."),
    problem("unsigned", 401, "请求须签名", "The request must be signed", "请用本方密钥签署请求（docs/clients.md）。",
        "Sign the request with your own key (docs/clients.md)."),
    REQUEST_SIGNATURE,
    REQUEST_REPLAYED,
    KEY_UNKNOWN,
    problem("members-only", 403, "仅限会员单位", "Members only", "存证和推送地址仅限会员单位。",
        "Only members do this: anchor their logs of checks, keep endpoints."),
    problem("seats-only", 403, "仅限签署人", "Seats only", "待签文书仅限现行签署权限名单中的签署人。",
        "Only seats of the roster in force do this: send, read and answer drafts."),
    RATE_LIMITED,
    problem("share-mismatch", 422, "密钥份额与内容不符", "A share is not the statement's",
        "请提交与内容一同生成的密钥份额。", "Hand in the share that was made with the details."),
    problem("share-lost", 503, "登记系统丢失了该密钥份额", "The registry lost this share with its store",
        "密钥份额随存储丢失，决定仍然有效：请由持有待签文件者再次提交。",
        "The registry lost the share with its store: the decision stands; whoever has the docket's bundle hands it in again."),
    problem("log-key", 409, "此处现在不能登记该文书", "The docket can't be logged here now",
        "请提交列有本登记系统签名密钥的签署权限名单（ops/succession.md），此外暂不能登记其他内容。",
        "Hand in a roster that names this registry's log key (ops/succession.md); nothing else can be logged here now."),
    problem("just-restored", 503, "登记系统刚刚恢复", "The registry was just restored",
        "登记系统刚刚恢复：请一分钟后重新签署请求。",
        "The registry was just restored: sign the request again in a minute."),
    problem("erased", 410, "已删除", "Erased", "该记录已删除，只保留叶节点和文书。",
        "The record was erased; only leaf and docket stay."),
    problem("not-witnessed", 409, "尚未经会员见证", "Not witnessed yet", "已登记，会员见证尚不足：请稍后再试。",
        "Logged, but too few witnesses have cosigned yet: ask again in a moment."),
    problem("cosignature-refused", 422, "会签未被接受", "The cosignature is not taken",
        "请以签署权限名单所列的见证密钥，会签本登记册公布的检查点。",
        "Cosign a checkpoint that this log published, with a witness's key of the roster."),
    problem("anchor-malformed", 422, "存证格式有误", "The anchor is malformed",
        "请签署版本1的存证 `{v, member, size, root, at}`（docs/formats.md §11）。",
        "Sign `{v, member, size, root, at}`, version 1, as an anchor (docs/formats.md §11)."),
    problem("anchor-signature", 422, "存证不是由该会员单位签署", "The anchor is not signed by its member",
        "请只用本单位的一个现行密钥签署存证。",
        "Sign the anchor with one key of the member that is in force, and no other."),
    problem("anchor-foreign", 403, "存证属于其他会员单位", "The anchor is another member's",
        "只能为本单位的查询日志存证。", "Anchor your own log of checks alone."),
    problem("anchor-time", 422, "存证的日期未被接受", "The anchor's day is not taken",
        "存证的日期不得晚于今日，也不得早于14天前；时钟不准的，请校准。",
        "Anchor a day that is not to come and at most 14 days past; mend the clock if it is wrong."),
    problem("anchor-repeated", 409, "当日已有存证", "The day is anchored", "每日一件存证：请沿用先签署的那件。",
        "One anchor a day: keep to the one that you signed first."),
    problem("endpoint-refused", 422, "不向该地址推送", "The address is not pushed to",
        "请给出互联网主机的 https 地址；说明中写有该地址的问题。",
        "Give an https address of a host on the internet; `detail` says what is wrong with this one."),
    problem("endpoint-repeated", 409, "不能再建推送地址", "No other endpoint",
        "该地址已有，或者数量已满：请更改或删除一个。",
        "You have an endpoint of this address, or as many as there may be: change or delete one."),
    problem("endpoint-moved", 409, "推送地址已被更改", "The endpoint was changed",
        "推送地址其间已被更改：请查看后再试。", "The endpoint was changed meanwhile: look at it, and ask again."),
    problem("draft-refused", 422, "待签文书或答复未被接受", "The draft or answer is not taken",
        "请按说明改正（docs/formats.md §13）：被请签署人须在现行名单中，密文须为 age 文件，签署须附签名。",
        "Mend what `detail` says (docs/formats.md §13): who is asked has a seat in force, ciphertext is an `age` file, `sign` has a signature."),
    problem("draft-forbidden", 403, "无权作此答复", "Not for this seat",
        "签署、拒签和提问限被请签署人，回复限起草人，删除限起草人和秘书处。",
        "Who is asked signs, refuses and asks; the drafter replies; drafter and secretariat erase."),
    problem("draft-answered", 409, "已有其他答复", "Answered otherwise",
        "本席位已有答复：请先查看，如要更改请先撤回。",
        "Your seat has answered, perhaps just now: look at the draft, and withdraw before you decide otherwise."),
    problem("draft-closed", 409, "该待签文书不再接受答复", "The draft takes no answers",
        "文书已登记、撤回或删除，或答复已满：如有需要，请重新起草。",
        "Its docket is logged, or it was withdrawn or erased, or is full of answers: draft anew if need be."),
    problem("receipt-refused", 422, "回执未被接受", "The receipt is not taken",
        "请以本单位的现行密钥签署 `{v, member, docket, outcome, exceptions?, at}`（docs/formats.md §11）。",
        "Sign `{v, member, docket, outcome, exceptions?, at}` with a key of the member that is in force (docs/formats.md §11)."),
    problem("report-refused", 422, "报告或处理未被接受", "The report or act is not taken",
        "请按说明改正（docs/formats.md §14）：密文须为 age 文件，且不超过大小限制；各类报告和处理须附其应有的内容。",
        "Mend what `detail` says (docs/formats.md §14): ciphertext is an `age` file within its bound; each kind and act has what it asks, and nothing else."),
    problem("report-forbidden", 403, "无权办理该报告", "Not for whoever asks",
        "违规举报和“非本人”限会员单位提交，主管部门、法院和书面来件限秘书处录入，处理限秘书处。",
        "Members file `violation` and `not-this-person`; the secretariat enters the other kinds, reads all reports, and says what becomes of them."),
    problem("report-repeated", 409, "该编号已有另一内容", "Another has this id",
        "该编号已有另一内容：请另用编号，或者按原样再次提交。",
        "Something else was sent under this id: use another id, or send the same bytes again."),
    problem("report-closed", 409, "该报告现在不能这样处理", "Not as the report stands",
        "报告已办结、未被提问，或者已有其他答复：请先查看。",
        "The report has ended, nothing was asked, or it was answered otherwise, perhaps just now: look at it first."),
    problem("reports-full", 409, "未办结的报告过多", "Too many reports are open",
        "贵单位未办结的报告已达上限：请等秘书处办理，或者与其联系。",
        "Your member has as many open reports as there may be: wait for the secretariat, or ask it."),
    problem("session-refused", 422, "会话未被接受", "The session is not taken",
        "请按说明改正（docs/formats.md §18）：记录须为已登记的处理，链接期限不超过30天，各项内容须齐全。",
        "Mend what `detail` says (docs/formats.md §18): records are logged rulings and interims, the link expires within 30 days, and each part is as it must be."),
    problem("session-forbidden", 403, "无权办理该会话", "Not for whoever asks",
        "会员单位只为本人办理并停用自己的链接；监护人、代理人和继承人由秘书处登记；其他签署人不办理。",
        "Members make and end links of their own, for the person alone; guardians, attorneys and heirs are entered by the secretariat; other seats have nothing to do with sessions."),
    problem("session-repeated", 409, "该编号已有另一会话", "Another has this id",
        "请另生成链接。", "Make another link."),
    problem("sessions-full", 409, "待打开的链接过多", "Too many links wait",
        "请先停用不再需要的链接，或者等其过期。", "End links that nobody needs, or wait until they expire."),
    problem("session-unknown", 404, "没有这一会话", "No such session",
        "请检查链接是否完整、是否属于本登记系统；需要时请向出具链接的单位另要一条。",
        "Look whether the link is whole, and of this registry; if need be, ask whoever gave it for another."),
    problem("session-code", 403, "验证码不对", "The code is wrong",
        "请核对另行告知的六位数字：错误满五次，链接即停用。",
        "Compare the six digits that you were told another way: five wrong codes end the link."),
    problem("session-used", 409, "链接已在另一设备上打开", "Opened in another browser",
        "请在当时打开的浏览器中继续；如果不是您本人打开，请立即告知出具链接的单位或者秘书处。",
        "Go on in the browser that opened it. If that wasn't you, tell whoever gave you the link, or the secretariat, at once."),
    problem("session-unopened", 409, "链接尚未打开", "Not opened yet",
        "请先输入验证码打开链接。", "Open the link with its code first."),
    problem("session-expired", 410, "链接已过期", "The link has expired",
        "请向出具链接的单位或者秘书处另要一条。", "Ask whoever gave it, or the secretariat, for another."),
    problem("session-ended", 410, "链接已停用", "The link was ended",
        "请向出具链接的单位或者秘书处询问。", "Ask whoever gave it, or the secretariat."),
    problem("session-locked", 410, "验证码错误次数过多，链接已停用", "Too many wrong codes",
        "请向出具链接的单位或者秘书处另要一条。", "Ask whoever gave it, or the secretariat, for another."),
    problem("session-unconfirmed", 409, "没有可用的确认码", "No code waits",
        "请联系秘书处另发确认码，或者到场核对证件。",
        "Ask the secretariat for another code, or show a document at its desk."),
    problem("filing-refused", 422, "提交未被接受", "The filing is not taken",
        "请按说明改正（docs/formats.md §18）：所涉记录须属于本会话，密文须在大小限制之内。",
        "Mend what `detail` says (docs/formats.md §18): it is about a record of the session, and its ciphertext is within its bound."),
    problem("filing-repeated", 409, "该编号已有另一内容", "Another has this id",
        "该编号已有另一内容：请另用编号，或者按原样再次提交。",
        "Something else was sent under this id: use another id, or send the same bytes again."),
    problem("filings-full", 409, "提交过多", "Too much was filed",
        "今日提交已达上限：请明日再提交，或者联系秘书处。",
        "As much was filed today as may be: file the rest tomorrow, or ask the secretariat."),
    problem("case-refused", 422, "该程序步骤未被接受", "The event is not taken",
        "请按说明检查：从何状态、哪一步骤、为何不可（docs/formats.md §15）；被拒绝的步骤不改变案件。",
        "Read what `detail` says: from where, which act, why not (docs/formats.md §15). What is refused changes nothing."),
    problem("case-moved", 409, "案件已有其他进展", "The case has moved on",
        "同一位置已有另一步骤：请重新读取案件后再决定。",
        "Another event has this place: read the case, and decide anew."),
    problem("case-full", 409, "案件不能再增加步骤", "The case takes no more",
        "案件的步骤已达上限：请结案，另立新案。", "The case has as many events as it may: close it, and open another."),
    problem("case-access", 403, "此时不能查看", "Not to be read yet",
        "涉及未成年人的内容，须经另外两名签署人批准后方可查看。",
        "What is about a minor is given to a seat once two others approved it."),
    problem("recipient-refused", 422, "收件公钥未被接受", "The recipient is not taken",
        "请以本单位的现行密钥签署 `{v, member, issuer, recipient, at}`（docs/formats.md §14），且 `at` 晚于此前的一件。",
        "Sign `{v, member, issuer, recipient, at}` with a key of your member that is in force (docs/formats.md §14), `at` after that of the one before."),
    problem("report-key-refused", 422, "举报密钥未被接受", "The report key is not taken",
        "请以秘书处现行席位的密钥签署 `{v, issuer, publicKey, at}`（docs/formats.md §17），且 `at` 晚于此前的一件。",
        "Sign `{v, issuer, publicKey, at}` with the key of a seat of the secretariat that is in force (docs/formats.md §17), `at` after that of the one before."),
    problem("public-reports-full", 503, "公众举报的存储已满", "No room for reports of the public",
        "请通过电话或信函联系秘书处；运营方须扩大存储或提高 `[public_reports]` 的上限。",
        "Reach the secretariat by telephone or post; the operators make room, or raise the bound in `[public_reports]`."),
    problem("bans-refused", 422, "永久封禁数量声明未被接受", "The declaration of bans is not taken",
        "请以本单位的现行密钥签署已结束季度的 `{v, member, issuer, period, bans, codes?, at}`（docs/formats.md §16）；更正的，`at` 须晚于此前的一件。",
        "Sign `{v, member, issuer, period, bans, codes?, at}` of a quarter that is over with a key of your member that is in force (docs/formats.md §16); a correction has an `at` after that of the one before."),
    problem("standing-unknown", 409, "无法得出状态", "No standing", "缺少规则：请按 `blocked: stale` 处理此人。",
        "A policy is not at hand: treat the person as `blocked: stale`."),
    problem("unavailable", 503, "暂时无法受理", "Try again",
        "对方的存储没有应答：请稍后重试；再次提交同样内容，会得到同样答复。",
        "The registry's store does not answer; hand in again: the same payload gets the same answer."),
    problem("not-ready", 503, "尚未就绪", "Not ready", "说明中写有当前不能做什么；原因消除后自动恢复，请稍后再试。",
        "Of `/readyz`: `detail` says what can't be done now; it ends by itself once its cause does."),
    problem("fenced", 503, "另一节点已接管登记册", "Another node writes the log",
        "另一节点已接管：请向登记系统的公开地址再次请求。",
        "Another node of the registry has taken over from this one: ask again, at the registry's address."),
    problem("store-behind", 503, "登记系统的存储与所签署的不符", "The store is not what was signed",
        "登记系统的存储与所签署的不符，暂不答复，已通知运营方：请稍后再试。",
        "The registry's store is not what it has signed, so it answers nothing; its operators have been told. Ask again later."),
    problem("internal", 500, "服务自身的故障", "A fault of the registry", "服务自身的故障，已通知其运营方。",
        "A fault of the registry's own; its operators have been told."),
];

/// Those of the token service.
#[rustfmt::skip]
pub const TOKENS: &[Problem] = &[
    problem("unsigned", 401, "请求须签名", "The request must be signed", "请用本方密钥签署请求（docs/clients.md）。",
        "Sign the request with your own key."),
    REQUEST_SIGNATURE,
    REQUEST_REPLAYED,
    KEY_UNKNOWN,
    problem("key-not-yet", 409, "该密钥尚不为人知", "The key is not known yet",
        "载有该密钥的名单尚未经见证：请一秒后再试。",
        "The list that would name the key is not witnessed yet: ask again in a second."),
    problem("point-invalid", 422, "有一个点无法运算", "A point can't be evaluated",
        "请重新盲化：每个点应为非单位元的规范编码。",
        "Blind again: each point is the canonical encoding of one that isn't the identity."),
    problem("batch-size", 422, "一批应为1至1,000个点", "A batch has 1 to 1,000 points",
        "请只发送1至1,000个点，每个32字节。", "Send 1 to 1,000 points of 32 bytes each, and nothing else."),
    problem("media-type", 415, "内容类型不符", "Another media type is expected", "请按接口说明的内容类型发送。",
        "Send `application/octet-stream`."),
    NOT_ACCEPTABLE,
    problem("malformed", 400, "请求格式有误", "The request can't be read", "请按说明改正请求。",
        "The query is `epoch=N`, and nothing else."),
    problem("epoch-unknown", 404, "没有这一期身份代码密钥", "There is no such epoch",
        "请查看签署权限名单：其中没有这一期。", "Read the roster: it names no such epoch."),
    problem("epoch-closed", 410, "该期身份代码密钥已停用", "The epoch is closed",
        "请只用启用中的各期；`GET /v1/epochs` 列出它们。",
        "Derive under the live epochs alone; `GET /v1/epochs` names them."),
    problem("epoch-unavailable", 503, "此处没有该期身份代码密钥", "The epoch's key is not held here",
        "身份代码服务缺少该期密钥：请告知其运营方。",
        "The service lacks the roster's key of that epoch; tell its operators."),
    RATE_LIMITED,
    problem("quota-spent", 429, "查询额度已用完", "The quota is spent",
        "请等到次日（`resetsAt`），或向秘书处申请额度。", "Wait for the next day, `resetsAt`, or ask for a grant."),
    problem("not-ready", 503, "尚未就绪", "The token service is not ready",
        "说明中写有当前不能做什么；原因消除后自动恢复，请稍后再试。",
        "The service has no roster that the registry confirmed of late; ask again in a moment."),
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    problem("too-slow", 408, "请求过慢", "The request took too long", "请在30秒内发送完整请求。",
        "Send the whole request within 30 seconds."),
    problem("unavailable", 503, "暂时无法受理", "Try again",
        "对方的存储没有应答：请稍后重试；再次提交同样内容，会得到同样答复。",
        "The service's store does not answer; send the request again, signed anew."),
    problem("internal", 500, "服务自身的故障", "A fault of the token service", "服务自身的故障，已通知其运营方。",
        "A fault of the service's own; its operators have been told."),
];

/// Those of a member's agent.
#[rustfmt::skip]
pub const AGENT: &[Problem] = &[
    problem("token-needed", 401, "须出示接口口令", "The token is needed",
        "请附上 `Authorization: Bearer …`（由 `callboard-agent token` 输出），或者经本机套接字查询。",
        "Send `Authorization: Bearer …` with what `callboard-agent token` prints, or ask by the Unix socket."),
    problem("foreign-request", 403, "请求来自别处", "The request comes from elsewhere",
        "请以会员端自己的地址查询，且不得来自其他网页：member.toml 的 `hosts` 列出可用的名称。",
        "Ask the agent by its own address, and from no other page: `hosts` in member.toml names what it may be asked by."),
    problem("media-type", 415, "内容类型不符", "Another media type is expected", "请按接口说明的内容类型发送。",
        "Send the body as `application/json`."),
    NOT_ACCEPTABLE,
    MALFORMED,
    problem("too-many-checks", 400, "人数过多，或者没有人", "Too many people, or none", "一次查询1至10,000人。",
        "Ask about 1 to 10,000 people at once."),
    problem("message-refused", 400, "不是登记系统的消息", "Not the registry's message",
        "不是登记系统的消息，或者已超过五分钟：未作任何处理。",
        "Not the registry's, or over five minutes old: nothing was done."),
    problem("receipt-unsigned", 400, "回执未能签署", "The receipt is not signed", "请按说明改正回执后重新签署。",
        "Read what `detail` says of the receipt, and sign another."),
    problem("report-malformed", 422, "报告或答复不完整", "The report or answer is not whole",
        "请按说明补齐或者改正（docs/formats.md §14）。", "Mend what `detail` says of it (docs/formats.md §14)."),
    problem("declaration-malformed", 422, "申报的数目有误", "The declaration doesn't hold together",
        "请按说明改正：季度须已结束，各违规情形为现行规则所列，且不多于总数（docs/formats.md §16）。",
        "Mend what `detail` says: the quarter is over, each code is one of a policy in force and counts no more than all (docs/formats.md §16)."),
    problem("declaration-untaken", 409, "登记系统未接受申报", "The registry did not take the declaration",
        "请查看说明中登记系统的答复：可能已有更晚的申报，或者更正次数过多。",
        "Read what the registry said, in `detail`: a later one holds, or it was corrected too often."),
    problem("report-untaken", 409, "登记系统未接受", "The registry did not take it",
        "请查看说明中登记系统的答复：报告可能已办结、未被提问，或者未办结的过多。",
        "Read what the registry said, in `detail`: the report has ended, nothing is asked, or too many are open."),
    problem("not-found", 404, "没有这一内容", "Not found", "没有这一内容：请检查地址。",
        "Nothing is there: check the address; old checks go after `keep_checks_days`."),
    METHOD_NOT_ALLOWED,
    problem("body-too-large", 413, "内容过大", "The body is too large",
        "请减少或缩短所提交的各项；较长的提交应以 `docket` 开头，并有现行签署人的签名。",
        "Ask about fewer people at once."),
    problem("not-ready", 503, "尚未就绪", "Checks are answered `stale`",
        "说明中写有当前不能做什么；原因消除后自动恢复，请稍后再试。",
        "Checks are answered `stale`: `callboard-agent doctor` says why and what to do."),
    problem("no-hook", 409, "没有平台回调", "There is no hook", "请在 member.toml 中设置平台回调 `hook`。",
        "Name the platform's hook in member.toml: `hook`."),
    problem("registry-unreachable", 503, "登记系统没有应答", "The registry does not answer",
        "是登记系统或其线路不通，不是本会员端的问题：请稍后再试；另见 `callboard-agent doctor`。",
        "The registry or its line is down, not this agent: ask again later; `callboard-agent doctor`."),
    problem("unavailable", 503, "暂时无法受理", "The agent's store does not take it",
        "对方的存储没有应答：请稍后重试；再次提交同样内容，会得到同样答复。",
        "The agent's store takes nothing, and what can't be logged isn't answered: `detail` says whether its disk is full, it may not be written, or it is damaged; `callboard-agent doctor`."),
];

/// The rules by which a docket doesn't count, each by the word of its [`crate::replay::RuleError`], with what whoever
/// is refused can do.
#[rustfmt::skip]
pub const RULES: &[Problem] = &[
    rule("docket-malformed", "请按说明检查，重新起草并签署。",
        "Read what `detail` says of the payload; draft and sign the docket again."),
    rule("docket-mixed", "公开文件应单独成文，签署权限名单须独立一份。",
        "Put public documents into a docket of their own, a roster alone."),
    rule("publication-malformed", "公布内容应为版本1的 `{v, zh, en}`，其摘要须重新签署。",
        "Publish `{v, zh, en}`, version 1; sign its hash anew."),
    rule("statement-malformed", "请按 docs/formats.md §4 重新起草该项内容。",
        "Draft the statement again by docs/formats.md §4."),
    rule("commitment-mismatch", "请按原顺序逐字节提交所签署的内容。",
        "Hand in the statements that were signed, byte for byte, in their order."),
    rule("publication-mismatch", "请提交所签署的公布内容；没有的，不要提交。",
        "Hand in the public text that was signed, or none where none was."),
    rule("not-disclosed", "文书每一项都须提交一份内容。", "Hand in one statement for each item of the docket."),
    rule("item-mismatch", "请重新起草：各项的记录、类型和 `of` 应与其内容一致。",
        "Draft the docket again: record, kind and `of` of an item are its statement's."),
    rule("clock-behind", "登记系统的时钟慢于登记册：请告知其运营方。",
        "The registry's clock is behind its log; tell its operators."),
    rule("genesis", "空的登记册只接受所信任的第1版签署权限名单。",
        "An empty log takes the pinned roster, version 1, alone."),
    rule("issuer", "请向文书所写的登记系统提交。", "Hand the docket in at the registry that it names."),
    rule("docket-roster", "请按现行签署权限名单重新起草并签署。", "Draft under the roster in force and sign again."),
    rule("roster-expired", "请先签署下一版签署权限名单，逾期亦可。", "Sign the next roster first: it may come late."),
    rule("roster-born-expired", "签署权限名单的 `expires` 应晚于 `issuedAt`。",
        "Give the roster an `expires` after `issuedAt`."),
    rule("roster-version", "签署权限名单的版本应比现行的大1。", "Number the roster one above the one in force."),
    rule("roster-issuer", "签署权限名单的登记册名称应与前一版相同。", "A roster keeps the issuer of the one before."),
    rule("epoch-altered", "请保留前一版名单的各期身份代码密钥。",
        "Keep every epoch of the roster before, with its key."),
    rule("epoch-reopened", "已停用的一期不得重新启用：请另起一期。", "Leave a closed epoch closed; begin a new one."),
    rule("payload-type", "签名类型应为 `application/vnd.callboard.docket+json`。",
        "Sign as `application/vnd.callboard.docket+json`."),
    rule("docket-unsigned", "请由签署人签署。", "Let the seats sign."),
    rule("signature-key-repeated", "每位签署人只保留一个签名。", "Leave one signature of each seat."),
    rule("signature-key-unknown", "只保留签署权限名单所列签署人的签名。",
        "Leave the signatures of seats on the roster alone."),
    rule("signature-invalid", "请该签署人重新签署。", "Let that seat sign again."),
    rule("threshold", "请按说明由足够人数的该类签署人签署。", "Let as many seats of that role sign as `detail` says."),
    rule("docket-too-old", "已超过14天：请将同样内容重新起草并签署。",
        "Put the same statements into a new docket and sign it: 14 days are over."),
    rule("docket-from-the-future", "请校准起草人的时钟，或者等待。", "Mend the clock of who drafted it, or wait."),
    rule("interim-effective-late", "临时措施应在 `issuedAt` 后24小时内生效。",
        "Let an interim take effect within 24 hours of `issuedAt`."),
    rule("docket-repeated", "登记册中已有这一编号的文书：请为新文书另用编号。",
        "A docket of this id is in the log: give the new one an id of its own."),
    rule("record-repeated", "登记册中已有这一编号的记录：请为新记录另用编号。",
        "A record of this id is in the log: give the new one an id of its own."),
    rule("about-unknown", "请先登记它所针对的记录。", "Log first what the statement is about."),
    rule("about-kind", "请只针对 docs/formats.md §4 所列类型的记录。",
        "Name records of the kinds that docs/formats.md §4 lists."),
    rule("about-annulled", "已撤销的记录不能再作处理，只能删除。",
        "What was annulled can't be acted on; only an erasure names it."),
    rule("about-erased", "已删除的记录不能再作处理。", "What was erased can't be acted on."),
    rule("about-several-kinds", "请为每种类型的记录各作一项。", "Make one statement for each kind that it is about."),
    rule("about-strangers", "请为每人各作一项。", "Make one statement for each person."),
    rule("details-wraps", "请按顺序为该记录的每个身份代码密封内容。",
        "Seal the details for each tag of the record, in order."),
    rule("epoch-unknown", "请用签署权限名单所列的一期生成身份代码。", "Derive tags under an epoch of the roster."),
    rule("epoch-closed", "请用启用中的一期生成身份代码。", "Derive tags under a live epoch."),
    rule("tag-softness", "请核对该证件的可靠程度：另一记录所载不同。",
        "Ask whether the identity is hard or soft: another record says otherwise."),
    rule("policy-unknown", "请先登记该规则。", "Log the policy first."),
    rule("policy-mismatch", "请按规则文件写明名称和版本。",
        "Name instrument and version as the policy's document has them."),
    rule("policy-not-yet", "请依据在 `effectiveAt` 时已施行的规则作出决定。",
        "Decide under the policy that is in effect at `effectiveAt`."),
    rule("procedure-import", "请写明案件的最后一项程序；只有规则允许导入的历史决定可以没有。",
        "Name the last event of the case; only a ruling whose policy takes rulings over may have none."),
    rule("policy-measure-unknown", "请采用规则规定的措施。", "Impose a measure that the policy has."),
    rule("policy-scope", "请限于规则对该措施允许的适用服务。",
        "Keep to the scopes that the policy allows for the measure."),
    rule("policy-until", "规则要求期限的须写明，不允许的不得写明。",
        "Give an end where the policy asks one, none where it forbids one."),
    rule("policy-interim-too-long", "临时措施应在规则的 `maxDays` 之内结束。",
        "End the interim within the policy's `maxDays`."),
    rule("interim-again", "请等待规则规定的时间，或由评议委员作出决定。",
        "Wait as long as the policy says, or let the panel rule."),
    rule("policy-repeated", "请为该规则另用版本。", "Give the policy a new version."),
    rule("policy-import-too-long", "规则允许导入历史决定的时间自登记起至多366天。",
        "Let the policy take rulings over for at most 366 days from its logging."),
    rule("members-version", "会员单位名单的版本应比现行的大1。", "Number the members one above those in force."),
    rule("key-repeated", "一个密钥只能用一次：在签署权限名单或会员单位名单中。",
        "Use a key once, in the roster or among the members."),
    rule("epoch-in-use", "停用该期之前，请在启用中的一期为该措施重新生成身份代码并作关联。",
        "Derive that measure's tags anew under a live epoch, and link them, before the epoch closes."),
    rule("erasure-half-chain", "请列全：所有针对某记录的和它所针对的。",
        "Name the whole chain: all that is about a record, and all that it is about."),
    rule("erasure-in-effect", "请等到其中各项措施均已结束或撤销。",
        "Wait until each measure of the chain is over, or annulled."),
    rule("erasure-uncounted", "请按登记册现状重新起草删除决定书：其所列不计入的文书与登记册不符。",
        "Draft the erasure again over the log as it is: its list of dockets that don't count is not the log's."),
    rule("told-uncounted", "其后的删除决定书载明该文书不计入；由审计指出，登记系统不会如此答复。",
        "A later erasure says that this docket doesn't count; no registry answers it, an audit tells it."),
];

/// Why a docket doesn't follow from its cases (`docs/formats.md` §15), by the words of the registry's rules, with what
/// whoever is refused can do.
#[rustfmt::skip]
pub const PROCEDURES: &[Problem] = &[
    procedure("procedure-unknown", "请写明有效决议的最后一项程序；登记系统没有的，请随文书提交案件的全部程序记载。",
        "Name the last event of a resolution that stands; hand the whole chain of its case in, if the registry doesn't have it."),
    procedure("procedure-overtaken", "其后另有程序：请评议组知悉并重新决议，再起草文书。",
        "Something came behind it: the panel takes note and resolves again; draft anew."),
    procedure("docket-issued", "该决议已由另一文书登记：不能再次登记。", "It was issued by another docket, and isn't again."),
    procedure("docket-before", "案件有晚于登记的程序：请校准采取该步骤者的时钟，或者等待。",
        "An event of the case is later than now: mend the clock of who took it, or wait."),
    procedure("docket-not-resolved", "请只提交所决议的草案，逐字节相同，每份一次。",
        "Hand in what was resolved, byte for byte, each once, and nothing else."),
    procedure("docket-incomplete", "请一并提交所决议各项的全部草案。", "Hand in all that was resolved with it."),
    procedure("docket-kind", "请只作出立案时载明可以对该人作出的决定。", "Decide only what the case says may be decided about the item."),
    procedure("docket-policy", "请依据立案时的规则起草。", "Draft under the policy that the case was opened under."),
    procedure("docket-draft", "请重新起草：`procedure` 应直接写出64个字符。", "Draft it again: write the 64 characters of `procedure` plainly."),
    procedure("import-signers", "请由足以更换签署权限名单的签署人签署。", "Let as many sign as a roster asks."),
    procedure("case-chain", "请提交案件自立案起的全部程序记载，每个案件一份。",
        "Hand in the whole chain of each case, from its first event; `detail` says what is wrong."),
    procedure("case-parted", "所提交的程序记载与登记系统所存的不同：请与秘书处核对，并保存登记系统的收件确认。",
        "What is handed in isn't what the registry has: compare it with the secretariat's, and keep the acknowledgements."),
];
