// Follows a report by its code: its state, what the secretariat wrote, and what the reporter adds. The code stays here.

import { followId, followKey, read } from "../shared/follow.mjs";
import { begin, say } from "../shared/language.mjs";
import { ask } from "../shared/registry.mjs";
import { base64, canSeal, fromBase64, openUnder, sealUnder, utf8 } from "../shared/seal.mjs";
import { explain, shownTime, showContact, unable } from "./told.mjs";

const MAX_TEXT_BYTES = 4096;
const at = (id) => document.getElementById(id);

const STATES = {
  received: ["秘书处尚未作出处理", "It waits for the secretariat"],
  asked: ["秘书处向您提问，请答复", "The secretariat asks you something"],
  accepted: ["已受理", "It was accepted"],
  dismissed: ["不予受理", "It wasn't accepted"],
  merged: ["已与其他举报合并办理", "It goes on together with another report"],
};

const ACTS = {
  accept: ["受理", "accepted it"],
  dismiss: ["不予受理", "didn't accept it"],
  merge: ["与其他举报合并办理", "took it together with another report"],
  ask: ["提问", "asked"],
  answer: ["答复", "answered"],
  add: ["补充", "added something"],
};

let [secret, follow, settings, shown] = [];

const belongsTo = (side) => ["callboard/follow-words/v1", shown.id, side];

async function opened(entry, key) {
  const side = entry.bySecretariat ? "secretariat" : "reporter";
  try {
    const words = await openUnder(key, belongsTo(side), JSON.parse(new TextDecoder().decode(fromBase64(entry.words))));
    return words.report === shown.id && words.by === side ? words.text : undefined;
  } catch {
    return undefined;
  }
}

function paragraph(zh, en, of) {
  const made = document.createElement("p");
  if (of) made.className = of;
  say(made, zh, en);
  return made;
}

async function show() {
  say(at("state"), ...STATES[shown.state]);
  at("report-code").textContent = shown.code;
  say(at("received"), shownTime(shown.receivedAt, "zh-CN"), shownTime(shown.receivedAt, "en"));
  const due = shown.dueAt;
  say(at("due"), due ? shownTime(due, "zh-CN") : "规则未定期限", due ? shownTime(due, "en") : "no rule says by when");
  const missing = shown.missingFiles ?? 0;
  at("missing").hidden = missing === 0;
  say(at("missing"), `有${missing}个文件未上传完成`, `${missing} files never came whole`);
  const key = await followKey(secret, shown.id);
  const said = [];
  for (const entry of shown.entries) {
    const [zh, en] = entry.bySecretariat ? ["秘书处", "The secretariat"] : ["您", "You"];
    const [did, acted] = ACTS[entry.act];
    const head = paragraph(`${zh}${did}，${shownTime(entry.at, "zh-CN")}`, `${en} ${acted}, ${shownTime(entry.at, "en")}`, "hint");
    if (entry.words === undefined) {
      said.push(head);
      continue;
    }
    const text = await opened(entry, key);
    const body = document.createElement("p");
    body.className = "said";
    if (text === undefined) say(body, "无法解密：可能已被改动，请联系秘书处", "it doesn't decrypt: perhaps it was changed; ask the secretariat");
    else body.textContent = text;
    said.push(head, body);
  }
  at("said").replaceChildren(...said);
  at("add").hidden = !shown.isOpen;
  at("shown").hidden = false;
}

async function look() {
  shown = await ask("POST", "v1/public-reports/follow", { follow });
  await show();
}

at("follow").addEventListener("submit", async (event) => {
  event.preventDefault();
  say(at("error"), "", "");
  at("shown").hidden = true;
  secret = read(at("code").value);
  if (secret === undefined) {
    say(at("error"), "查询码应有26个字母或者数字，请核对", "a code has 26 letters and digits: look at it again");
    at("code").focus();
    return;
  }
  try {
    follow = await followId(secret);
    await look();
    at("state").focus();
  } catch (error) {
    explain(at("error"), error, settings);
    at("error").focus();
  }
});

at("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (text === "" || utf8(text).length > MAX_TEXT_BYTES) {
    say(at("add-error"), "请填写，不超过约1300个汉字", "write something, 4,096 bytes at most");
    at("text").focus();
    return;
  }
  say(at("add-error"), "", "");
  const button = at("add").querySelector("button");
  button.disabled = true;
  try {
    const words = { v: 1, report: shown.id, by: "reporter", text, at: new Date().toISOString() };
    const key = await followKey(secret, shown.id);
    const sealed = await sealUnder(key, belongsTo("reporter"), words);
    await ask("POST", "v1/public-reports/words", { follow, words: base64(utf8(JSON.stringify(sealed))) });
    at("text").value = "";
    await look();
  } catch (error) {
    explain(at("add-error"), error, settings);
    at("add-error").focus();
  } finally {
    button.disabled = false;
  }
});

begin();
if (!canSeal()) {
  at("follow").hidden = true;
  unable();
}
try {
  settings = await ask("GET", "v1/report-keys");
} catch {
  // Whom to call is told in general.
}
showContact(settings);
