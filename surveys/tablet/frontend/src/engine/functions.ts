/** The functions of OpenRosa's XPath. Names and numbers of arguments are the whole list of what is supported. */
import { formatMoment, Moment, timeOfDay } from "./dates";
import { base64Decode, digest } from "./digest";
import { XPathError } from "./errors";
import { type Context, nodesAt, placesOf, value } from "./evaluate";
import { area, distance, inside } from "./geo";
import { rounded } from "./rounding";
import type { Call, Expression } from "./parse";
import { shuffled } from "./shuffle";
import { matches } from "./regex";
import { TreeNode } from "./tree";
import { fraction, int, moment, number, type Result, seen, single, text, truth, type Value, wholeNumber } from "./values";

type Apply = (args: Result[], context: Context) => Result;
type Known = [fewest: number, most: number, apply: Apply];

const MANY = 1000;

function nodeset(result: Result | undefined): TreeNode[] {
  if (!Array.isArray(result)) throw new XPathError("a path to questions is needed here");
  return result;
}

/** The values of a list: of every node when it is the only argument, otherwise of each argument. */
function members(args: Result[]): Value[] {
  const [first] = args;
  return args.length === 1 && Array.isArray(first) ? first.map(seen) : args.map(single);
}

function words(result: Result): string[] {
  return chosen(result).split(" ").filter(Boolean);
}

/** The answer to a select, which is text. */
function chosen(result: Result): string {
  const answer = single(result);
  if (typeof answer !== "string") throw new XPathError("a select question is needed here");
  return answer;
}

const maths = (apply: (x: number) => number): Known => [1, 1, ([x]) => apply(fraction(x!))];

function extreme(args: Result[], pick: (...numbers: number[]) => number): number {
  const numbers = members(args).map(number).filter((n) => !Number.isNaN(n));
  return numbers.length ? numbers.reduce((a, b) => pick(a, b)) : NaN;
}

function decimal(result: Result, keepDate: boolean): Value {
  const scalar = single(result);
  if (typeof scalar === "number") return keepDate || Number.isNaN(scalar) ? scalar : scalar - Math.floor(scalar);
  const when = moment(scalar, true);
  if (!(when instanceof Moment)) return when;
  return keepDate ? when.ms / 86_400_000 : timeOfDay(when);
}

function format(args: Result[]): string {
  const when = moment(args[0]!, true);
  return when instanceof Moment ? formatMoment(when, text(args[1]!)) : "";
}

function substr([subject, from, to]: Result[]): string {
  const subjectText = text(subject!);
  const end = to === undefined ? subjectText.length : int(to);
  return subjectText.slice(int(from!), end < 0 ? Math.max(0, subjectText.length + end) : end);
}

function part(args: Result[], cut: (subject: string, at: number, length: number) => string): string {
  const [subject, sought] = [text(args[0]!), text(args[1]!)];
  const at = subject.indexOf(sought);
  return at < 0 ? "" : cut(subject, at, sought.length);
}

function translate(args: Result[]): string {
  const [subject, from, to] = args.map(text) as [string, string, string];
  return subject.split("").map((c) => (from.includes(c) ? to[from.indexOf(c)] ?? "" : c)).join("");
}

function checklist(args: Result[]): boolean {
  const [least, most] = [int(args[0]!), int(args[1]!)];
  const count = members(args.slice(2)).filter(truth).length;
  return (least < 0 || count >= least) && (most < 0 || count <= most);
}

function weighted(args: Result[]): boolean {
  const rest = args.slice(2);
  const lists = rest.length === 2 && rest.every(Array.isArray);
  const flags = lists ? members([rest[0]!]) : rest.filter((_r, i) => i % 2 === 0).map(single);
  const weights = lists ? members([rest[1]!]) : rest.filter((_r, i) => i % 2 === 1).map(single);
  if (flags.length !== weights.length) throw new XPathError("weighted-checklist() needs a weight for each item");
  const sum = flags.reduce<number>((total, flag, i) => total + (truth(flag) ? number(weights[i]!) : 0), 0);
  return sum >= number(args[0]!) && sum <= number(args[1]!);
}

function here(context: Context): Value {
  return seen(context.node);
}

function position(args: Result[], context: Context): number {
  if (args.length) return nodeset(args[0]).length ? (args[0] as TreeNode[])[0]!.index + 1 : 0;
  return (context.position >= 0 ? context.position : context.node.index) + 1;
}

function uuid(args: Result[], context: Context): string {
  if (!args.length) return context.around.uuid();
  const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return Array.from({ length: Math.min(MANY, int(args[0]!)) }, () => signs[Math.floor(context.around.random() * 36)]).join("");
}

const FUNCTIONS: Record<string, Known> = {
  true: [0, 0, () => true],
  false: [0, 0, () => false],
  boolean: [1, 1, ([x]) => truth(x!)],
  number: [1, 1, ([x]) => number(x!)],
  int: [1, 1, ([x]) => wholeNumber(x!)],
  round: [1, 2, ([x, places]) => rounded(number(x!), places === undefined ? 0 : int(places))],
  string: [1, 1, ([x]) => text(x!)],
  date: [1, 1, ([x]) => moment(x!, false)],
  "date-time": [1, 1, ([x]) => moment(x!, true)],
  "decimal-date-time": [1, 1, ([x]) => decimal(x!, true)],
  "decimal-time": [1, 1, ([x]) => decimal(x!, false)],
  not: [1, 1, ([x]) => !truth(x!)],
  "boolean-from-string": [1, 1, ([x]) => /^(true|1)$/i.test(text(x!))],
  "format-date": [2, 2, format],
  "format-date-time": [2, 2, format],
  abs: maths(Math.abs), acos: maths(Math.acos), asin: maths(Math.asin), atan: maths(Math.atan), cos: maths(Math.cos),
  exp: maths(Math.exp), exp10: maths((x) => 10 ** x), log: maths(Math.log), log10: maths(Math.log10), sin: maths(Math.sin),
  sqrt: maths(Math.sqrt), tan: maths(Math.tan),
  atan2: [2, 2, ([y, x]) => Math.atan2(fraction(y!), fraction(x!))],
  pow: [2, 2, ([x, y]) => fraction(x!) ** fraction(y!)],
  pi: [0, 0, () => Math.PI],
  selected: [2, 2, ([x, name]) => ` ${chosen(x!)} `.includes(` ${chosen(name!).trim()} `)],
  "count-selected": [1, 1, ([x]) => words(x!).length],
  "selected-at": [2, 2, ([x, at]) => words(x!)[int(at!)] ?? ""],
  position: [0, 1, position],
  count: [1, 1, ([x]) => nodeset(x).length],
  "count-non-empty": [1, 1, ([x]) => nodeset(x).filter((n) => n.children.length || n.value !== "").length],
  sum: [1, 1, ([x]) => nodeset(x).reduce((sum, n) => sum + (number(seen(n)) || 0), 0)],
  max: [0, MANY, (args) => extreme(args, Math.max)],
  min: [0, MANY, (args) => extreme(args, Math.min)],
  today: [0, 0, (_args, { around }) => around.now().midnight()],
  now: [0, 0, (_args, { around }) => around.now()],
  concat: [0, MANY, (args) => members(args).map(text).join("")],
  join: [1, MANY, ([glue, ...rest]) => members(rest).map(text).join(text(glue!))],
  substr: [2, 3, substr],
  "substring-before": [2, 2, (args) => part(args, (s, at) => s.slice(0, at))],
  "substring-after": [2, 2, (args) => part(args, (s, at, length) => s.slice(at + length))],
  translate: [3, 3, translate],
  contains: [2, 2, ([x, y]) => text(x!).includes(text(y!))],
  "starts-with": [2, 2, ([x, y]) => text(x!).startsWith(text(y!))],
  "ends-with": [2, 2, ([x, y]) => text(x!).endsWith(text(y!))],
  "string-length": [0, 1, ([x], context) => text(x ?? here(context)).length],
  "normalize-space": [0, 1, ([x], context) => text(x ?? here(context)).replace(/^[\0- ]+|[\0- ]+$/g, "").replace(/[ \t\n\v\f\r]+/g, " ")],
  checklist: [2, MANY, checklist],
  "weighted-checklist": [2, MANY, weighted],
  regex: [2, 2, ([x, pattern]) => matches(text(x!), text(pattern!))],
  depend: [1, MANY, ([x]) => x!],
  random: [0, 0, (_args, { around }) => around.random()],
  once: [1, 1, ([x], context) => (text(here(context)) === "" ? x! : here(context))],
  uuid: [0, 1, uuid],
  version: [0, 0, (_args, { around }) => around.version],
  property: [1, 1, ([x], { around }) => around.property(text(x!))],
  "enclosed-area": [1, 1, area],
  area: [1, 1, area],
  distance: [1, MANY, distance],
  geofence: [2, 2, inside],
  digest: [2, 3, ([x, kind, as]) => digest(text(x!), text(kind!), as === undefined ? "base64" : text(as))],
  "base64-decode": [1, 1, ([x]) => base64Decode(text(x!))],
  randomize: [1, 2, ([x, seed], { around }) => shuffled(nodeset(x), seed === undefined ? around.random : number(seed))],
  "jr:choice-name": [2, 2, ([x, path], { around, node }) => around.choiceName(text(x!), text(path!), node)],
  "jr:itext": [1, 1, ([id], { around }) => around.itext(text(id!))],
  pulldata: [4, 4, (args, { around }) => around.pulldata(...(args.map(text) as [string, string, string, string]))],
};
FUNCTIONS["is-selected"] = FUNCTIONS.selected!;

/** Functions that look at their arguments themselves: what is not chosen is not evaluated. */
const CHOOSING: Record<string, [number[], (args: Expression[], context: Context) => Result]> = {
  if: [[3], ([test, yes, no], context) => value(truth(value(test!, context)) ? yes! : no!, context)],
  coalesce: [[2], ([first, second], context) => {
    const result = value(first!, context);
    const is = single(result);
    return is === "" || Number.isNaN(is) ? value(second!, context) : result;
  }],
  "indexed-repeat": [[3, 5, 7, 9, 11], indexedRepeat],
};

function indexedRepeat(args: Expression[], context: Context): Result {
  const paths = args.filter((_a, i) => i === 0 || i % 2 === 1);
  const places = paths.map((path) => {
    if (path.kind !== "path" || typeof path.from === "object") throw new XPathError("indexed-repeat() needs a question, then repeats and numbers");
    return placesOf(path, context);
  });
  const [target, ...groups] = places as [ReturnType<typeof placesOf>, ...ReturnType<typeof placesOf>[]];
  groups.forEach((group, i) => {
    if (group.length >= target.length || group.some(({ name }, depth) => target[depth]!.name !== name))
      throw new XPathError("indexed-repeat(): the question is not inside the repeat");
    target[group.length - 1]!.index = Math.max(1, int(value(args[2 * i + 2]!, context))) - 1;
  });
  return nodesAt(target, context.around.root);
}

/** Every function that an expression may call, besides current() and instance(). */
export const FUNCTION_NAMES: readonly string[] = [...Object.keys(FUNCTIONS), ...Object.keys(CHOOSING), "current", "instance"].sort();

/** Say what is wrong with a call before anything is evaluated; "" when nothing is. */
export function wrongCall(call: Call): string {
  const count = call.args.length;
  const choosing = Object.hasOwn(CHOOSING, call.name) ? CHOOSING[call.name]![0] : null;
  const signature = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name]! : null;
  if (!choosing && !signature) return `the function ${call.name}() is not supported`;
  const fits = choosing ? choosing.includes(count) : count >= signature![0] && count <= signature![1];
  return fits && !(call.name === "weighted-checklist" && count % 2) ? "" : `${call.name}() does not take ${count} arguments`;
}

export function callFunction(call: Call, context: Context): Result {
  const wrong = wrongCall(call);
  if (wrong) throw new XPathError(wrong);
  if (Object.hasOwn(CHOOSING, call.name)) return CHOOSING[call.name]![1](call.args, context);
  return FUNCTIONS[call.name]![2](call.args.map((arg) => value(arg, context)), context);
}
