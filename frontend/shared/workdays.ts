// Days promised and days passed: the same arithmetic as khmer.workdays, which a test compares.
// Dates are "2026-04-10"; the day of the request is day 0.

const DAY = 86_400_000;
const at = (iso: string): number => Date.parse(`${iso}T00:00Z`);
const iso = (time: number): string => new Date(time).toISOString().slice(0, 10);

function works(time: number, off: Set<string>): boolean {
  const weekday = new Date(time).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !off.has(iso(time));
}

// The last day that meets the standard; null where no time was published.
export function promised(asked: string, days: number | null, kind: string, off: Set<string>): string | null {
  if (!asked || days === null) return null;
  if (kind === "calendar") return iso(at(asked) + days * DAY);
  let time = at(asked);
  for (let left = days; left > 0; ) {
    time += DAY;
    if (works(time, off)) left -= 1;
  }
  return iso(time);
}

// Working days after `asked` up to and with `until`.
export function workdays(asked: string, until: string, off: Set<string>): number {
  let passed = 0;
  for (let time = at(asked) + DAY; time <= at(until); time += DAY) if (works(time, off)) passed += 1;
  return passed;
}

// Today in Phnom Penh, wherever the phone thinks it is (no summer time there).
export const today = (): string => iso(Date.now() + 7 * 3_600_000);
export const before = (days: number): string => iso(at(today()) - days * DAY);
