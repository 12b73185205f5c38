// What is held about a person: opened by a link and a code, read and answered here. Everything is decrypted and sealed in the
// browser. The formats: docs/formats.md, section 18.

import { begin as beginLanguage, say } from "../shared/language.mjs";
import { ask as askPublic } from "../shared/registry.mjs";
import { base64, canSeal, fromBase64, hex, open as unseal, openUnder, seal, sha256, utf8 } from "../shared/seal.mjs";
import { ask, begin, forget, idOfNow, keep, kept, publicKeys } from "./browser.mjs";
import { codeOf, contentBound, contentKey, idOf, keyOf } from "./link.mjs";
import { hint, show } from "./shown.mjs";
import { told } from "./words.mjs";
import { fault, MAX_CHARACTERS } from "./written.mjs";

const at = (id) => document.getElementById(id);
const CONTACT = ["请通过电话或者信函联系协会秘书处", "Reach the association's secretariat by telephone or post"];
const PARTS = ["paste", "open", "read"];

/** The link that is about to be opened, the session, and what was read last. */
let key;
let session;
let shown;
let settings;

function part(name) {
  for (const other of PARTS) at(other).hidden = other !== name;
}

function explain(element, error) {
  const [zh, en] = told(error);
  const way = [settings?.contactZh || CONTACT[0], settings?.contactEn || CONTACT[1]];
  say(element, `${zh}。${way[0]}。`, `${en}. ${way[1]}.`);
  element.focus();
}

/** Does something, and says what went wrong; one at a time. */
function acts(form, error, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    say(error, "", "");
    button.disabled = true;
    try {
      await act();
    } catch (wrong) {
      explain(error, wrong);
    } finally {
      button.disabled = false;
    }
  });
}

const wrong = (zh, en) => Object.assign(new Error(), { told: [zh, en] });

async function read() {
  const got = await ask(session, "GET", "content");
  const own = await contentKey(session.key);
  const content = await openUnder(own, contentBound(session.id), { v: 1, ...got.sealed });
  const filings = [];
  for (const one of got.filings) {
    const answers = [];
    for (const answer of one.answers ?? []) answers.push({ ...answer, text: await answered(one.id, answer) });
    filings.push({ told: one, text: session.texts[one.id], answers });
  }
  shown = { content, read: got, filings };
  show(shown);
  part("read");
}

/** What an answer says; `undefined` of what doesn't open here, or is of something else. */
async function answered(filing, { outcome, sealed }) {
  try {
    const said = await unseal(JSON.parse(new TextDecoder().decode(fromBase64(sealed))), `${filing}/answer`, session.seal);
    return said.v === 1 && said.filing === filing && said.outcome === outcome ? said.text : undefined;
  } catch {
    return undefined;
  }
}

/** What comes of a link: a code is asked for, or what this browser has open is read. */
async function follow(link) {
  key = keyOf(link);
  if (key === undefined) {
    part("paste");
    return;
  }
  const id = await idOf(key);
  session = await kept(id);
  if (session?.isOpen) {
    history.replaceState(null, "", location.pathname + location.search);
    await read();
    return;
  }
  // A look uses nothing up: it tells at once what a code can't change.
  const { state } = await askPublic("GET", `v1/sessions/${id}`);
  const over = { expired: "session-expired", ended: "session-ended", locked: "session-locked" }[state];
  if (over !== undefined) throw Object.assign(new Error(), { status: 410, type: over });
  if (state === "opened" && session === undefined) throw Object.assign(new Error(), { status: 409, type: "session-used" });
  part("open");
  at("code").focus();
}

acts(at("paste"), at("error"), () => {
  if (keyOf(at("whole").value) === undefined) throw wrong("链接仍不完整", "the link still isn't whole");
  return follow(at("whole").value);
});

acts(at("open"), at("error"), async () => {
  const code = codeOf(at("code").value);
  if (code === undefined) throw wrong("请输入六位数字", "type six digits");
  session ??= await begin(await idOf(key), key);
  try {
    await askPublic("POST", `v1/sessions/${session.id}/open`, { code, ...(await publicKeys(session)) });
  } catch (error) {
    if (error.status === 410 || error.status === 404) await forget(session.id);
    throw error;
  }
  session = await keep({ ...session, isOpen: true });
  // Nobody who looks at the screen or the history has the link.
  history.replaceState(null, "", location.pathname + location.search);
  await read();
});

acts(at("confirm"), at("error"), async () => {
  const code = codeOf(at("confirmation").value);
  if (code === undefined) throw wrong("请输入六位数字", "type six digits");
  await ask(session, "POST", "confirmation", { code });
  await read();
});

acts(at("file"), at("file-error"), async () => {
  say(at("filed"), "", "");
  const [kind, about, text] = [at("kind").value, at("about").value, at("text").value];
  const found = fault(text);
  if (found !== undefined) throw wrong(...found);
  settings = await askPublic("GET", "v1/report-keys");
  if (settings.keys.length === 0) throw wrong("秘书处尚未公布密钥，暂时无法在此提交", "the secretariat has published no key yet: nothing can be filed here for now");
  const id = idOfNow();
  const content = { v: 1, id, session: session.id, kind, about, text };
  const sealed = await seal(content, id, settings.keys.map((one) => one.publicKey));
  const bytes = utf8(JSON.stringify(sealed));
  // What was said is kept here first: the line may break before the receipt comes.
  session = await keep({ ...session, texts: { ...session.texts, [id]: text } });
  const filed = await ask(session, "POST", "filings", { id, kind, about, sealed: base64(bytes) });
  const receipt = JSON.parse(new TextDecoder().decode(fromBase64(filed.receipt.payload)));
  if (receipt.filing !== id || receipt.sealed !== hex(await sha256(bytes))) throw wrong("回执与提交不符，请联系秘书处", "the receipt isn't of what was filed: ask the secretariat");
  at("text").value = "";
  await read();
  say(at("filed"), `已收到，编号${id}。回执已存入“保存全部”的文件。`, `It is received, number ${id}. Its receipt is in the file that you save.`);
  at("filed").focus();
});

at("text").addEventListener("input", () => {
  const left = MAX_CHARACTERS - [...at("text").value].length;
  say(at("length"), left < 500 ? `还可以写${Math.max(0, left)}个字符` : "", left < 500 ? `${Math.max(0, left)} characters are left` : "");
});
at("kind").addEventListener("change", hint);

at("home").addEventListener("click", async () => {
  try {
    const { proofs, missing } = await ask(session, "GET", "proofs");
    const all = { v: 1, session: shown.read.session, held: shown.content, now: shown.read.records, filings: shown.filings, proofs, missing };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(all, undefined, 2)], { type: "application/json" }));
    link.download = `callboard-${session.id.slice(0, 8)}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    explain(at("error"), error);
  }
});

at("docket").addEventListener("change", async () => {
  const [file] = at("docket").files;
  if (file === undefined) return;
  try {
    const docket = JSON.parse(await file.text());
    const logged = await askPublic("POST", "v1/dockets", docket);
    say(at("docket-told"), `已登记，第${logged.index}条`, `It is logged, at index ${logged.index}`);
  } catch (error) {
    if (error instanceof SyntaxError) say(at("docket-told"), "该文件不是文书", "the file is no docket");
    else say(at("docket-told"), `未被登记：${error.message}`, `It isn't taken: ${error.message}`);
  }
});

beginLanguage(() => shown && show(shown));

async function start() {
  if (!canSeal() || globalThis.indexedDB === undefined) {
    say(
      at("unable"),
      "此浏览器无法加密（版本过旧，或者本页不是经 https 打开）。请换用较新的浏览器，或者通过电话、信函联系协会秘书处。",
      "This browser can't encrypt (it is too old, or the page wasn't opened by https). Use a newer one, or reach the association's secretariat by telephone or post.",
    );
    at("unable").hidden = false;
    return;
  }
  if (location.hash.length > 1) return follow(location.hash);
  session = await kept();
  if (session === undefined) return part("paste");
  return read();
}

try {
  settings = await askPublic("GET", "v1/report-keys").catch(() => undefined);
  say(at("contact"), settings?.contactZh || CONTACT[0], settings?.contactEn || CONTACT[1]);
  await start();
} catch (error) {
  explain(at("error"), error);
}
addEventListener("hashchange", () => follow(location.hash).catch((error) => explain(at("error"), error)));
