// The page on which anybody verifies proof files and the codes of printed letters. It sends nothing: its policy forbids it.

import { begin, pick, say } from "../shared/language.mjs";
import { canVerify, Fault, holdPrinted, isHash, printed, verify } from "./verify.mjs";

/** What a file says of itself in vain, by the code of its fault. */
const FAULTS = {
  json: ["不是本页认识的 JSON 文件", "it is no JSON that this page knows"],
  "member-unknown": ["不是证明文件，或者其成员有缺有多", "it is no proof file, or has other members than one has"],
  version: ["只认版本1", "only version 1 is known"],
  "proof-form": ["证明的格式有误", "the proof is malformed"],
  "entry-form": ["登记册条目的格式有误", "the leaf is no entry of a docket"],
  "entry-docket": ["登记册条目属于另一文书", "the leaf is of another docket"],
  "entry-signatures": ["登记册条目的签名不符", "the leaf is of other signatures"],
  "entry-time-decreases": ["登记时间早于其前面的条目", "logged before an entry that stands before it"],
  "proof-index": ["证明的是另一条目", "the proof is of another index"],
  "proof-inclusion": ["未能证明在登记册中", "it is not shown to be in the log"],
  "proof-position": ["文书在此位置没有内容", "the docket has no item at this position"],
  "proof-checkpoint-repeated": ["检查点只能出现一次", "the checkpoint stands twice"],
  commitment: ["内容与文书的承诺值不符", "the statement does not open its commitment"],
  publication: ["公布内容不是文书所指的那一份", "the public text is not the one that the docket names"],
  docket: ["文书不成立：签署不足、签名不符，或者不合规则", "the docket doesn't count: too few signatures, a wrong one, or against the rules"],
  "roster-missing": ["没有签署权限名单", "the file has no roster"],
  "roster-order": ["应依次为各版签署权限名单，再为该记录的规则", "roots are the rosters in order, then the record's policy"],
  "genesis-not-pinned": ["登记册校验码不符：属于另一登记册", "another genesis hash: it is of another registry"],
  "policy-unknown": ["缺少该记录所依据的规则", "the policy that the record names is missing"],
  checkpoint: ["登记册的签名不成立", "the log's signature does not verify"],
  "checkpoint-quorum": ["会员见证不足", "too few witnesses cosigned"],
  "checkpoint-unknown-signature": ["检查点上有名单未列的密钥", "the checkpoint has a line by a key that the roster does not name"],
};
const KINDS = {
  ruling: ["决定", "decision"], interim: ["临时措施", "interim measure"], annulment: ["撤销", "annulment"], end: ["失效确认", "end"],
  stay: ["暂缓执行", "stay"], reinstatement: ["复出", "reinstatement"], dispute: ["异议", "dispute"], rejoinder: ["陈述申辩", "rejoinder"],
  link: ["身份关联认定", "link"], erasure: ["删除", "erasure"], roster: ["签署权限名单", "roster"], members: ["会员单位名单", "members"],
  policy: ["规则", "policy"],
};
const MOST_BYTES = 64 * 1024 * 1024;

const element = (id) => document.getElementById(id);
const results = element("results");

function add(parent, tag, zh, en, name) {
  const child = document.createElement(tag);
  say(child, zh, en);
  if (name !== undefined) child.className = name;
  parent.append(child);
  return child;
}

/** A time by the clock of Beijing. */
const told = (millis, locale) =>
  new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(millis);

function box(name) {
  const section = document.createElement("section");
  section.className = "box";
  add(section, "h2", name, name);
  results.append(section);
  return section;
}

function showFault(section, fault) {
  section.classList.add("bad");
  add(section, "p", "未通过核验", "Not verified", "bad");
  const [zh, en] = FAULTS[fault.code] ?? [fault.code, fault.code];
  const part = fault.part === undefined ? "" : `${fault.part}: `;
  add(section, "p", `${part}${zh}`, `${part}${en}`).dataset.code = fault.code;
}

function showProven(section, shown, from) {
  if (from === undefined) {
    add(section, "p", "文件自身一致，尚不能证明什么", "The file agrees with itself, which proves nothing yet");
    add(section, "p", "请将以下登记册校验码与从别处得到的比对：", "Compare this genesis hash with one that you have from elsewhere:");
  } else {
    add(section, "p", "已核验", "Verified", "good");
    add(section, "p", "属于校验码如下的登记册：", "It is of the registry with this genesis hash:");
  }
  add(section, "p", shown.genesis, shown.genesis, "said");
  const [zh, en] = shown.kind === "notice" ? ["公告", "notice"] : (KINDS[shown.item.kind] ?? ["记录", "record"]);
  add(section, "p", `${shown.issuer}：${zh}`, `${shown.issuer}: ${en}`);
  const [index, size] = [shown.index, shown.size];
  add(
    section, "p",
    `登记于${told(shown.loggedAt, "zh-CN")}（北京时间），第${index}条，共${size}条`,
    `Logged on ${told(shown.loggedAt, "en-GB")} (Beijing time), entry ${index} of ${size}`,
  );
  const names = shown.signers.map(({ holder, role }) => `${holder} (${role})`).join(", ");
  add(section, "p", `签署：${names}`, `Signed by ${names}`);
  if (shown.quorum === 0) add(section, "p", "未经会员见证", "Unwitnessed: the roster asks no witnesses");
  else add(section, "p", `${shown.witnesses}家会员见证，要求${shown.quorum}家`, `Witnesses: ${shown.witnesses}; asked: ${shown.quorum}`);
  if (shown.publication !== undefined) add(section, "p", shown.publication.zh, shown.publication.en, "said");
}

function showPrinted(code, proven) {
  const section = box(pick("决定书", "Letter"));
  const verdicts = proven.map((shown) => holdPrinted(code, shown));
  if (verdicts.includes("another")) {
    section.classList.add("bad");
    add(section, "p", "未通过核验：登记册中该记录的内容与决定书不同", "Not verified: the log holds another statement under this record", "bad");
  } else if (verdicts.includes("proven")) {
    add(section, "p", "决定书所载与登记册一致", "The letter says what the log holds", "good");
  } else {
    add(
      section, "p",
      "未能证明：请一并选择该决定书的证明文件，或者其公告的证明文件",
      "Unproven: choose the letter's proof file too, or that of the notice that it appeared in",
    );
  }
}

async function check(event) {
  event.preventDefault();
  results.replaceChildren();
  const genesis = element("genesis").value.replace(/\s/g, "").toLowerCase();
  const files = [...element("files").files];
  const wanted = element("code").value.trim();
  const problem = (zh, en) => add(box(pick("请更正", "Please correct")), "p", zh, en, "bad");
  if (genesis !== "" && !isHash(genesis)) return problem("登记册校验码应为64个字符：0至9、a至f", "A genesis hash has 64 characters, 0 to 9 and a to f");
  const code = wanted === "" ? undefined : printed(wanted);
  if (wanted !== "" && code === undefined) return problem("不是决定书上的校验码", "That is not the code of a letter");
  if (files.length === 0) return problem("请选择证明文件", "Choose a proof file");
  const proven = [];
  for (const file of files) {
    const section = box(file.name);
    try {
      if (file.size > MOST_BYTES) throw new Fault("member-unknown");
      const shown = await verify(new Uint8Array(await file.arrayBuffer()), genesis === "" ? undefined : genesis);
      showProven(section, shown, genesis === "" ? undefined : genesis);
      if (genesis !== "") proven.push(shown);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      showFault(section, error);
    }
  }
  if (code !== undefined) showPrinted(code, proven);
  results.querySelector("h2")?.scrollIntoView({ block: "nearest" });
  return undefined;
}

begin();
const given = location.hash.slice(1);
if (isHash(given)) {
  element("genesis").value = given;
  say(element("genesis-from"), "由本网站的链接填入：请与从别处得到的比对。", "Filled in by a link of this site: compare it with one that you have from elsewhere.");
}
if (!globalThis.isSecureContext || globalThis.crypto?.subtle === undefined || !(await canVerify())) {
  const unable = element("unable");
  unable.hidden = false;
  say(
    unable,
    "您的浏览器不能核验此类签名（Ed25519）。请使用较新的浏览器，或者运行 callboard verify；也可以请会员单位或者秘书处核验。",
    "Your browser can't verify these signatures (Ed25519). Use a newer one, or run callboard verify; or ask a member or the secretariat.",
  );
  element("check").disabled = true;
} else {
  element("form").addEventListener("submit", check);
}
document.documentElement.dataset.ready = "yes";
