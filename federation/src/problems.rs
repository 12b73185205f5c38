//! Every problem of the three services, in one shape: word, status, what it is and what to do, in both languages.
//!
//! The services answer with them in English, by RFC 9457; whoever reads an answer for a person tells it in their language
//! ([`told`]). `docs/errors.md` is made of these tables.
//!
//! Long because it is one table, of a line or two a problem in each language.

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

const fn problem(word: &'static str, status: u16, title: Phrase, todo: Phrase) -> Problem {
    Problem { word, status, title, todo }
}

const fn both(zh: &'static str, en: &'static str) -> Phrase {
    Phrase::new(zh, en)
}

/// A docket doesn't count: its word is the rule's, of [`crate::replay::RULES`].
pub const UNCOUNTED: Phrase = Phrase::new("该文书不能登记", "The docket does not count");

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
    let listed = [REGISTRY, TOKENS, AGENT].into_iter().find_map(|service| find(service, word));
    let rule = || crate::replay::RULES.iter().find(|(rule, _)| *rule == word).map(|(_, todo)| (UNCOUNTED, *todo));
    listed.map(|problem| (problem.title, problem.todo)).or_else(rule)
}

// What several services answer alike.
const MALFORMED: Problem = problem(
    "malformed",
    400,
    both("请求格式有误", "The request can't be read"),
    both("请按说明改正请求。", "Read what `detail` says is wrong with the request, and mend it."),
);
const NOT_FOUND: Problem = problem(
    "not-found",
    404,
    both("没有这一内容", "Not found"),
    both("没有这一内容：请检查地址。", "Nothing is there; check the address."),
);
const METHOD_NOT_ALLOWED: Problem = problem(
    "method-not-allowed",
    405,
    both("不支持该方法", "Method not allowed"),
    both("该地址支持其他方法。", "The address takes other methods."),
);
const NOT_ACCEPTABLE: Problem = problem(
    "not-acceptable",
    406,
    both("没有可接受的内容类型", "No accepted media type"),
    both(
        "请接受接口说明所列的内容类型，或者 `*/*`。",
        "Accept what the operation answers with, as its description says, or `*/*`.",
    ),
);
const REQUEST_SIGNATURE: Problem = problem(
    "request-signature",
    401,
    both("请求的签名未被接受", "The request's signature is not taken"),
    both(
        "请按说明检查签名和本机时钟，换新编号重新签署。",
        "Read what `detail` says of the signature; sign again with a fresh nonce.",
    ),
);
const REQUEST_REPLAYED: Problem = problem(
    "request-replayed",
    401,
    both("该请求此前已受理", "The request was taken before"),
    both("每个请求须用各自的编号签署。", "Sign each request with a nonce of its own."),
);
const KEY_UNKNOWN: Problem = problem(
    "key-unknown",
    403,
    both("该密钥不在现行名单中", "The key is not in force"),
    both("该密钥不在现行会员单位名单或签署权限名单中。", "The key is not in the members' list or roster in force."),
);
const RATE_LIMITED: Problem = problem(
    "rate-limited",
    429,
    both("请求过多", "Too many requests"),
    both("请等待 `Retry-After` 所示的时间。", "Wait as long as `Retry-After` says."),
);

/// Those of the registry that aren't a rule of the replay.
pub const REGISTRY: &[Problem] = &[
    MALFORMED,
    problem(
        "body-too-large",
        413,
        both("内容过大", "The body is too large"),
        both(
            "请减少或缩短所提交的各项；较长的提交应以 `docket` 开头，并有现行签署人的签名。",
            "Hand in fewer or shorter items; begin a long hand-in with `docket`, signed by seats in force.",
        ),
    ),
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    problem(
        "media-type",
        415,
        both("内容类型不符", "Another media type is expected"),
        both(
            "请按接口说明的内容类型发送。",
            "Send the body as the operation's description says: `application/json`, but for cosignatures.",
        ),
    ),
    problem(
        "unsigned",
        401,
        both("请求须签名", "The request must be signed"),
        both("请用本方密钥签署请求（docs/clients.md）。", "Sign the request with your own key (docs/clients.md)."),
    ),
    REQUEST_SIGNATURE,
    REQUEST_REPLAYED,
    KEY_UNKNOWN,
    problem(
        "members-only",
        403,
        both("仅限会员单位", "Members only"),
        both("存证和推送地址仅限会员单位。", "Only members do this: anchor their logs of checks, keep endpoints."),
    ),
    RATE_LIMITED,
    problem(
        "share-mismatch",
        422,
        both("密钥份额与内容不符", "A share is not the statement's"),
        both("请提交与内容一同生成的密钥份额。", "Hand in the share that was made with the details."),
    ),
    problem(
        "share-lost",
        503,
        both("登记系统丢失了该密钥份额", "The registry lost this share with its store"),
        both(
            "密钥份额随存储丢失，决定仍然有效：请由持有待签文件者再次提交。",
            "The registry lost the share with its store: the decision stands; whoever has the docket's bundle hands it in again.",
        ),
    ),
    problem(
        "log-key",
        409,
        both("此处现在不能登记该文书", "The docket can't be logged here now"),
        both(
            "请提交列有本登记系统签名密钥的签署权限名单（ops/succession.md），此外暂不能登记其他内容。",
            "Hand in a roster that names this registry's log key (ops/succession.md); nothing else can be logged here now.",
        ),
    ),
    problem(
        "just-restored",
        503,
        both("登记系统刚刚恢复", "The registry was just restored"),
        both(
            "登记系统刚刚恢复：请一分钟后重新签署请求。",
            "The registry was just restored: sign the request again in a minute.",
        ),
    ),
    problem(
        "erased",
        410,
        both("已删除", "Erased"),
        both("该记录已删除，只保留叶节点和文书。", "The record was erased; only leaf and docket stay."),
    ),
    problem(
        "not-witnessed",
        409,
        both("尚未经会员见证", "Not witnessed yet"),
        both(
            "已登记，会员见证尚不足：请稍后再试。",
            "Logged, but too few witnesses have cosigned yet: ask again in a moment.",
        ),
    ),
    problem(
        "cosignature-refused",
        422,
        both("会签未被接受", "The cosignature is not taken"),
        both(
            "请以签署权限名单所列的见证密钥，会签本登记册公布的检查点。",
            "Cosign a checkpoint that this log published, with a witness's key of the roster.",
        ),
    ),
    problem(
        "anchor-malformed",
        422,
        both("存证格式有误", "The anchor is malformed"),
        both(
            "请签署版本1的存证 `{v, member, size, root, at}`（docs/formats.md §11）。",
            "Sign `{v, member, size, root, at}`, version 1, as an anchor (docs/formats.md §11).",
        ),
    ),
    problem(
        "anchor-signature",
        422,
        both("存证不是由该会员单位签署", "The anchor is not signed by its member"),
        both(
            "请只用本单位的一个现行密钥签署存证。",
            "Sign the anchor with one key of the member that is in force, and no other.",
        ),
    ),
    problem(
        "anchor-foreign",
        403,
        both("存证属于其他会员单位", "The anchor is another member's"),
        both("只能为本单位的查询日志存证。", "Anchor your own log of checks alone."),
    ),
    problem(
        "anchor-time",
        422,
        both("存证的日期未被接受", "The anchor's day is not taken"),
        both(
            "存证的日期不得晚于今日，也不得早于14天前；时钟不准的，请校准。",
            "Anchor a day that is not to come and at most 14 days past; mend the clock if it is wrong.",
        ),
    ),
    problem(
        "anchor-repeated",
        409,
        both("当日已有存证", "The day is anchored"),
        both("每日一件存证：请沿用先签署的那件。", "One anchor a day: keep to the one that you signed first."),
    ),
    problem(
        "endpoint-refused",
        422,
        both("不向该地址推送", "The address is not pushed to"),
        both(
            "请给出互联网主机的 https 地址；说明中写有该地址的问题。",
            "Give an https address of a host on the internet; `detail` says what is wrong with this one.",
        ),
    ),
    problem(
        "endpoint-repeated",
        409,
        both("不能再建推送地址", "No other endpoint"),
        both(
            "该地址已有，或者数量已满：请更改或删除一个。",
            "You have an endpoint of this address, or as many as there may be: change or delete one.",
        ),
    ),
    problem(
        "endpoint-moved",
        409,
        both("推送地址已被更改", "The endpoint was changed"),
        both("推送地址其间已被更改：请查看后再试。", "The endpoint was changed meanwhile: look at it, and ask again."),
    ),
    problem(
        "receipt-refused",
        422,
        both("回执未被接受", "The receipt is not taken"),
        both(
            "请以本单位的现行密钥签署 `{v, member, docket, outcome, exceptions?, at}`（docs/formats.md §11）。",
            "Sign `{v, member, docket, outcome, exceptions?, at}` with a key of the member that is in force (docs/formats.md §11).",
        ),
    ),
    problem(
        "standing-unknown",
        409,
        both("无法得出状态", "No standing"),
        both(
            "缺少规则：请按 `blocked: stale` 处理此人。",
            "A policy is not at hand: treat the person as `blocked: stale`.",
        ),
    ),
    problem(
        "unavailable",
        503,
        both("暂时无法受理", "Try again"),
        both(
            "对方的存储没有应答：请稍后重试；再次提交同样内容，会得到同样答复。",
            "The registry's store does not answer; hand in again: the same payload gets the same answer.",
        ),
    ),
    problem(
        "not-ready",
        503,
        both("尚未就绪", "Not ready"),
        both(
            "说明中写有当前不能做什么；原因消除后自动恢复，请稍后再试。",
            "Of `/readyz`: `detail` says what can't be done now; it ends by itself once its cause does.",
        ),
    ),
    problem(
        "fenced",
        503,
        both("另一节点已接管登记册", "Another node writes the log"),
        both(
            "另一节点已接管：请向登记系统的公开地址再次请求。",
            "Another node of the registry has taken over from this one: ask again, at the registry's address.",
        ),
    ),
    problem(
        "store-behind",
        503,
        both("登记系统的存储与所签署的不符", "The store is not what was signed"),
        both(
            "登记系统的存储与所签署的不符，暂不答复，已通知运营方：请稍后再试。",
            "The registry's store is not what it has signed, so it answers nothing; its operators have been told. Ask again later.",
        ),
    ),
    problem(
        "internal",
        500,
        both("服务自身的故障", "A fault of the registry"),
        both("服务自身的故障，已通知其运营方。", "A fault of the registry's own; its operators have been told."),
    ),
];

/// Those of the token service.
pub const TOKENS: &[Problem] = &[
    problem(
        "unsigned",
        401,
        both("请求须签名", "The request must be signed"),
        both("请用本方密钥签署请求（docs/clients.md）。", "Sign the request with your own key."),
    ),
    REQUEST_SIGNATURE,
    REQUEST_REPLAYED,
    KEY_UNKNOWN,
    problem(
        "key-not-yet",
        409,
        both("该密钥尚不为人知", "The key is not known yet"),
        both(
            "载有该密钥的名单尚未经见证：请一秒后再试。",
            "The list that would name the key is not witnessed yet: ask again in a second.",
        ),
    ),
    problem(
        "point-invalid",
        422,
        both("有一个点无法运算", "A point can't be evaluated"),
        both(
            "请重新盲化：每个点应为非单位元的规范编码。",
            "Blind again: each point is the canonical encoding of one that isn't the identity.",
        ),
    ),
    problem(
        "batch-size",
        422,
        both("一批应为1至1,000个点", "A batch has 1 to 1,000 points"),
        both("请只发送1至1,000个点，每个32字节。", "Send 1 to 1,000 points of 32 bytes each, and nothing else."),
    ),
    problem(
        "media-type",
        415,
        both("内容类型不符", "Another media type is expected"),
        both("请按接口说明的内容类型发送。", "Send `application/octet-stream`."),
    ),
    NOT_ACCEPTABLE,
    problem(
        "malformed",
        400,
        both("请求格式有误", "The request can't be read"),
        both("请按说明改正请求。", "The query is `epoch=N`, and nothing else."),
    ),
    problem(
        "epoch-unknown",
        404,
        both("没有这一期身份代码密钥", "There is no such epoch"),
        both("请查看签署权限名单：其中没有这一期。", "Read the roster: it names no such epoch."),
    ),
    problem(
        "epoch-closed",
        410,
        both("该期身份代码密钥已停用", "The epoch is closed"),
        both(
            "请只用启用中的各期；`GET /v1/epochs` 列出它们。",
            "Derive under the live epochs alone; `GET /v1/epochs` names them.",
        ),
    ),
    problem(
        "epoch-unavailable",
        503,
        both("此处没有该期身份代码密钥", "The epoch's key is not held here"),
        both(
            "身份代码服务缺少该期密钥：请告知其运营方。",
            "The service lacks the roster's key of that epoch; tell its operators.",
        ),
    ),
    RATE_LIMITED,
    problem(
        "quota-spent",
        429,
        both("查询额度已用完", "The quota is spent"),
        both(
            "请等到次日（`resetsAt`），或向秘书处申请额度。",
            "Wait for the next day, `resetsAt`, or ask for a grant.",
        ),
    ),
    problem(
        "not-ready",
        503,
        both("尚未就绪", "The token service is not ready"),
        both(
            "说明中写有当前不能做什么；原因消除后自动恢复，请稍后再试。",
            "The service has no roster that the registry confirmed of late; ask again in a moment.",
        ),
    ),
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    problem(
        "too-slow",
        408,
        both("请求过慢", "The request took too long"),
        both("请在30秒内发送完整请求。", "Send the whole request within 30 seconds."),
    ),
    problem(
        "unavailable",
        503,
        both("暂时无法受理", "Try again"),
        both(
            "对方的存储没有应答：请稍后重试；再次提交同样内容，会得到同样答复。",
            "The service's store does not answer; send the request again, signed anew.",
        ),
    ),
    problem(
        "internal",
        500,
        both("服务自身的故障", "A fault of the token service"),
        both("服务自身的故障，已通知其运营方。", "A fault of the service's own; its operators have been told."),
    ),
];

/// Those of a member's agent.
pub const AGENT: &[Problem] = &[
    problem(
        "token-needed",
        401,
        both("须出示接口口令", "The token is needed"),
        both(
            "请附上 `Authorization: Bearer …`（由 `callboard-agent token` 输出），或者经本机套接字查询。",
            "Send `Authorization: Bearer …` with what `callboard-agent token` prints, or ask by the Unix socket.",
        ),
    ),
    problem(
        "foreign-request",
        403,
        both("请求来自别处", "The request comes from elsewhere"),
        both(
            "请以会员端自己的地址查询，且不得来自其他网页：member.toml 的 `hosts` 列出可用的名称。",
            "Ask the agent by its own address, and from no other page: `hosts` in member.toml names what it may be asked by.",
        ),
    ),
    problem(
        "media-type",
        415,
        both("内容类型不符", "Another media type is expected"),
        both("请按接口说明的内容类型发送。", "Send the body as `application/json`."),
    ),
    NOT_ACCEPTABLE,
    MALFORMED,
    problem(
        "too-many-checks",
        400,
        both("人数过多，或者没有人", "Too many people, or none"),
        both("一次查询1至10,000人。", "Ask about 1 to 10,000 people at once."),
    ),
    problem(
        "message-refused",
        400,
        both("不是登记系统的消息", "Not the registry's message"),
        both(
            "不是登记系统的消息，或者已超过五分钟：未作任何处理。",
            "Not the registry's, or over five minutes old: nothing was done.",
        ),
    ),
    problem(
        "receipt-unsigned",
        400,
        both("回执未能签署", "The receipt is not signed"),
        both("请按说明改正回执后重新签署。", "Read what `detail` says of the receipt, and sign another."),
    ),
    problem(
        "not-found",
        404,
        both("没有这一内容", "Not found"),
        both(
            "没有这一内容：请检查地址。",
            "Nothing is there: check the address; old checks go after `keepChecksDays`.",
        ),
    ),
    METHOD_NOT_ALLOWED,
    problem(
        "body-too-large",
        413,
        both("内容过大", "The body is too large"),
        both(
            "请减少或缩短所提交的各项；较长的提交应以 `docket` 开头，并有现行签署人的签名。",
            "Ask about fewer people at once.",
        ),
    ),
    problem(
        "not-ready",
        503,
        both("尚未就绪", "Checks are answered `stale`"),
        both(
            "说明中写有当前不能做什么；原因消除后自动恢复，请稍后再试。",
            "Checks are answered `stale`: `callboard-agent doctor` says why and what to do.",
        ),
    ),
    problem(
        "no-hook",
        409,
        both("没有平台回调", "There is no hook"),
        both("请在 member.toml 中设置平台回调 `hook`。", "Name the platform's hook in member.toml: `hook`."),
    ),
    problem(
        "registry-unreachable",
        503,
        both("登记系统没有应答", "The registry does not answer"),
        both(
            "是登记系统或其线路不通，不是本会员端的问题：请稍后再试；另见 `callboard-agent doctor`。",
            "The registry or its line is down, not this agent: ask again later; `callboard-agent doctor`.",
        ),
    ),
    problem(
        "unavailable",
        503,
        both("暂时无法受理", "The agent's store does not take it"),
        both(
            "对方的存储没有应答：请稍后重试；再次提交同样内容，会得到同样答复。",
            "The agent's store takes nothing, and what can't be logged isn't answered: `detail` says whether its disk is full, it may not be written, or it is damaged; `callboard-agent doctor`.",
        ),
    ),
];
