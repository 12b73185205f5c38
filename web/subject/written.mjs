// What may be written: the same rule as in federation/src/subject_session/written.rs.

import { utf8 } from "../shared/seal.mjs";

export const MAX_CHARACTERS = 4000;
export const MAX_BYTES = 12000;

/** Characters that act and don't show, or turn the direction of writing; a line feed is none. */
const HIDDEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

/** What is wrong with a text, in Chinese and English; `undefined` if nothing is. */
export function fault(text) {
  if (text.trim() === "") return ["请写明内容", "write something"];
  const characters = [...text];
  const bytes = utf8(text).length;
  if (characters.length > MAX_CHARACTERS || bytes > MAX_BYTES) {
    return [
      `最多${MAX_CHARACTERS}个字符、${MAX_BYTES}字节：现有${characters.length}个字符、${bytes}字节`,
      `at most ${MAX_CHARACTERS} characters and ${MAX_BYTES} bytes: there are ${characters.length} characters, ${bytes} bytes`,
    ];
  }
  const at = characters.findIndex((char) => HIDDEN.test(char));
  if (at < 0) return undefined;
  const code = characters[at].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return [
    `第${at + 1}个字符不可见，或改变书写方向（U+${code}）：请删去`,
    `character ${at + 1} doesn't show, or turns the direction of writing (U+${code}): take it out`,
  ];
}
