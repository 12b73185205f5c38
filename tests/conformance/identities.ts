// Identities as people type them, in TypeScript: the rules of `docs/formats.md` §2, written out for `client.ts`.
//
// `normalise` is what everybody must do alike. `read` is stricter: it says of each doubt what to compare, in the words of the
// one table that every program has. Nothing here repeats what was typed.
import { readFileSync } from "node:fs";

type Words = { zh: string; en: string };
export type Fault = { code: string } & Record<string, string | number>;
export type Located = { at?: number; fault: Fault };
export type Asked = { kind: string; value: unknown; confirmed?: boolean };
export type Reading = { value: string; excused: string[]; notes: string[] };
type Table = {
  unseen: [number, number][]; quotes: string; lookAlikes: Record<string, string>;
  kinds: Record<string, Words>; shapes: Record<string, Words>; faults: Record<string, Words>; notes: Record<string, Words>;
};

const table: Table = JSON.parse(
  readFileSync(new URL("../../federation/src/identity/reader/table.json", import.meta.url), "utf8"),
);
const [digitKinds, accounts] = [["cn-id", "hmt-travel-permit", "cn-uscc"], ["platform-account", "net-identity-code"]];
const hard = ["cn-id", "hmt-travel-permit", "passport", "cn-uscc"];
const kinds = [...hard, ...accounts, "passport-holder"];

/** What is wrong: codes with what stands in their words. */
export class Invalid<T = Fault> extends Error {
  constructor(readonly faults: T[]) {
    super("identity-invalid");
  }
}
const fault = (code: string, details: Record<string, string | number> = {}): Fault => ({ code, ...details });
function refuse(code: string, details: Record<string, string | number> = {}): never {
  throw new Invalid([fault(code, details)]);
}
/** A fault or note in both languages. */
export function words(fault: Fault): Words {
  const text = { ...(table.faults[fault.code] ?? table.notes[fault.code])! };
  const details: Record<string, Words | string | number> = { ...fault };
  if (typeof fault["kind"] === "string") {
    [details["kind"], details["shape"]] = [table.kinds[fault["kind"]]!, table.shapes[fault["kind"]]!];
  }
  for (const language of ["zh", "en"] as const) {
    for (const [name, said] of Object.entries(details)) {
      text[language] = text[language].replaceAll(`{${name}}`, typeof said === "object" ? said[language] : String(said));
    }
  }
  return text;
}

// The rule of each kind.
function dated(digits: string): boolean {
  const day = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  const date = new Date(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  return exists && "1800" <= day && day < "2100";
}
function checkDigit(body: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  return "10X98765432"[weights.reduce((sum, weight, at) => sum + weight * Number(body[at]), 0) % 11]!;
}
function isNumber(text: string): boolean {
  return /^[1-9][0-9]{16}[0-9X]$/.test(text) && dated(text.slice(6, 14)) && checkDigit(text) === text[17];
}
function creditCode(code: string): boolean {
  const values = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  let [total, weight] = [0, 1];
  for (const c of code.slice(0, 17)) [total, weight] = [total + values.indexOf(c) * weight, (weight * 3) % 31];
  return values[(31 - (total % 31)) % 31] === code[17];
}
/** The value, and what of it a person must confirm. */
function rule(kind: string, text: string): [string, string | undefined] {
  if (!/^[ -~]*$/.test(text)) refuse("characters");
  if (text === "") refuse("empty");
  if (text.length > 128) refuse("too-long");
  if (kind === "cn-id") {
    if (/^[A-Z]{3}[0-9]{12}$/.test(text)) return [text, undefined];
    if (/^[1-9][0-9]{16}[0-9X]$/.test(text)) {
      if (!dated(text.slice(6, 14))) refuse("no-such-date");
      if (checkDigit(text) !== text[17]) refuse("check-digit");
      return [text, text.endsWith("000") ? "rounded" : undefined];
    }
    if (/^[1-9][0-9]{14}$/.test(text)) {
      const body = text.slice(0, 6) + (text.slice(12) >= "996" ? "18" : "19") + text.slice(6);
      if (!dated(body.slice(6, 14))) refuse("no-such-date");
      return [body + checkDigit(body), "fifteen-digits"];
    }
  }
  if (kind === "hmt-travel-permit") {
    if (/^[HM][0-9]{8}([0-9]{2})?$/.test(text)) return [text.slice(0, 9), undefined];
    if (/^([HM]A[0-9]{7}|[0-9]{8})$/.test(text)) return [text, undefined];
  }
  if (kind === "passport" && /^[A-Z]{3}:[A-Z0-9]{5,12}$/.test(text)) return [text, undefined];
  if (kind === "cn-uscc" && /^[0-9A-HJ-NP-RTUW-Y]{18}$/.test(text)) {
    if (isNumber(text)) refuse("persons-number");
    return [text, creditCode(text) ? undefined : "credit-code"];
  }
  if (accounts.includes(kind) && /^[a-z0-9-]{1,64}:.+$/.test(text)) return [text, undefined];
  if (kind === "passport-holder" && /^[A-Z]{3}:[A-Z]+(<[A-Z]+)*:[0-9]{8}$/.test(text)) {
    if (!dated(text.slice(-8))) refuse("no-such-date");
    return [text, undefined];
  }
  return refuse("shape", { kind });
}

// Its one spelling.
const fold = (text: string) => text.normalize("NFKC");
const trim = (text: string) => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
const upper = (text: string) => text.replace(/[a-z]/g, (c) => c.toUpperCase());
const plain = (text: string) => upper(text.replace(/[\p{White_Space}-]/gu, ""));
function lineName(name: string): string { // as in a passport's machine-readable line
  const parts = name.replace(/['\u2019]/g, "").split(/[\p{White_Space}<-]+/u);
  return upper(parts.filter((part) => part !== "").join("<")).slice(0, 39).replace(/<$/, "");
}
function compact(kind: string, typed: string): string {
  const text = trim(fold(typed));
  if (accounts.includes(kind)) return text;
  if (kind === "passport-holder") return text.split(":").map((part, at) => (at === 1 ? lineName : plain)(part)).join(":");
  return kind === "hmt-travel-permit" ? plain(text).replace(/[()]/g, "") : plain(text);
}
export function normalise(kind: string, typed: string, confirmed = false): string {
  const [value, doubt] = rule(kind, compact(kind, typed));
  if (doubt !== undefined && !confirmed) refuse(doubt);
  return value;
}
function reads(kind: string, text: string): [string, string | undefined] | undefined {
  try { return rule(kind, compact(kind, text)); } catch { return undefined; }
}

// What was typed may be somebody else's.
/** The value with what was excused and what to compare; `today` is the day in China, YYYYMMDD. */
export function read({ kind, value: typed, confirmed = false }: Asked, today: string): Reading {
  if (typeof typed !== "string") return refuse(typeof typed === "number" ? "number-cell" : "not-text");
  const text = trim(typed);
  if (text === "") refuse("empty");
  if (areSeveral(kind, text)) refuse("several");
  refuseStrange(kind, text);
  const folded = fold(text);
  refuseNumber(kind, trim(folded.split(":").at(-1)!));
  if (folded.includes(":") && kinds.includes(trim(folded.split(":")[0]!))) refuse("label");
  const short = compact(kind, text);
  let [value, doubt]: [string, string | undefined] = ["", undefined];
  try {
    [value, doubt] = rule(kind, short);
  } catch (error) {
    throw new Invalid([explain(kind, text, short, (error as Invalid).faults[0]!, today)]);
  }
  const doubts = doubt === undefined ? [] : [doubt];
  const born = birth(kind, value);
  if (born !== undefined) {
    if (born > today) refuse("birth-ahead");
    if (later(born, 110) < today) doubts.push("born-long-ago");
  }
  const cut = cutBirth(short, today);
  if (doubts.includes("fifteen-digits") && cut !== undefined && later(cut, 18) > today) refuse("cut-of-a-minor");
  if (kind === "cn-uscc") {
    if (/^[0-9]+000$/.test(value)) doubts.push("rounded");
    const day = value.slice(6, 14);
    const likePerson = /^[1-9][0-9]{16}.$/.test(value) && dated(day) && "1900" <= day && day <= today;
    if (likePerson) doubts.push("credit-code-like-a-person");
  }
  const isDate = /^[0-9]{8}$/.test(value) && dated(value) && "1900" <= value && value <= today;
  if (kind === "hmt-travel-permit" && isDate) doubts.push("like-a-date");
  if (accounts.includes(kind) && /^[^:]+:[0-9]{15,}000$/.test(value)) doubts.push("rounded");
  if (doubts.length > 0 && !confirmed) throw new Invalid(doubts.map((code) => fault(code)));
  const [oldCard, permit] = [kind === "cn-id" && value.length === 15, kind === "hmt-travel-permit"];
  const notes: [string, boolean][] = [
    ["no-check-digit", oldCard || permit || kind === "passport"],
    ["number-changes", oldCard || kind === "passport"],
    ["eight-digits", permit && value.length === 8],
    ["ends-in-00", kind === "cn-id" && !oldCard && /(?<!0)00$/.test(value)],
  ];
  return { value, excused: doubts, notes: notes.filter(([, holds]) => holds).map(([note]) => note) };
}
function birth(kind: string, value: string): string | undefined {
  if (kind === "cn-id" && value.length === 18) return value.slice(6, 14);
  return kind === "passport-holder" ? value.slice(-8) : undefined;
}
const later = (day: string, years: number) => `${Number(day.slice(0, 4)) + years}${day.slice(4)}`;
function cutBirth(short: string, today: string): string | undefined {
  const day = short.slice(6, 14);
  return /^[0-9]{15}$/.test(short) && dated(day) && "1900" <= day && day <= today ? day : undefined;
}

function areSeveral(kind: string, text: string): boolean {
  const isAccount = accounts.includes(kind);
  const between = isAccount ? /[\n,;、，；]/ : /[\p{White_Space},;/|、，；]/u;
  const parts = text.split(between).filter((part) => reads(kind, part)).map(trim);
  return parts.length > 1 && (!isAccount || new Set(parts.map((part) => part.split(/[:：]/)[0])).size === 1);
}
function refuseStrange(kind: string, text: string) {
  const isDropped = (c: string) =>
    !accounts.includes(kind) && (/\p{White_Space}/u.test(c) || (kind === "passport-holder" && c === "\u2019"));
  for (const [index, c] of [...text].entries()) {
    const [at, code] = [index + 1, c.codePointAt(0)!];
    const details = { at, character: `U+${code.toString(16).toUpperCase().padStart(4, "0")}` };
    if (table.quotes.includes(c) && (hard.includes(kind) || at === 1)) refuse("apostrophe", details);
    if ([...fold(c)].every((folded) => /[ -~]/.test(folded) || isDropped(folded))) continue;
    if (table.lookAlikes[c] !== undefined) refuse("look-alike", { ...details, like: table.lookAlikes[c]! });
    if (table.unseen.some(([first, last]) => first <= code && code <= last)) refuse("unseen-character", details);
    const han: string[] = text.match(/[\u3400-\u4dbf\u4e00-\u9fff]/g) ?? [];
    if (han.includes(c) && !han.every((one) => "零一二三四五六七八九十".includes(one))) refuse("label");
    refuse("other-character", details);
  }
}
function refuseNumber(kind: string, text: string) {
  const scientific = /^[0-9]+([.,][0-9]*)?[Ee]([+-]?)[0-9]{1,3}$/.exec(text);
  if (scientific && (digitKinds.includes(kind) || scientific[1] || scientific[2])) refuse("scientific");
  if (/^[0-9]+\.0*$/.test(text)) refuse("decimal");
  if (/^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$/.test(text)) refuse("separators");
}

/** Says more of what the rule of the kind refused. */
function explain(kind: string, text: string, short: string, refused: Fault, today: string): Fault {
  if (refused.code === "no-such-date" && kind === "cn-id" && cutBirth(short, today)) return fault("cut");
  if (refused.code === "check-digit" && short.endsWith("000")) return fault("last-digits-lost");
  if (refused.code !== "shape") return refused;
  if (/[*#]/.test(short)) return fault("masked");
  for (const other of hard) {
    const telling = other !== "hmt-travel-permit" || "HMhm".includes(text[0]!);
    const read = other !== kind && telling ? reads(other, text) : undefined;
    if (read && read[1] === undefined) return fault("other-kind", { kind: other });
  }
  if (kind === "passport") return /^[A-Z]{3}:/.test(short) ? refused : fault("no-issuer");
  if (accounts.includes(kind)) return fault("no-member");
  if (kind === "passport-holder") return refused;
  if (short.includes(":")) return fault("label");
  const digits: Record<string, string> =
    { O: "0", I: "1", ...(kind === "cn-uscc" ? { Z: "2", S: "5" } : { L: "1" }) };
  if (reads(kind, [...short].map((c) => digits[c] ?? c).join(""))) {
    const [index, c] = [...[...text].entries()].find(([, c]) => digits[upper(c)] !== undefined)!;
    const code = c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return fault("look-alike", { at: index + 1, character: `U+${code}`, like: digits[upper(c)]! });
  }
  const differs = (length: number, of: number) => length < of
    ? fault("missing-characters", { count: String(of - length), of: String(of) })
    : fault("extra-characters", { count: String(length - of), of: String(of) });
  if (kind === "cn-id" && /^[0-9]+X?$/.test(short)) {
    return short[0] === "0" && [15, 18].includes(short.length) ? fault("padded") : differs(short.length, 18);
  }
  if (kind === "hmt-travel-permit" && /^[0-9]+$/.test(short)) {
    return short.length === 7 ? fault("lost-zero") : differs(short.length, 8);
  }
  if (kind === "hmt-travel-permit" && /^[HM]A?[0-9]+$/.test(short)) {
    if (/^[HM][0-9]{9}$/.test(short)) return refused;
    return differs(short.length, /^[HM][0-9]{11,}$/.test(short) ? 11 : 9);
  }
  if (kind === "cn-uscc" && /^[0-9A-Z]+$/.test(short) && short.length !== 18) return differs(short.length, 18);
  return refused;
}

// Identities of one question are of one subject.
/** What was read of each; `born` is a date of birth that was said, YYYYMMDD. */
export function readQuestion(identities: Asked[], today: string, born?: string): (Reading & { kind: string })[] {
  const faults: Located[] = [];
  const refused = (code: string) => faults.push({ fault: fault(code) });
  if (identities.length < 1 || identities.length > 16) throw new Invalid<Located>([{ fault: fault("count") }]);
  const all: (Reading & { kind: string })[] = [];
  for (const [at, asked] of identities.entries()) {
    try {
      all.push({ kind: asked.kind, ...read(asked, today) });
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      faults.push(...(error as Invalid).faults.map((fault) => ({ at, fault })));
    }
  }
  if (born !== undefined && born > today) refused("birth-ahead");
  else if (born !== undefined && later(born, 110) < today && !identities.some((asked) => asked.confirmed)) refused("born-long-ago");
  if (faults.length === 0) {
    const births = all.map(({ kind, value }) => birth(kind, value)).concat(born).filter((day) => day !== undefined);
    const numbers = all.filter(({ kind, value }) => kind === "cn-id" && value.length === 18);
    const isPerson = born !== undefined || all.some(({ kind }) => !["cn-uscc", "platform-account"].includes(kind));
    if (isPerson && all.some(({ kind }) => kind === "cn-uscc")) refused("two-subjects");
    if (new Set(births).size > 1) refused("births-differ");
    if (new Set(numbers.map(({ value }) => Number(value[16]) % 2)).size > 1) refused("sexes-differ");
  }
  if (faults.length > 0) throw new Invalid(faults);
  return all;
}
