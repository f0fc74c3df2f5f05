// Khmer text made comparable, as khmer.text and khmer.digits do on the server.

import { oneSpelling } from "./khmer";

const INVISIBLE = /[\u200b\u200c\u200d\u2060\ufeff\u00ad]/g;

// Khmer digits are accepted wherever digits are; \d and Number() do not know them.
export function latin(text: string): string {
  return text.replace(/[០-៩]/g, (digit) => String(digit.charCodeAt(0) - 0x17e0));
}

export function khmer(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x17e0 + Number(digit)));
}

export function fold(text: string): string {
  return oneSpelling(
    latin(text.replace(INVISIBLE, "").normalize("NFC").toLowerCase()).replace(/\s+/g, " ").trim(),
  );
}

// A whole number as people type it (4,000 or ៤.០០០ or 4 000), or null.
export function number(text: string): number | null {
  const bare = latin(text.replace(INVISIBLE, "")).replace(/[\s,.](?=[0-9]{3}(?![0-9]))/g, "").trim();
  return /^[0-9]{1,12}$/.test(bare) ? Number(bare) : null;
}
