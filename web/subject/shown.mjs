// Shows what is held, what became of it and what was filed. Every text goes in as text.

import { language, pick, say } from "../shared/language.mjs";
import { ACTED, KINDS, OUTCOMES, PHASES, SEATS, WHOSE } from "./words.mjs";

const at = (id) => document.getElementById(id);

function made(name, text, of = "") {
  const element = document.createElement(name);
  if (of) element.className = of;
  element.textContent = text;
  return element;
}

/** An instant by the clock of Beijing. */
export function time(text) {
  const style = { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "short", hourCycle: "h23" };
  const shown = new Intl.DateTimeFormat(language() === "en" ? "en-GB" : "zh-CN", style).format(new Date(text));
  return pick(`${shown}（北京时间）`, `${shown} (Beijing time)`);
}

const word = (words, name) => pick(...(words[name] ?? [name, name]));

function list(pairs) {
  const all = document.createElement("dl");
  for (const [name, text] of pairs) all.append(made("dt", name), made("dd", text));
  return all;
}

/** When it ends, and what must happen for that. */
function ends({ kind, until, onTermEnd, returnFrom }) {
  const zh = returnFrom === undefined ? "" : `；${returnFrom}起可以申请恢复`;
  const en = returnFrom === undefined ? "" : `; you may apply to return from ${returnFrom} on`;
  if (until === undefined) return pick(`没有期限：须由委员会决定解除${zh}`, `No end by itself: the committee must decide to lift it${en}`);
  if (onTermEnd === "expires" || kind === "interim") return pick(`${time(until)}，届时自行终止`, `${time(until)}, by itself`);
  return pick(`${time(until)}；期满不自行终止，须申请恢复${zh}`, `${time(until)}; it isn't over by itself, you must apply to return${en}`);
}

function record(held, live) {
  const section = document.createElement("section");
  section.append(made("h2", `${pick(held.words.zh, held.words.en)} · ${pick(held.title.zh, held.title.en)}`));
  const phase = live.erased
    ? pick("已删除", "Erased")
    : live.void
      ? pick("已撤销", "Annulled")
      : live.phase === undefined
        ? pick("尚未生效", "Not in effect yet")
        : word(PHASES, live.phase);
  const disputed = live.disputed ? pick("，有异议", ", disputed") : "";
  const clauses = held.violations.map(({ code, zh, en }) => `${code} ${pick(zh, en)}`).join("\n");
  const pairs = [
    [pick("现状", "Now"), phase + disputed],
    [pick("依据", "Under"), `${pick(held.title.zh, held.title.en)} ${held.version}`],
    [pick("条款", "Clauses"), clauses || pick("未列明", "None is named")],
    [pick("理由", "Reasons"), held.unopened ? pick(`未能打开：${held.unopened}`, `They didn't open: ${held.unopened}`) : held.reasons],
    [pick("限制范围", "What it closes"), held.scopes?.join(pick("、", ", ")) || pick("全部", "All")],
    [pick("生效", "From"), time(held.effectiveAt)],
    [pick("期限", "Until"), ends(held)],
    [pick("签署", "Decided by"), pick(`${held.seats}人签署`, `${held.seats} seats signed`)],
  ];
  if (held.conditions?.length) pairs.push([pick("恢复条件", "Conditions of a return"), held.conditions.join("\n")]);
  if (held.objectionDays !== undefined) {
    pairs.push([
      pick("如何申诉", "What you can do"),
      pick(`收到通知之日起${held.objectionDays}个工作日内申诉`, `Appeal within ${held.objectionDays} working days of notice`),
    ]);
  }
  section.append(list(pairs));
  section.append(details(pick("各会员单位的执行", "Which members carried it out"), live.members.map(acted)));
  section.append(details(pick("谁索取过打开内容的密钥份额", "Who asked for the share that opens it"), live.asked.map(asked)));
  return section;
}

const acted = ({ name, acted: what, receiptedAt }) => `${name} · ${word(ACTED, what)}${receiptedAt ? ` · ${time(receiptedAt)}` : ""}`;
function asked({ who, firstAt, lastAt, times }) {
  const name = word(SEATS, who);
  return pick(`${name} · ${times}次 · 首次${time(firstAt)} · 最近${time(lastAt)}`, `${name} · ${times} times · first ${time(firstAt)} · last ${time(lastAt)}`);
}

function details(title, lines) {
  const box = document.createElement("details");
  const all = document.createElement("ul");
  for (const line of lines.length > 0 ? lines : [pick("没有", "Nobody")]) all.append(made("li", line));
  box.append(made("summary", title), all);
  return box;
}

/** What was filed, with what this browser knows that it said, and the answers. */
function filing({ told, text, answers }) {
  const section = document.createElement("section");
  section.append(made("h3", word(KINDS, told.kind)));
  const due = told.dueAt ? time(told.dueAt) : pick("规则未定期限", "no rule says by when");
  const pairs = [
    [pick("编号", "Number"), told.id],
    [pick("收到", "Received"), time(told.filedAt)],
    [pick("答复期限", "To be answered before"), due],
  ];
  if (told.provisional) pairs.push([pick("状态", "State"), pick("暂定，待确认本人", "Provisional, until you are confirmed")]);
  section.append(list(pairs));
  if (text !== undefined) section.append(made("p", text, "said"));
  for (const answer of answers) {
    section.append(made("p", `${word(OUTCOMES, answer.outcome)} · ${time(answer.at)}`, "good"));
    section.append(made("p", answer.text ?? pick("该答复无法在此打开", "The answer doesn't open here"), "said"));
  }
  return section;
}

export function show({ content, read, filings }) {
  const { session } = read;
  const maker = session.member ?? pick("协会秘书处", "the association's secretariat");
  const whose = word(WHOSE, session.for);
  say(at("made"), `此链接由${maker}于${time(session.madeAt)}出具，供${whose}查阅。姓名：${content.names.join("、")}`, `This link was made by ${maker} at ${time(session.madeAt)}, for ${whose}. Names: ${content.names.join(", ")}`);
  say(at("opened"), `首次打开：${time(session.openedAt)}。如果不是您本人打开，请立即联系秘书处。可用至${time(session.endsAt)}。`, `First opened ${time(session.openedAt)}. If that wasn't you, tell the secretariat at once. It lasts until ${time(session.endsAt)}.`);
  at("provisional").hidden = session.confirmedAt !== undefined;
  const lives = new Map(read.records.map((live) => [live.record, live]));
  at("records").replaceChildren(...content.records.filter((held) => lives.has(held.record)).map((held) => record(held, lives.get(held.record))));
  const all = filings.map(filing);
  at("filings").replaceChildren(...(all.length > 0 ? all : [made("p", pick("尚无提交", "Nothing yet"), "hint")]));
  const chosen = [at("kind").value, at("about").value];
  at("kind").replaceChildren(...Object.keys(KINDS).map((kind) => new Option(word(KINDS, kind), kind)));
  at("about").replaceChildren(...content.records.map((held) => new Option(`${pick(held.words.zh, held.words.en)} · ${time(held.effectiveAt)}`, held.record)));
  at("about-field").hidden = content.records.length < 2;
  if (chosen[0]) [at("kind").value, at("about").value] = chosen;
  hint();
}

/** What the chosen kind is. */
export function hint() {
  const of = KINDS[at("kind").value] ?? ["", "", "", ""];
  say(at("kind-hint"), of[2], of[3]);
}
