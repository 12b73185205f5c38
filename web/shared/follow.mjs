// The code by which whoever reported follows it: 16 random bytes, in Crockford's base32, four characters a group. The formats:
// docs/formats.md, section 17. The same in Rust: federation/src/report/follow.rs.

import { concat, hex, hkdf, random, sha256, utf8 } from "./seal.mjs";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BYTES = 16;
/** 128 bits in groups of five: the last has two more, which are zero. */
const CHARACTERS = 26;

/** A new code, as it is shown. */
export const newCode = () => written(random(BYTES));

/** The bytes of a code as people write it. */
export function written(bytes) {
  let bits = bytes.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n) << 2n;
  let text = "";
  for (let at = 0; at < CHARACTERS; at += 1) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return text.match(/.{1,4}/g).join("-");
}

/** Reads a code however it is typed; `undefined` if it is none. */
export function read(text) {
  const typed = text.toUpperCase().replace(/[\s\-‐-―－]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  if (typed.length !== CHARACTERS) return undefined;
  let bits = 0n;
  for (const char of typed) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return undefined;
    bits = (bits << 5n) | BigInt(value);
  }
  if ((bits & 3n) !== 0n) return undefined;
  bits >>= 2n;
  const bytes = new Uint8Array(BYTES);
  for (let at = BYTES - 1; at >= 0; at -= 1) {
    bytes[at] = Number(bits & 255n);
    bits >>= 8n;
  }
  return bytes;
}

/** By what the registry knows the code. */
export const followId = async (bytes) => hex(await sha256(concat(utf8("callboard/follow/v1\0"), bytes)));

/** The key of what is said about a report. */
export const followKey = (bytes, report) => hkdf(bytes, utf8(report), utf8("callboard/follow-key/v1\0"), 32);

/** Both, of a code as it is shown. */
export async function follow(code, report) {
  const bytes = read(code);
  return { id: await followId(bytes), key: await followKey(bytes, report) };
}
