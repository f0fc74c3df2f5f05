/**
 * Dates and times in one fixed zone (Cambodia has no summer time).
 *
 * The offset is the engine's own, not the machine's: a server elsewhere judges as the tablet did.
 */
import { XPathError } from "./errors";

const DAY = 86_400_000;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const WEEKDAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
let offset = 420;

/** Set the minutes east of Greenwich by which local days are counted. */
export function setOffset(minutes: number): void {
  offset = minutes;
}

/** A moment: milliseconds since 1970 in Greenwich. */
export class Moment {
  constructor(readonly ms: number) {}

  static ofDay(days: number): Moment {
    return new Moment(days * DAY - offset * 60_000);
  }

  /** Days since 1970 in Greenwich at which local 1970 begins. */
  static epoch(): number {
    return -offset / 1440;
  }

  midnight(): Moment {
    return Moment.ofDay(daysOf(this));
  }

  /** A Date whose UTC members are the local ones. */
  local(): Date {
    return new Date(this.ms + offset * 60_000);
  }
}

const two = (n: number) => String(n).padStart(2, "0");

/** Whole local days since 1970. */
export function daysOf(moment: Moment): number {
  return Math.floor((moment.ms + offset * 60_000) / DAY);
}

export function isoDate(moment: Moment): string {
  const d = moment.local();
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}

export function isoTime(moment: Moment): string {
  const d = moment.local();
  const size = Math.abs(offset);
  const zone = offset ? `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}` : "Z";
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}.${String(d.getUTCMilliseconds()).padStart(3, "0")}${zone}`;
}

export function isoMoment(moment: Moment): string {
  return `${isoDate(moment)}T${isoTime(moment)}`;
}

const DATE = /^(-?\d+)-(\d+)-(\d+)$/;
const TIME = /^(\d+):(\d+)(?::(\d*\.?\d*)[^Z+-]*)?(Z|[-+](\d+)(?::(\d+))?)?$/;

/** Read an ISO date, or date and time; null when it is none. */
export function readMoment(written: string): Moment | null {
  const cut = written.indexOf("T");
  const date = DATE.exec(cut < 0 ? written : written.slice(0, cut));
  if (!date) return null;
  const [year, month, day] = [Number(date[1]), Number(date[2]), Number(date[3])];
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (year > 9999 || midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
  if (cut < 0) return new Moment(midnight.getTime() - offset * 60_000);
  const time = TIME.exec(written.slice(cut + 1));
  if (!time) return null;
  const [hours, minutes, seconds] = [Number(time[1]), Number(time[2]), Number(time[3] || 0)];
  if (hours > 23 || minutes > 59 || seconds >= 60) return null;
  let zone = offset;
  if (time[4]) zone = time[4] === "Z" ? 0 : (time[4][0] === "-" ? -1 : 1) * (Number(time[5]) * 60 + Number(time[6] ?? 0));
  return new Moment(midnight.getTime() + ((hours * 60 + minutes - zone) * 60 + seconds) * 1000);
}

/** Local time of day as a part of the day. */
export function timeOfDay(moment: Moment): number {
  const days = (moment.ms + offset * 60_000) / DAY;
  return days - Math.floor(days);
}

/** Week of the year as Java counts in its root locale: weeks begin on Sunday, the first holds 1 January. */
function week(d: Date): number {
  const first = Date.UTC(d.getUTCFullYear(), 0, 1);
  const before = new Date(first).getUTCDay();
  return Math.floor(((d.getTime() - first) / DAY + before) / 7) + 1;
}

/** A moment written by a pattern such as "%d/%m/%Y". Throws XPathError for an unknown sign. */
export function formatMoment(moment: Moment, pattern: string): string {
  const d = moment.local();
  const year = String(d.getUTCFullYear()).padStart(4, "0");
  const signs: Record<string, () => string> = {
    "%": () => "%",
    Y: () => year,
    y: () => year.slice(2),
    m: () => two(d.getUTCMonth() + 1),
    n: () => String(d.getUTCMonth() + 1),
    b: () => MONTHS[d.getUTCMonth()]!,
    d: () => two(d.getUTCDate()),
    e: () => String(d.getUTCDate()),
    H: () => two(d.getUTCHours()),
    h: () => String(d.getUTCHours()),
    M: () => two(d.getUTCMinutes()),
    S: () => two(d.getUTCSeconds()),
    3: () => String(d.getUTCMilliseconds()).padStart(3, "0"),
    a: () => WEEKDAYS[d.getUTCDay()]!,
    W: () => String(week(d)),
  };
  return pattern.replace(/%([\s\S]?)/g, (_all, sign: string) => {
    const made = signs[sign];
    if (!made) throw new XPathError(`the date pattern “%${sign}” is not supported`);
    return made();
  });
}
