// Words of what is filed, of phases and members, and what to do about what went wrong, in Chinese and English.

export const KINDS = {
  statement: ["本人陈述", "A statement", "会由秘书处制成文书并登记，各会员单位都会收到。", "It is logged as your own words, and every member is sent it."],
  dispute: ["异议", "A dispute", "认为登记内容有误。", "What is held is wrong."],
  challenge: ["申请回避", "A challenge", "认为某位审议人员不应参与。", "Somebody of the panel must not decide."],
  appeal: ["申诉", "An appeal", "由没有参加过原处理的人员重新审议。", "Others than those who decided decide anew."],
  return: ["恢复申请", "An application to return", "期满前申请恢复。", "Before the term ends, you ask to be reinstated."],
  correction: ["更正请求", "A request for correction", "请求更正个人信息。", "Something that is held is to be corrected."],
  copy: ["查阅复制请求", "A request for a copy", "请求复制与您有关的材料。", "You ask for a copy of what is held."],
  erasure: ["删除请求", "A request for erasure", "请求删除个人信息。", "What is held is to be erased."],
};

export const OUTCOMES = { granted: ["予以受理", "Granted"], partly: ["部分受理", "Granted in part"], refused: ["不予受理", "Refused"] };

export const PHASES = {
  "in-force": ["在效", "In force"],
  stayed: ["暂停执行", "Stayed"],
  probation: ["恢复观察期", "On probation"],
  "awaiting-reinstatement": ["期限已满，尚待恢复决定", "Its term is over; it waits for a decision to reinstate"],
  ended: ["已期满", "Ended"],
  lifted: ["已解除", "Lifted"],
  superseded: ["已被后续处理取代", "Superseded"],
};

export const ACTED = {
  "in-effect": ["已执行", "carried it out"],
  partly: ["部分执行", "carried it out in part"],
  declined: ["未执行", "declined"],
  awaited: ["尚待回执", "has yet to say"],
  overdue: ["逾期未回执", "is overdue"],
  "not-asked": ["无须回执", "isn't asked"],
};

export const SEATS = {
  "seat:secretariat": ["协会秘书处", "the association's secretariat"],
  "seat:panel": ["评议委员", "a member of the panel"],
  "seat:chair": ["主任委员", "a chair"],
  "seat:auditor": ["审计人员", "an auditor"],
};

export const WHOSE = { subject: ["本人", "you"], guardian: ["监护人", "a guardian"], attorney: ["委托代理人", "an attorney"], heir: ["继承人", "an heir"] };

const WRONG = {
  "session-unknown": ["没有这一链接：请检查链接是否完整", "there is no such link: look whether it is whole"],
  "session-code": ["验证码不对：错误满五次即停用", "the code is wrong: five wrong ones end it"],
  "session-used": [
    "此链接已在另一浏览器打开。如果不是您本人打开，请立即联系出具链接的单位或者秘书处",
    "this link is open in another browser. If that wasn't you, tell whoever gave you the link, or the secretariat, at once",
  ],
  "session-expired": ["链接已过期：请另要一条", "the link has expired: ask for another"],
  "session-ended": ["链接已停用：请询问出具链接的单位", "the link was ended: ask whoever gave it to you"],
  "session-locked": ["验证码错误次数过多，链接已停用：请另要一条", "too many wrong codes ended the link: ask for another"],
  "session-unopened": ["链接尚未打开", "the link isn't opened yet"],
  "session-unconfirmed": ["没有可用的确认码：请联系秘书处", "no confirmation code waits: ask the secretariat"],
  "filings-full": ["今日提交已达上限，请明日再提交", "as much was filed today as may be: file the rest tomorrow"],
};

/** What to tell of something that went wrong. */
export function told(error) {
  if (error.told !== undefined) return error.told;
  if (error.status === 0) return ["无法连接服务器，请检查网络后再试；已填写的内容仍在本页", "the server isn't reached: look at your connection and try again; what you wrote is still here"];
  if (error.status === 429) return ["请求过多，请稍后再试", "too many requests: try again soon"];
  if (error.status === undefined) return ["无法解密：链接不对，或者内容已损坏", "it doesn't decrypt: the link is another, or something was damaged"];
  return WRONG[error.type] ?? [`未能完成（${error.type}）`, `it wasn't done (${error.type})`];
}
