// Khmer text made comparable, as khmer.text and khmer.digits do on the server.

import { latin, number as written, visible } from "../../../../frontend/shared/digits";
import { oneSpelling } from "../../../../frontend/shared/spelling";

export { khmer, latin } from "../../../../frontend/shared/digits";

export function fold(text: string): string {
  return oneSpelling(
    latin(visible(text).normalize("NFC").toLowerCase()).replace(/\s+/g, " ").trim(),
  );
}

// A whole number as people type it (4,000 or ៤.០០០ or 4 000), or null; no more than twelve digits.
export function number(text: string): number | null {
  const plain = written(text, false);
  return plain !== null && /^[0-9]{1,12}$/.test(plain) ? Number(plain) : null;
}

// Places where a line of Khmer may break: the browser's words where it knows them, else syllables
// (a base letter with its subscripts and signs), so that no letter is separated from its sign.
const SYLLABLE = /[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd])*|\s+|[^\s\u1780-\u17ff]+|./gu;

export function pieces(text: string): string[] {
  if (typeof Intl !== "undefined" && "Segmenter" in Intl) {
    return [...new Intl.Segmenter("km", { granularity: "word" }).segment(text)].map((part) => part.segment);
  }
  return syllables(text);
}

export const syllables = (text: string): string[] => text.match(SYLLABLE) ?? [];
