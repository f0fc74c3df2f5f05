/**
 * The kinds of value an expression has, and how one becomes another, as JavaRosa does it.
 *
 * Text, numbers (NaN is blank), truth, moments (dates and times), and nodes of the record.
 */
import { daysOf, isoDate, isoMoment, isoTime, Moment, readMoment } from "./dates";
import { XPathError } from "./errors";
import { TreeNode } from "./tree";

export type Value = string | number | boolean | Moment;
export type Result = Value | TreeNode[];

const NEARLY = 1e-12;
const MAX_INT = 2147483647;

/** One value out of a result. Throws when several nodes stand where one is needed. */
export function single(result: Result): Value {
  if (!Array.isArray(result)) return result;
  if (result.length > 1) throw new XPathError(`“${result[0]!.local}” is repeated: say which one, for instance with indexed-repeat()`);
  return result.length ? seen(result[0]!) : "";
}

/** The value of a node as expressions see it: blank when it is hidden. */
export function seen(node: TreeNode): Value {
  return node.relevant ? node.value : "";
}

/** Java's way of writing a number: 1.0E-6, 1.23456789E7. */
export function javaNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const size = Math.abs(value);
  if (size === 0) return "0.0";
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
}

export function text(result: Result): string {
  const value = single(result);
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "number") return isoDate(value);
  if (Math.abs(value) < NEARLY) return "0";
  if (Math.abs(value - Math.trunc(value)) < NEARLY && Math.abs(value) <= MAX_INT) return String(Math.trunc(value));
  return javaNumber(value);
}

export function number(result: Result): number {
  const value = single(result);
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return daysOf(value);
  const written = value.replace(/,/g, ".").trim();
  return /^-?(\d+\.?\d*|\.\d+)$/.test(written) ? Number(written) : NaN;
}

/** As `number`, but a moment that was just computed keeps its time of day. */
export function fraction(result: Result): number {
  return result instanceof Moment ? result.ms / 86_400_000 - Moment.epoch() : number(result);
}

export function truth(result: Result): boolean {
  const value = single(result);
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return Math.abs(value) > NEARLY;
  return typeof value === "string" ? value.length > 0 : true;
}

/** A number without its fraction. */
export function wholeNumber(result: Result): number {
  return Math.trunc(number(result));
}

/** As Java's (int): NaN is 0, and too large a number the largest. */
export function int(result: Result): number {
  const value = number(result);
  return Number.isNaN(value) ? 0 : Math.max(-MAX_INT - 1, Math.min(MAX_INT, Math.trunc(value)));
}

/** A moment out of a date, a text that is one, or days since 1970; the value itself when blank. */
export function moment(result: Result, keepTime: boolean): Moment | string | number {
  const value = single(result);
  if (value instanceof Moment) return keepTime ? value : value.midnight();
  if (typeof value === "boolean") throw new XPathError(`“${value}” is not a date`);
  if (typeof value === "number") {
    if (Number.isNaN(value)) return value;
    if (Math.abs(value) > MAX_INT) throw new XPathError(`${value} is too large for a date`);
    return keepTime ? new Moment(Math.trunc(value * 86_400_000)) : Moment.ofDay(Math.trunc(value));
  }
  if (value === "") return value;
  const read = readMoment(value);
  if (!read) throw new XPathError(`“${value}” is not a date`);
  return read;
}

/** `left = right`: truth if one is truth, numbers if one is a number, otherwise text. */
export function equal(left: Result, right: Result): boolean {
  const a = single(left);
  const b = single(right);
  if (typeof a === "boolean" || typeof b === "boolean") return truth(a) === truth(b);
  if (typeof a === "number" || typeof b === "number") return Math.abs(number(a) - number(b)) < NEARLY || number(a) === number(b);
  return text(a) === text(b);
}

export interface Stored { value: Value; raw: string }
const BLANK: Stored = { value: "", raw: "" };

/** Convert the `result` of an expression to the stored value of a node of `type`; text stays as it is. */
export function stored(result: Result, type: string): Stored {
  const value = single(result);
  if (value === "" || (typeof value === "number" && Number.isNaN(value))) return BLANK;
  if (type === "boolean" || typeof value === "boolean") {
    const yes = truth(value);
    return { value: yes, raw: yes ? "1" : "0" };
  }
  if (typeof value === "number") return storedNumber(value, type);
  if (value instanceof Moment) return storedMoment(value, type);
  return { value, raw: value };
}

function storedNumber(value: number, type: string): Stored {
  if (type === "int" || type === "integer") {
    const cut = int(value);
    return { value: cut, raw: String(cut) };
  }
  const cut = Math.trunc(value);
  const integral = Number.isFinite(value) && Math.abs(value - cut) < 1e-9 && Math.abs(value) < 9.2e18;
  return integral ? { value: cut, raw: Math.abs(cut) < 1e21 ? BigInt(cut).toString() : String(cut) } : { value, raw: javaNumber(value) };
}

function storedMoment(value: Moment, type: string): Stored {
  if (type === "date") {
    const day = value.midnight();
    return { value: day, raw: isoDate(day) };
  }
  return { value, raw: type === "time" ? isoTime(value) : isoMoment(value) };
}

/** Convert the text `raw` to the value of a node of `type`: typed by somebody, or read from a record. */
export function readStored(raw: string, type: string): Stored {
  if (raw === "") return BLANK;
  switch (type) {
    case "int": case "integer": case "long":
      return { value: /^\s*[-+]?\d+\s*$/.test(raw) ? Number(raw) : raw, raw };
    case "decimal":
      return { value: /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(raw) ? Number(raw) : raw, raw };
    case "boolean":
      return { value: raw === "1" || raw.toLowerCase() === "true", raw };
    case "date":
      return { value: readMoment(raw)?.midnight() ?? raw, raw };
    case "dateTime":
      return { value: readMoment(raw) ?? raw, raw };
    case "time":
      return { value: readMoment(`${isoDate(new Moment(Date.now()))}T${raw}`) ?? raw, raw };
    case "geopoint": case "geotrace": case "geoshape":
      return { value: raw.replace(/-?\d+(\.\d+)?/g, (n) => javaNumber(Number(n))), raw };
    default:
      return { value: raw, raw };
  }
}
