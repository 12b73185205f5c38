// A member's client in TypeScript: what `docs/clients.md` walks through. Sections are those of `docs/formats.md`.
//
// node client.js ask PIN KEY      questions on standard input, a line each: {"kind": …, "value": …}, or
//                                 {"identities": [{"kind": …, "value": …}, …], "dateOfBirth": …} of one person; the answers out
// node client.js vectors DIR      holds each function against the published vectors
// node client.js readings FILE    reads what people type, as its readings have it
//
// PIN is the member's `genesis.json`; KEY the content of its key file, which `age --decrypt` gives.
import { createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { ed25519, ristretto255_oprf } from "@noble/curves/ed25519.js";
import { Invalid, normalise, read, readQuestion, words, type Asked, type Fault, type Located } from "./identities.js";

type Question = Asked & { identities?: Asked[]; dateOfBirth?: string };
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

// §2: an identity in its one spelling (`identities.ts`), and what the PRF is asked.
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
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll("-", "");
  const epochs: Epoch[] = roster.epochs.filter((epoch: Epoch) => epoch.state === "live");
  for (const line of readFileSync(0, "utf8").split("\n").filter((line) => line !== "")) {
    const question: Question = JSON.parse(line);
    let asked: Uint8Array[];
    try {
      const identities = readQuestion(question.identities ?? [question], today, question.dateOfBirth?.replaceAll("-", ""));
      asked = identities.map(({ kind, value }) => prfInput(kind, value));
    } catch (error) {
      const faults = (error as Invalid<Located>).faults.map(({ at, fault }) => ({ at, fault: fault.code, ...words(fault) }));
      console.log(JSON.stringify({ blocked: (error as Error).message, faults }));
      continue;
    }
    const known = new Map<string, Known>();
    const persons: { epoch: number; tag: string }[][] = [[]];
    for (const { number: epoch, ...of } of epochs) {
      for (const one of await derive(seed, tokensUrl!, { number: epoch, ...of }, asked)) {
        known.set(`${epoch} ${one.tag}`, one);
        persons[0]!.push({ epoch, tag: one.tag });
      }
    }
    const standing = json(await ask(seed, "POST", `${url}/v1/standings`, utf8(JSON.stringify({ persons })))).standings[0];
    const names: string[] = [];
    for (const { record } of standing.reasons) {
      const details: Details = statementOf(await ask(seed, "GET", `${url}/v1/records/${record}/proof`)).details;
      const share = b64(json(await ask(seed, "POST", `${url}/v1/records/${record}/share`)).share);
      const own = details.wraps.find(({ epoch, tag }) => known.has(`${epoch} ${tag}`))!;
      names.push(...openDetails(details, record, own.epoch, known.get(`${own.epoch} ${own.tag}`)!, share).names);
    }
    console.log(JSON.stringify({ state: standing.state, action: standing.action, tags: persons[0], names }));
  }
}

function mainVectors(directory: string) {
  const read = (name: string) => JSON.parse(readFileSync(`${directory}/${name}.json`, "utf8"));
  const [identities, requests, sealed] = ["identities", "requests", "sealed"].map(read);
  const orNull = <T>(of: () => T) => { try { return of(); } catch { return null; } };
  const value = ({ kind, raw, confirmed }: any) => normalise(kind, raw, confirmed ?? false);
  const valid = identities.valid.map((one: any) => [value(one), hex(prfInput(one.kind, value(one)))]);
  const invalid = identities.invalid.map((one: any) => orNull(() => value(one)));
  const questions = identities.questions.map((one: any) => orNull(() => readQuestion(one.identities, "20261129")) !== null);
  const signatures = requests.valid.map((one: any) => {
    const given = one.headers["Signature-Input"];
    const [created, nonce] = [/created=(\d+)/.exec(given)![1]!, /nonce="([^"]+)"/.exec(given)![1]!];
    return sign(new Uint8Array(Buffer.from(requests.seed, "hex")), one.method, one.uri, b64(one.body), Number(created), b64(nonce))["Signature"];
  });
  const opened = sealed.cases.map((one: any) => orNull(() => {
    const known = { tag: one.tag, sealKey: new Uint8Array(Buffer.from(one.sealKey, "hex")) };
    return openDetails(one.details, one.record, one.epoch, known, b64(one.share));
  }));
  console.log(JSON.stringify({ valid, invalid, questions, signatures, opened }));
}

function mainReadings(path: string) {
  const readings = JSON.parse(readFileSync(path, "utf8"));
  const today = readings.today.replaceAll("-", "");
  const faultsOr = (of: () => unknown, told: (faults: any[]) => unknown) => {
    try { return of(); } catch (error) { return told((error as Invalid).faults); }
  };
  const said = (faults: Fault[]) => faults.map((fault) => ({ ...fault, words: words(fault) }));
  const asked = ({ kind, typed, confirmed }: any) => ({ kind, value: typed, confirmed: confirmed ?? false });
  const cases = readings.cases.map((one: any) => faultsOr(() => read(asked(one), today), said));
  const subjects = readings.subjects.map((one: any) => faultsOr(
    () => readQuestion(one.identities.map(asked), today, one.born?.replaceAll("-", "")) && [],
    (faults: Located[]) => faults.map(({ fault }) => fault.code),
  ));
  console.log(JSON.stringify({ cases, subjects }));
}

const [verb, ...rest] = process.argv.slice(2);
if (verb === "ask") await mainAsk(rest[0]!, rest[1]!);
else if (verb === "readings") mainReadings(rest[0]!);
else mainVectors(rest[0]!);
