// A page in two languages: its own text is Chinese, and what an element says in English stands in its `data-en`.

const ENGLISH = "en";
let spoken = "zh-CN";

/** The language in which the page is read: `zh-CN` or `en`. */
export const language = () => spoken;

/** One of two texts. */
export const pick = (zh, en) => (spoken === ENGLISH ? en : zh);

function speak(wanted) {
  spoken = wanted;
  document.documentElement.lang = wanted;
  for (const element of document.querySelectorAll("[data-en]")) {
    element.dataset.zh ??= element.textContent;
    element.textContent = wanted === ENGLISH ? element.dataset.en : element.dataset.zh;
  }
}

/** Begins with what the address asks, else what the browser prefers, else Chinese; the button with `data-language` switches. */
export function begin(onSwitch = () => {}) {
  const asked = new URLSearchParams(location.search).get("lang");
  const preferred = [asked, ...navigator.languages].find((tag) => /^(zh|en)/i.test(tag ?? ""));
  speak(/^en/i.test(preferred ?? "") ? ENGLISH : "zh-CN");
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      speak(spoken === ENGLISH ? "zh-CN" : ENGLISH);
      onSwitch();
    });
  }
}

/** Puts a text into an element, in both languages. */
export function say(element, zh, en) {
  element.dataset.zh = zh;
  element.dataset.en = en;
  element.textContent = pick(zh, en);
}
