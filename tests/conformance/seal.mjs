// What the pages seal in a browser, beside what a desk seals: each opens the other's. By WebCrypto alone.
//
// One line in: {jwk, publicKey, id, sealed, key, under, file: {nonce, number, length, sealed}}, bytes in base64. Out: {opened,
// under, file, sealed, sealedUnder, sealedFile, follow}.
import { createInterface } from "node:readline";
import { follow } from "../../web/shared/follow.mjs";
import {
  fromBase64,
  base64,
  hex,
  open,
  openFile,
  openUnder,
  seal,
  sealFile,
  sealUnder,
  sharedSecret,
} from "../../web/shared/seal.mjs";

const { subtle } = globalThis.crypto;
const P256 = { name: "ECDH", namedCurve: "P-256" };
const fromHex = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const pair = async (jwk, publicKey) => ({
  privateKey: await subtle.importKey("jwk", jwk, P256, false, ["deriveBits"]),
  publicKey: await subtle.importKey("raw", publicKey, P256, true, []),
});
const jwk = (d, key) => {
  const of = (bytes) => Buffer.from(bytes).toString("base64url");
  return { kty: "EC", crv: "P-256", d: of(d), x: of(key.slice(1, 33)), y: of(key.slice(33)) };
};

// RFC 9180, appendix A.3.1.
const rfc = {
  secret: fromHex("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2"),
  recipient: fromHex(
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
  ),
  enc: fromHex(
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
  ),
};
const own = await pair(jwk(rfc.secret, rfc.recipient), rfc.recipient);
const theirs = await subtle.importKey("raw", rfc.enc, P256, true, []);
const shared = hex(await sharedSecret(own.privateKey, theirs, rfc.enc, rfc.recipient));
if (shared !== "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8") throw new Error(`not the RFC's: ${shared}`);

const line = (await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value;
const { secret, publicKey, id, sealed, key, under, file, code } = JSON.parse(line);
const keys = await pair(jwk(fromBase64(secret), fromBase64(publicKey)), fromBase64(publicKey));
const opened = await open(sealed, id, keys);
let refused = false;
try {
  await open(sealed, "another", keys);
} catch {
  refused = true;
}
if (!refused) throw new Error("what belongs to another opens");
const bytes = await openFile(fromBase64(key), fromBase64(file.nonce), id, file.number, fromBase64(file.sealed), file.length);
console.log(
  JSON.stringify({
    opened,
    under: await openUnder(fromBase64(key), ["callboard/follow-words/v1", id], under),
    file: base64(bytes),
    sealed: await seal({ v: 1, of: "浏览器", long: "长".repeat(2000) }, id, [publicKey]),
    sealedUnder: await sealUnder(fromBase64(key), ["callboard/follow-words/v1", id], { text: "答复" }),
    sealedFile: base64(await sealFile(fromBase64(key), fromBase64(file.nonce), id, file.number + 1, bytes)),
    follow: await follow(code, id).then((of) => ({ id: of.id, key: base64(of.key) })),
  }),
);
process.exit(0);
