// The verifier that the page /verify/ runs, held against the vectors that ours is held against (federation/vectors/entries.json):
// what is right verifies, what is refused is refused for the same reason, and every flipped bit fails.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const [, , directory, vectors] = process.argv;
const { canVerify, Fault, holdPrinted, printed, verify } = await import(`${directory}/verify.mjs`);
const { JsonError, read } = await import(`${directory}/json.mjs`);

const log = JSON.parse(readFileSync(vectors, "utf8"));
const now = 1_780_000_060_000;
const utf8 = (text) => new TextEncoder().encode(text);
const check = (file, genesis = log.genesis, at = now) => verify(utf8(typeof file === "string" ? file : JSON.stringify(file)), genesis, at);

/** The fault of a file; a file that verifies, or fails in another way, ends the run. */
async function fault(file, what, genesis, at) {
  try {
    await check(file, genesis, at);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw new Error(`${what}: ${error.stack}`);
  }
  throw new Error(`${what}: verified`);
}

assert.ok(await canVerify(), "Node.js verifies Ed25519");
for (const { name, file, index } of log.proofFiles) {
  const shown = await check(file);
  assert.deepEqual([shown.index, shown.size, shown.quorum, shown.since, shown.genesis], [index, 7, 2, 1_780_000_000, log.genesis], name);
  assert.equal((await check(file, undefined)).genesis, log.genesis, "without a pin it says what it begins with");
  assert.equal((await fault(file, name, "0".repeat(64))).code, "genesis-not-pinned");
  assert.equal((await fault(file, name, undefined, now - 361_000)).code, "checkpoint-quorum", "witnesses ahead of the clock");
}
for (const { name, replace, reason } of log.refusedProofFiles) {
  const file = Object.assign(JSON.parse(log.proofFiles[0].file), replace);
  assert.equal((await fault(file, name)).code, reason, name);
}

const place = (file, pointer) => {
  const path = pointer.split("/").slice(1);
  const last = path.pop();
  return [path.reduce((value, key) => value[key], file), last];
};
/** Flips bits of one value, each by itself. */
async function flip(text, pointer, isBase64, bitsOf) {
  const [holder, key] = place(JSON.parse(text), pointer);
  const bytes = isBase64 ? Buffer.from(holder[key], "base64") : Buffer.from(holder[key]);
  let flipped = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    for (const bit of bitsOf(at)) {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1 << bit;
      const file = JSON.parse(text);
      const [into, name] = place(file, pointer);
      into[name] = isBase64 ? changed.toString("base64") : changed.toString();
      await fault(file, `${pointer}, byte ${at}, bit ${bit}`);
      flipped += 1;
    }
  }
  return flipped;
}
// A bit of each byte of the record, and of a root's long texts those of each sixteenth byte: the fault is found by the hash of all.
const each = (at) => [at % 8];
const one = (at) => (at % 16 === 0 ? [(at / 16) % 8] : []);
const file = log.proofFiles.find(({ name }) => name === "a reinstatement").file;
let flipped = 0;
for (const [part, bits] of [["", each], ["/roots/0", one], ["/roots/1", one], ["/roots/2", one]]) {
  for (const member of ["/entry", "/statement", "/docket/payload", "/docket/signatures/0/sig", "/docket/signatures/1/sig"]) {
    flipped += await flip(file, part + member, true, bits);
  }
  for (const member of ["/proof", "/docket/signatures/0/keyid", "/docket/payloadType"]) {
    flipped += await flip(file, part + member, false, bits);
  }
}
assert.ok(flipped > 2_000, `${flipped} bits`);

// A checkpoint of which a signature was replaced by another right one of another text is refused, too.
const shown = await check(file);
const [item] = shown.items;
const code = `callboard:record/${item.record}/${item.commitment}`;
assert.equal(holdPrinted(printed(code.toUpperCase()), shown), "proven");
assert.equal(holdPrinted(printed(code.replace(item.commitment, "0".repeat(64))), shown), "another");
assert.equal(holdPrinted({ ...printed(code), record: "019c167f-cc00-7000-8000-000000000000" }, shown), "unproven");
for (const wrong of ["", "callboard:record/", code.slice(1), code.slice(0, -1), code.replace("record/", "docket/")]) {
  assert.equal(printed(wrong), undefined, wrong);
}

// Strict JSON, as the formats take it.
for (const wrong of [
  "", "{", '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', "[null]", "null", "1.0", "1e3", "-0", "9007199254740992", '"\\ud800"', "[1] 2", "01", "[1,]",
  '{"a":1,}', '"a', "'a'", '"\\x"', '"\u0001"', "[".repeat(33) + "]".repeat(33), "tru", "\ufeff1", "{a:1}", '{"a" 1}', "[1 2]", "NaN", "+1",
]) {
  assert.throws(() => read(wrong), JsonError, JSON.stringify(wrong));
}
assert.deepEqual(read(' {"a" : [1, -2, true,"\\u00e9\\n"]} '), Object.assign(Object.create(null), { a: [1, -2, true, "é\n"] }));
assert.equal(read('{"__proto__":1}').__proto__, 1);
console.log(`${log.proofFiles.length} proofs, ${log.refusedProofFiles.length} refused, ${flipped} bits`);
