// The form of a report of the public: everything is sealed here, before it leaves the browser. The formats: docs/formats.md,
// sections 14 and 17.

import { followId, followKey, newCode, read } from "../shared/follow.mjs";
import { begin, language, say } from "../shared/language.mjs";
import { ask } from "../shared/registry.mjs";
import { base64, canSeal, hex, newId, random, seal, sealFile, sha256, utf8 } from "../shared/seal.mjs";
import { explain, shownTime, showContact, unable } from "./told.mjs";

const MAX_FILES = 10;
const MAX_FILE_BYTES = 25 * 1024 * 1024;
const MAX_DESCRIPTION_BYTES = 32768;
/** As many bytes of a file as one request has. */
const PART = 512 * 1024;

const at = (id) => document.getElementById(id);
const form = at("report");

/** What is sent: made once, and sent again as it is where the line broke. */
let made;
let settings;

const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);
const lineOf = (name) => form.elements[name].value.replace(/\p{Cc}+/gu, " ").trim();

/** What is wrong with the form, with the element that it is about. */
function fault(files) {
  const text = form.elements.description.value.trim();
  if (!form.elements.minor.value) return [at("minor-victim"), "请先选择是否涉及未成年人", "say first whether a minor is concerned"];
  if (!lineOf("platform")) return [at("platform"), "请填写平台", "say on which platform"];
  if (!text) return [at("description"), "请写明发生了什么", "say what happened"];
  if (utf8(text).length > MAX_DESCRIPTION_BYTES)
    return [at("description"), "情况说明过长：约一万个汉字以内", "the description is too long: 32,768 bytes at most"];
  if (accounts().length > 20) return [at("accounts"), "账号最多20个", "at most 20 accounts"];
  if (files.length > MAX_FILES) return [at("files"), "文件最多10个", "at most 10 files"];
  if (files.reduce((sum, file) => sum + file.size, 0) > MAX_FILE_BYTES)
    return [at("files"), "文件合计超过25 MB：请选择较短的片段", "the files have more than 25 MB together: choose a shorter part"];
  return undefined;
}

const accounts = () =>
  form.elements.accounts.value
    .split("\n")
    .map((line) => line.replace(/\p{Cc}+/gu, " ").trim())
    .filter((line) => line !== "");

async function sealedFiles(report, files) {
  const sealed = [];
  for (const [number, file] of files.entries()) {
    say(at("progress"), `正在加密文件 ${number + 1}/${files.length}`, `encrypting file ${number + 1} of ${files.length}`);
    const [key, nonce, bytes] = [random(32), random(12), new Uint8Array(await file.arrayBuffer())];
    const ciphertext = await sealFile(key, nonce, report, number, bytes);
    const name = file.name.replace(/\p{Cc}+/gu, " ").trim().slice(0, 120) || `${number + 1}`;
    sealed.push({
      told: { name, type: file.type.slice(0, 120), bytes: bytes.length, sha256: hex(await sha256(bytes)), key: base64(key), nonce: base64(nonce) },
      beside: { bytes: ciphertext.length, sha256: hex(await sha256(ciphertext)) },
      ciphertext: new Blob([ciphertext]),
    });
  }
  return sealed;
}

/** Seals what stands in the form. */
async function make() {
  const [id, code] = [newId(Date.now()), newCode()];
  const secret = read(code);
  const files = await sealedFiles(id, [...form.elements.files.files]);
  const minor = form.elements.minor.value;
  const kind = minor === "no" ? "public" : "public-minor";
  const content = {
    v: 1,
    id,
    kind,
    followKey: base64(await followKey(secret, id)),
    platform: lineOf("platform"),
    description: form.elements.description.value.trim(),
    minor,
    relation: form.elements.relation.value,
    language: language(),
    at: new Date().toISOString(),
  };
  for (const name of ["room", "when", "day"]) if (lineOf(name)) content[name] = lineOf(name);
  if (accounts().length > 0) content.accounts = accounts();
  const reporter = {};
  if (lineOf("name")) reporter.name = lineOf("name");
  if (lineOf("contact")) reporter.contact = lineOf("contact");
  if (Object.keys(reporter).length > 0) {
    const lane = settings.keys.filter((key) => key.readsNames).map((key) => key.publicKey);
    if (!settings.namesApart) content.reporter = reporter;
    else if (lane.length > 0) content.reporterApart = await seal(reporter, `${id}/reporter`, lane);
    else throw new Error("nobody may read names yet");
  }
  if (files.length > 0) content.files = files.map((file) => file.told);
  const sealed = await seal(content, id, settings.keys.map((key) => key.publicKey));
  const follow = await followId(secret);
  const new_ = { id, kind, follow, sealed: base64(utf8(JSON.stringify(sealed))) };
  if (files.length > 0) new_.files = files.map((file) => file.beside);
  return { id, code, follow, files, new: new_ };
}

async function upload() {
  const total = made.files.reduce((sum, file) => sum + file.ciphertext.size, 0);
  let sent = 0;
  for (const [number, file] of made.files.entries()) {
    for (let part = 0; part * PART < file.ciphertext.size; part += 1) {
      const bytes = new Uint8Array(await file.ciphertext.slice(part * PART, (part + 1) * PART).arrayBuffer());
      await ask("POST", `v1/public-reports/${made.id}/files`, { follow: made.follow, number, part, bytes: base64(bytes) }, 8);
      sent += bytes.length;
      say(at("progress"), `正在上传 ${megabytes(sent)}/${megabytes(total)} MB`, `sending ${megabytes(sent)} of ${megabytes(total)} MB`);
    }
  }
  say(at("progress"), "", "");
}

async function uploadOrTell() {
  at("again").disabled = true;
  at("missing").hidden = true;
  try {
    await upload();
  } catch (error) {
    at("missing").hidden = false;
    at("again").disabled = false;
    explain(at("progress"), error, settings);
  }
}

function showDone(kept) {
  at("code").textContent = made.code;
  at("report-code").textContent = kept.code;
  const due = kept.dueAt;
  say(at("due"), due ? shownTime(due, "zh-CN") : "规则未定期限", due ? shownTime(due, "en") : "no rule says by when");
  form.hidden = true;
  at("done").hidden = false;
  // What is told of the upload goes on below.
  at("done").append(at("progress"));
  at("done-title").focus();
}

function wrong(element, zh, en) {
  say(at("error"), zh, en);
  element.setAttribute("aria-invalid", "true");
  element.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  say(at("error"), "", "");
  for (const element of form.querySelectorAll("[aria-invalid]")) element.removeAttribute("aria-invalid");
  const found = made === undefined ? fault([...form.elements.files.files]) : undefined;
  if (found !== undefined) return wrong(...found);
  at("send").disabled = true;
  try {
    settings = await ask("GET", "v1/report-keys");
    if (settings.keys.length === 0) {
      const zh = "秘书处尚未公布举报密钥，暂时无法在此提交";
      throw Object.assign(new Error(), { told: [zh, "the secretariat has published no key yet: nothing can be sent here for now"] });
    }
    made ??= await make();
    say(at("progress"), "正在提交", "sending");
    const kept = await ask("POST", "v1/public-reports", made.new);
    showDone(kept);
    await uploadOrTell();
  } catch (error) {
    // What the registry refused for what it is, is made anew from the form.
    if (error.status >= 400 && error.status < 500 && error.status !== 429) made = undefined;
    explain(at("error"), error, settings);
    say(at("progress"), "", "");
    at("error").focus();
  } finally {
    at("send").disabled = false;
  }
});

at("again").addEventListener("click", uploadOrTell);
at("print").addEventListener("click", () => print());

function tellLength() {
  const left = MAX_DESCRIPTION_BYTES - utf8(form.elements.description.value.trim()).length;
  const few = left < 3000;
  say(at("length"), few ? `还可以写约${Math.max(0, Math.floor(left / 3))}个汉字` : "", few ? `${Math.max(0, left)} bytes are left` : "");
}
form.elements.description.addEventListener("input", tellLength);
form.elements.files.addEventListener("change", () => {
  const files = [...form.elements.files.files];
  const size = megabytes(files.reduce((sum, file) => sum + file.size, 0));
  say(at("chosen"), files.length ? `已选${files.length}个，合计${size} MB` : "", files.length ? `${files.length} chosen, ${size} MB` : "");
});
// Whatever is changed makes another report.
form.addEventListener("input", () => {
  made = undefined;
});

begin();
if (!canSeal()) {
  form.hidden = true;
  unable();
}
try {
  settings = await ask("GET", "v1/report-keys");
  showContact(settings);
  if (settings.namesApart) {
    say(at("names-hint"), "仅规则指定的少数人员可以阅读。", "Only the few seats that the rules name read it.");
  }
} catch (error) {
  explain(at("error"), error, settings);
}
