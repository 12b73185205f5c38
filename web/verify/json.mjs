// JSON as the formats take it (docs/formats.md §1): no key twice, no null, plain integers alone, nothing behind the value.

const MOST_DEEP = 32;
const MOST_MEMBERS = 1024;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

export class JsonError extends Error {}

/** Bytes as text; what isn't UTF-8 is refused, and a byte order mark is no text. */
export function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError("not UTF-8");
  }
}

/** Reads a text, or refuses it. Objects have no prototype. */
export function read(text) {
  let at = 0;
  const fail = (why) => {
    throw new JsonError(`${why} at ${at}`);
  };
  const space = () => {
    while (at < text.length && " \t\n\r".includes(text[at])) at += 1;
  };
  const string = () => {
    at += 1;
    let read = "";
    for (;;) {
      const c = text[at];
      if (c === undefined) fail("a text without end");
      at += 1;
      if (c === '"') break;
      if (c < " ") fail("a control character");
      if (c !== "\\") {
        read += c;
        continue;
      }
      const escape = text[at];
      at += 1;
      if (escape === "u") {
        const digits = text.slice(at, at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail("no such escape");
        read += String.fromCharCode(parseInt(digits, 16));
        at += 4;
      } else if (Object.hasOwn(ESCAPES, escape ?? "")) read += ESCAPES[escape];
      else fail("no such escape");
    }
    if (!read.isWellFormed()) fail("a lone surrogate");
    return read;
  };
  const number = () => {
    const digits = /^-?(0|[1-9][0-9]*)/.exec(text.slice(at, at + 20))?.[0];
    if (digits === undefined || digits === "-0") fail("no number");
    at += digits.length;
    if (/[0-9.eE]/.test(text[at] ?? "")) fail("no plain integer");
    const read = Number(digits);
    if (!Number.isSafeInteger(read)) fail("too large a number");
    return read;
  };
  const word = (name, read) => {
    if (text.slice(at, at + name.length) !== name) fail("no value");
    at += name.length;
    return read;
  };
  const value = (deep) => {
    space();
    const c = text[at];
    if (c === '"') return string();
    if (c === "t") return word("true", true);
    if (c === "f") return word("false", false);
    if (c === "[" || c === "{") {
      if (deep > MOST_DEEP) fail("nested too deep");
      return c === "[" ? list(deep) : object(deep);
    }
    return number();
  };
  const list = (deep) => {
    const read = [];
    at += 1;
    space();
    if (text[at] === "]") {
      at += 1;
      return read;
    }
    for (;;) {
      read.push(value(deep + 1));
      space();
      at += 1;
      if (text[at - 1] === "]") return read;
      if (text[at - 1] !== ",") fail("no list");
    }
  };
  const object = (deep) => {
    const read = Object.create(null);
    let members = 0;
    at += 1;
    space();
    if (text[at] === "}") {
      at += 1;
      return read;
    }
    for (;;) {
      space();
      if (text[at] !== '"') fail("no key");
      const key = string();
      if (key in read) fail("a key twice");
      space();
      if (text[at] !== ":") fail("no object");
      at += 1;
      read[key] = value(deep + 1);
      members += 1;
      if (members > MOST_MEMBERS) fail("too many members");
      space();
      at += 1;
      if (text[at - 1] === "}") return read;
      if (text[at - 1] !== ",") fail("no object");
    }
  };
  const read = value(1);
  space();
  if (at !== text.length) fail("more behind the value");
  return read;
}

/** Whether it is an object that has these members, and beside them at most those others. */
export const has = (value, members, others = []) =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  members.every((member) => member in value) &&
  Object.keys(value).every((member) => members.includes(member) || others.includes(member));
