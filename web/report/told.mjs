// What the pages of a report say where something can't be done, and how times are shown.

import { say } from "../shared/language.mjs";

const at = (id) => document.getElementById(id);
const CONTACT = ["请通过电话或者信函联系协会秘书处", "Reach the association's secretariat by telephone or post"];

/** An instant by the clock of Beijing. */
export function shownTime(text, language) {
  const style = { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "short", hourCycle: "h23" };
  const shown = new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", style).format(new Date(text));
  return language === "en" ? `${shown} (Beijing time)` : `${shown}（北京时间）`;
}

/** Whom to call, as the registry says. */
export function showContact({ contactZh, contactEn } = {}) {
  say(at("contact"), contactZh || CONTACT[0], contactEn || CONTACT[1]);
}

/** That this browser can't seal. */
export function unable() {
  const box = at("unable");
  say(
    box,
    "此浏览器无法加密（版本过旧，或者本页不是经 https 打开）。请换用较新的浏览器，或者通过电话、信函联系协会秘书处。",
    "This browser can't encrypt (it is too old, or the page wasn't opened by https). Use a newer one, or reach the association's secretariat by telephone or post.",
  );
  box.hidden = false;
}

/** What to do about what went wrong. */
export function explain(element, error, settings) {
  const way = [settings?.contactZh || CONTACT[0], settings?.contactEn || CONTACT[1]];
  const told = error.told ?? toldOf(error);
  say(element, `${told[0]}。${way[0]}。`, `${told[1]}. ${way[1]}.`);
}

function toldOf({ status, type, after }) {
  if (status === 0) return ["无法连接服务器，请检查网络后再试；已填写的内容仍在本页", "the server isn't reached: look at your connection and try again; what you wrote is still here"];
  if (status === 429) {
    const minutes = Math.max(1, Math.ceil((after ?? 60) / 60));
    return [`此刻提交过多，请约${minutes}分钟后再试；紧急情况请电话联系`, `too many reports come at once: try again in about ${minutes} minutes; if it is urgent, call`];
  }
  if (type === "public-reports-full") return ["举报系统存储已满，暂时无法接收", "there is no room for reports for now"];
  if (type === "not-found") return ["没有此查询码的举报", "no report has this code"];
  if (type === "report-closed") return ["该举报已办结，不能再补充", "the report is closed: nothing can be added"];
  if (status === undefined) return ["未能完成加密，请再试一次", "it wasn't encrypted: please try again"];
  return ["未能提交", "it wasn't taken"];
}
