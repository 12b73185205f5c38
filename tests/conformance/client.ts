// A member's client in TypeScript: what `docs/clients.md` walks through. Sections are those of `docs/formats.md`.
//
// node client.js ask PIN KEY      persons on standard input, a line each, as {"kind": …, "value": …}; their answers out
// node client.js vectors DIR      holds each function against the published vectors
//
// PIN is the member's `genesis.json`; KEY the content of its key file, which `age --decrypt` gives.
import { createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { ed25519, ristretto255_oprf } from "@noble/curves/ed25519.js";

type Person = { kind: string; value: string; confirmed?: boolean };
type Epoch = { number: number; publicKey: string; state: string };
type Sealed = { nonce: string; commit: string };
type Wrap = Sealed & { epoch: number; tag: string; key: string };
type Details = Sealed & { share: string; ciphertext: string; wraps: Wrap[] };
type Known = { tag: string; sealKey: Uint8Array };

const { voprf } = ristretto255_oprf;
const b64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
const text64 = (data: Uint8Array) => Buffer.from(data).toString("base64");
const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");
const utf8 = (text: string) => new Uint8Array(Buffer.from(text, "utf8"));
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const sha = (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest());
const LP = (data: Uint8Array) => { // §1
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return join(length, data);
};

// §2: an identity in its one spelling, and what the PRF is asked.
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
function shaped(kind: string, text: string, confirmed: boolean): string {
  if (kind === "cn-id") {
    if (/^[A-Z]{3}[0-9]{12}$/.test(text)) return text;
    if (/^[1-9][0-9]{14}$/.test(text) && confirmed) { // a cut number looks so
      const body = text.slice(0, 6) + (text.slice(12) >= "996" ? "18" : "19") + text.slice(6);
      text = body + checkDigit(body);
    }
    if (isNumber(text) && (confirmed || !text.endsWith("000"))) return text; // as a rounded one does
  }
  if (kind === "hmt-travel-permit") {
    if (/^[HM][0-9]{8}([0-9]{2})?$/.test(text)) return text.slice(0, 9);
    if (/^([HM]A[0-9]{7}|[0-9]{8})$/.test(text)) return text;
  }
  if (kind === "passport" && /^[A-Z]{3}:[A-Z0-9]{5,12}$/.test(text)) return text;
  if (kind === "cn-uscc" && /^[0-9A-HJ-NP-RTUW-Y]{18}$/.test(text)) {
    if (!isNumber(text) && (confirmed || creditCode(text))) return text;
  }
  if (accounts.includes(kind) && /^[a-z0-9-]{1,64}:.+$/.test(text)) return text;
  if (kind === "passport-holder" && /^[A-Z]{3}:[A-Z]+(<[A-Z]+)*:[0-9]{8}$/.test(text)) {
    if (dated(text.slice(-8))) return text;
  }
  throw new Error("identity-invalid"); // never with the value
}
const accounts = ["platform-account", "net-identity-code"];
const upper = (text: string) => text.replace(/[a-z]/g, (c) => c.toUpperCase());
const plain = (text: string) => upper(text.replace(/[\p{White_Space}-]/gu, ""));
function lineName(name: string): string { // as in a passport's machine-readable line
  const parts = name.replace(/['\u2019]/g, "").split(/[\p{White_Space}<-]+/u);
  return upper(parts.filter((part) => part !== "").join("<")).slice(0, 39).replace(/<$/, "");
}
export function normalise({ kind, value, confirmed = false }: Person): string {
  let text = value.normalize("NFKC").replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
  if (kind === "passport-holder") text = text.split(":").map((part, at) => (at === 1 ? lineName : plain)(part)).join(":");
  else if (!accounts.includes(kind)) text = plain(text);
  if (kind === "hmt-travel-permit") text = text.replace(/[()]/g, "");
  if (!/^[ -~]{1,128}$/.test(text)) throw new Error("identity-invalid");
  return shaped(kind, text, confirmed);
}
const prfInput = (kind: string, value: string) => utf8(`callboard/identity/v1\0${kind}\0${value}`);

// §3: a request that says who asks, signed after RFC 9421.
function sign(seed: Uint8Array, method: string, uri: string, body: Uint8Array, created: number, nonce: Uint8Array) {
  const keyid = hex(sha(ed25519.getPublicKey(seed)));
  const headers: Record<string, string> = {};
  const lines = [`"@method": ${method}`, `"@target-uri": ${uri}`];
  if (body.length > 0) {
    headers["Content-Digest"] = `sha-256=:${text64(sha(body))}:`;
    lines.push(`"content-digest": ${headers["Content-Digest"]}`);
  }
  const names = lines.map((line) => line.split(": ")[0]).join(" ");
  const params = `(${names});created=${created};nonce="${text64(nonce)}";keyid="${keyid}";alg="ed25519";tag="callboard"`;
  const base = [...lines, `"@signature-params": ${params}`].join("\n");
  headers["Signature-Input"] = `callboard=${params}`;
  headers["Signature"] = `callboard=:${text64(ed25519.sign(utf8(base), seed))}:`;
  return headers;
}
async function ask(seed: Uint8Array, method: string, uri: string, body = new Uint8Array(), media = "application/json") {
  const headers = sign(seed, method, uri, body, Math.floor(Date.now() / 1000), randomBytes(16));
  if (body.length > 0) headers["Content-Type"] = media;
  return get(uri, { method, headers, ...(body.length > 0 && { body }) });
}
async function get(uri: string, asked: RequestInit = {}): Promise<Uint8Array> {
  const answer = await fetch(uri, asked);
  if (!answer.ok) throw new Error(`${uri}: ${answer.status} ${await answer.text()}`);
  return new Uint8Array(await answer.arrayBuffer());
}
const json = (data: Uint8Array) => JSON.parse(Buffer.from(data).toString("utf8"));

// §3: the token service sees a blinded point, and proves that it used the roster's key.
async function derive(seed: Uint8Array, tokensUrl: string, epoch: Epoch, inputs: Uint8Array[]): Promise<Known[]> {
  const blinds = inputs.map((input) => ({ input, ...voprf.blind(input) }));
  const points = join(...blinds.map(({ blinded }) => blinded));
  const answer = await ask(seed, "POST", `${tokensUrl}/v1/tokens?epoch=${epoch.number}`, points, "application/octet-stream");
  const items = blinds.map((item, at) => ({ ...item, evaluated: answer.slice(64 + 32 * at, 96 + 32 * at) }));
  const outputs = voprf.finalizeBatch(items, b64(epoch.publicKey), answer.slice(0, 64)); // throws if the proof is wrong
  return outputs.map((output) => ({ tag: hex(output.slice(0, 32)), sealKey: output.slice(32) }));
}

// §7: details open to whoever has the seal key and the share.
const hkdf = (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array) => new Uint8Array(hkdfSync("sha256", ikm, salt, info, 32));
function decrypt(key: Uint8Array, sealed: Sealed, data: Uint8Array, aad: Uint8Array): Uint8Array {
  const committed = hkdf(key, utf8(""), join(utf8("callboard/commit/v1\0"), LP(b64(sealed.nonce)), LP(aad)));
  if (hex(committed) !== sealed.commit) throw new Error("another key than was committed to");
  const cipher = createDecipheriv("aes-256-gcm", key, b64(sealed.nonce)).setAAD(aad).setAuthTag(data.slice(-16));
  return join(cipher.update(data.slice(0, -16)), cipher.final());
}
function openDetails(details: Details, record: string, epoch: number, { tag, sealKey }: Known, share: Uint8Array) {
  if (hex(sha(join(utf8("callboard/share/v1\0"), share))) !== details.share) throw new Error("another share");
  const wrap = details.wraps.find((wrap) => wrap.epoch === epoch && wrap.tag === tag);
  if (!wrap) throw new Error("no wrap of this tag");
  const wrapAad = join(...["callboard/wrap/v1", record, String(epoch), tag].map((text) => LP(utf8(text))));
  const wrapKey = hkdf(join(sealKey, share), utf8(record), utf8(`callboard/wrap/v1\0${tag}`));
  const contentKey = decrypt(wrapKey, wrap, b64(wrap.key), wrapAad);
  const aad = join(LP(utf8("callboard/details/v1")), LP(utf8(record)));
  return json(decrypt(contentKey, details, b64(details.ciphertext), aad));
}

const statementOf = (file: Uint8Array) => json(b64(json(file).statement));

async function mainAsk(pinPath: string, keyPath: string) {
  const pin = JSON.parse(readFileSync(pinPath, "utf8"));
  const seed = b64(JSON.parse(readFileSync(keyPath, "utf8")).requestKey);
  const [url, tokensUrl] = [pin.url, pin.tokensUrl].map((address: string) => address.replace(/\/$/, ""));
  const roster = JSON.parse(statementOf(await get(`${url}/v1/roster`)).document);
  const epochs: Epoch[] = roster.epochs.filter((epoch: Epoch) => epoch.state === "live");
  for (const line of readFileSync(0, "utf8").split("\n").filter((line) => line !== "")) {
    const person: Person = JSON.parse(line);
    let asked: Uint8Array;
    try {
      asked = prfInput(person.kind, normalise(person));
    } catch (error) {
      console.log(JSON.stringify({ blocked: (error as Error).message }));
      continue;
    }
    const known = new Map<number, Known>();
    for (const epoch of epochs) known.set(epoch.number, (await derive(seed, tokensUrl!, epoch, [asked]))[0]!);
    const persons = [[...known].map(([epoch, { tag }]) => ({ epoch, tag }))];
    const standing = json(await ask(seed, "POST", `${url}/v1/standings`, utf8(JSON.stringify({ persons })))).standings[0];
    const names: string[] = [];
    for (const { record } of standing.reasons) {
      const details: Details = statementOf(await ask(seed, "GET", `${url}/v1/records/${record}/proof`)).details;
      const share = b64(json(await ask(seed, "POST", `${url}/v1/records/${record}/share`)).share);
      const { epoch } = details.wraps[0]!;
      names.push(...openDetails(details, record, epoch, known.get(epoch)!, share).names);
    }
    console.log(JSON.stringify({ state: standing.state, action: standing.action, tags: persons[0], names }));
  }
}

function mainVectors(directory: string) {
  const read = (name: string) => JSON.parse(readFileSync(`${directory}/${name}.json`, "utf8"));
  const [identities, requests, sealed] = ["identities", "requests", "sealed"].map(read);
  const orNull = <T>(of: () => T) => { try { return of(); } catch { return null; } };
  const person = ({ kind, raw, confirmed }: { kind: string; raw: string; confirmed?: boolean }) => ({ kind, value: raw, confirmed: confirmed ?? false });
  const valid = identities.valid.map((one: any) => [normalise(person(one)), hex(prfInput(one.kind, normalise(person(one))))]);
  const invalid = identities.invalid.map((one: any) => orNull(() => normalise(person(one))));
  const signatures = requests.valid.map((one: any) => {
    const given = one.headers["Signature-Input"];
    const [created, nonce] = [/created=(\d+)/.exec(given)![1]!, /nonce="([^"]+)"/.exec(given)![1]!];
    return sign(new Uint8Array(Buffer.from(requests.seed, "hex")), one.method, one.uri, b64(one.body), Number(created), b64(nonce))["Signature"];
  });
  const opened = sealed.cases.map((one: any) => orNull(() => {
    const known = { tag: one.tag, sealKey: new Uint8Array(Buffer.from(one.sealKey, "hex")) };
    return openDetails(one.details, one.record, one.epoch, known, b64(one.share));
  }));
  console.log(JSON.stringify({ valid, invalid, signatures, opened }));
}

const [verb, ...rest] = process.argv.slice(2);
if (verb === "ask") await mainAsk(rest[0]!, rest[1]!);
else mainVectors(rest[0]!);
