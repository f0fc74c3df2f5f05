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
