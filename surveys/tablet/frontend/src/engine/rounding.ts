/** Rounding of decimal numbers as they are written, halves up (as JavaRosa and spreadsheets do). */

/** `value` times ten to the `by`, exactly as written. */
function moved(value: number, by: number): number {
  const [digits, exponent] = String(value).split("e") as [string, string?];
  return Number(`${digits}e${Number(exponent ?? 0) + by}`);
}

/** Round to `places` after the point; a half goes up, below zero towards zero. */
export function rounded(value: number, places: number): number {
  if (!Number.isFinite(value)) return value;
  if (Math.abs(places) > 30) return NaN;
  if (places < 0) return moved(Math.trunc(moved(value, places) + 0.5), -places);
  const size = moved(Math.abs(value), places);
  if (!Number.isFinite(size)) return value;
  const below = Math.floor(size);
  const up = value < 0 ? size - below > 0.5 : size - below >= 0.5;
  return (value < 0 ? -1 : 1) * moved(below + (up ? 1 : 0), -places);
}
