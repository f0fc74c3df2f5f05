/**
 * Regular expressions of forms, in Java's dialect, over the whole value, in bounded time.
 *
 * All ways through the pattern are followed at once (Thompson's construction), so that no value
 * takes longer than its length times the length of the pattern. References back to a group
 * cannot be followed that way and are refused.
 */
import { XPathError } from "./errors";

/** The message of the error for a value on which an expression takes too many steps. */
export const TOO_LONG = "the regular expression takes too long on this value";

type Test = (character: string) => boolean;
type Instruction =
  | { do: "one"; test: Test }
  | { do: "fork"; to: number[] }
  | { do: "at"; where: "start" | "end" | "word" | "inside" }
  | { do: "look"; program: Instruction[]; behind: boolean; wanted: boolean }
  | { do: "done" };
type Part = (program: Instruction[]) => void;

const LARGEST = 20_000;
const MOST_STEPS = 600_000;
let stepsLeft = 0;
const POSIX: Record<string, string> = {
  Alpha: "A-Za-z", Digit: "0-9", Alnum: "A-Za-z0-9", Upper: "A-Z", Lower: "a-z", Blank: " \\t",
  Punct: "!-\\/:-@\\[-`{-~", Space: "\\s", XDigit: "0-9A-Fa-f", ASCII: "\\0-\\x7f", Graph: "!-~", Print: " -~", Cntrl: "\\0-\\x1f\\x7f",
};
const kept = new Map<string, Instruction[]>();

/** Does the whole of `value` match the pattern? Throws XPathError when the pattern cannot be read. */
export function matches(value: string, pattern: string): boolean {
  let program = kept.get(pattern);
  if (!program) {
    program = new Reader(pattern).program();
    if (kept.size > 500) kept.clear();
    kept.set(pattern, program);
  }
  const characters = [...value];
  stepsLeft = MOST_STEPS;
  return run(program, characters, 0, (ends) => ends === characters.length);
}

/** Follow the program from `from`; true when it can end where `ended` accepts. */
function run(program: Instruction[], text: string[], from: number, ended: (at: number) => boolean): boolean {
  let now = [0];
  for (let at = from; ; at++) {
    const reached = new Set<number>();
    const steps: number[] = [];
    for (let i = now.length; i--;) steps.push(now[i]!);
    while (steps.length) {
      const here = steps.pop()!;
      if (reached.has(here)) continue;
      reached.add(here);
      if (!stepsLeft--) throw new XPathError(TOO_LONG);
      const instruction = program[here]!;
      if (instruction.do === "fork") steps.push(...instruction.to);
      else if (instruction.do === "done" && ended(at)) return true;
      else if ((instruction.do === "at" && holds(instruction.where, text, at)) || (instruction.do === "look" && looks(instruction, text, at))) steps.push(here + 1);
    }
    if (at >= text.length) return false;
    now = [...reached].filter((i) => {
      const instruction = program[i]!;
      return instruction.do === "one" && instruction.test(text[at]!);
    }).map((i) => i + 1);
    if (!now.length) return false;
  }
}

function holds(where: string, text: string[], at: number): boolean {
  if (where === "start") return at === 0;
  if (where === "end") return at === text.length;
  const word = (i: number) => /[\p{L}\p{N}_]/u.test(text[i] ?? "");
  return (word(at - 1) !== word(at)) === (where === "word");
}

function looks({ program, behind, wanted }: Instruction & { do: "look" }, text: string[], at: number): boolean {
  if (!behind) return run(program, text, at, () => true) === wanted;
  const before = text.slice(0, at);
  for (let from = at; from >= 0; from--) if (run(program, before, from, (end) => end === at)) return wanted;
  return !wanted;
}

class Reader {
  private at = 0;
  private flags = "";

  constructor(private readonly source: string) {}

  program(): Instruction[] {
    const part = this.alternatives();
    if (this.at < this.source.length) this.fail("a bracket is closed that was not opened");
    const program: Instruction[] = [];
    part(program);
    program.push({ do: "done" });
    return program;
  }

  private fail(message: string): never {
    throw new XPathError(`the regular expression cannot be read: ${message}`, this.source, this.at);
  }

  private take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private alternatives(): Part {
    const ways: Part[] = [];
    do ways.push(this.sequence()); while (this.take("|"));
    if (ways.length === 1) return ways[0]!;
    return (program) => {
      const fork = { do: "fork" as const, to: [] as number[] };
      program.push(fork);
      const ends: { to: number[] }[] = [];
      for (const way of ways) {
        fork.to.push(program.length);
        way(program);
        const end = { do: "fork" as const, to: [] as number[] };
        program.push(end);
        ends.push(end);
      }
      ends.forEach((end) => end.to.push(program.length));
    };
  }

  private sequence(): Part {
    const parts: Part[] = [];
    while (this.at < this.source.length && !"|)".includes(this.source[this.at]!)) {
      if (this.flag()) continue;
      parts.push(this.repeated(this.atom()));
    }
    return (program) => parts.forEach((part) => part(program));
  }

  private flag(): boolean {
    const match = /^\(\?([imsux]*)(?:-[imsux]+)?\)/.exec(this.source.slice(this.at));
    if (!match || match[0] === "(?)") return false;
    if (/[mx]/.test(match[1]!)) this.fail(`the flag “${match[1]}” is not supported`);
    this.at += match[0].length;
    this.flags = cased(match[1]!);
    return true;
  }

  private repeated(atom: Part): Part {
    let part = atom;
    for (;;) {
      let [least, most] = [0, Infinity];
      const counts = /^\{(\d+)(,?)(\d*)\}/.exec(this.source.slice(this.at));
      if (counts) {
        this.at += counts[0].length;
        least = Number(counts[1]);
        most = counts[2] ? (counts[3] ? Number(counts[3]) : Infinity) : least;
        if (most < least) this.fail("a count is upside down");
      } else if (this.take("?")) most = 1;
      else if (this.take("+")) least = 1;
      else if (!this.take("*")) return part;
      if (!this.take("?") && this.take("+")) this.fail("possessive counts are not supported");
      part = times(part, least, most);
    }
  }

  private atom(): Part {
    const sign = String.fromCodePoint(this.source.codePointAt(this.at)!);
    if (sign === "(") return this.group();
    if (sign === "[") return this.one(this.set());
    if (sign === "\\") return this.escape();
    if ("*+?".includes(sign) || (sign === "{" && /^\{\d/.test(this.source.slice(this.at)))) this.fail(`nothing stands before “${sign}”`);
    if (sign === "{") this.fail("“{” stands without a count");
    this.at += sign.length;
    if (sign === "^") return (program) => program.push({ do: "at", where: "start" });
    if (sign === "$") return (program) => program.push({ do: "at", where: "end" });
    if (sign === ".") return this.one(this.flags.includes("s") ? () => true : (c) => !/[\n\r\u0085\u2028\u2029]/.test(c));
    return this.one(this.written(`[${/[\\\]^[-]/.test(sign) ? "\\" : ""}${sign}]`));
  }

  private one(test: Test): Part {
    return (program) => {
      if (program.length > LARGEST) this.fail("it is too large");
      program.push({ do: "one", test });
    };
  }

  private written(set: string): Test {
    try {
      const expression = new RegExp(`^${set}$`, "u");
      // in Java only the letters of ASCII have two cases, unless asked otherwise
      const either = this.flags.includes("i") ? (this.flags.includes("U") ? /./su : /[a-z]/i) : null;
      return (c) => expression.test(c) || Boolean(either?.test(c) && (expression.test(c.toLowerCase()) || expression.test(c.toUpperCase())));
    } catch {
      return this.fail(`“${set}”`);
    }
  }

  private group(): Part {
    const flags = this.flags;
    const kind = /^\((?:\?(?:([imsu]*)(?:-[imsu]+)?:|<?[=!]|>|<\w+>))?/.exec(this.source.slice(this.at))!;
    const look = /[=!]$/.test(kind[0]);
    this.at += kind[0].length;
    if (kind[1]) this.flags = cased(kind[1]);
    if (kind[0].endsWith(">") && !kind[0].includes("<")) this.fail("atomic groups are not supported");
    const inside = this.alternatives();
    if (!this.take(")")) this.fail("a bracket is not closed");
    this.flags = flags;
    if (!look) return inside;
    const program: Instruction[] = [];
    inside(program);
    program.push({ do: "done" });
    return (outer) => outer.push({ do: "look", program, behind: kind[0].includes("<"), wanted: kind[0].endsWith("=") });
  }

  private escape(): Part {
    const where = ({ b: "word", B: "inside", A: "start", z: "end", Z: "end" } as const)[this.source[this.at + 1] as "b"];
    if (where) {
      this.at += 2;
      return (program) => program.push({ do: "at", where });
    }
    if (/^\\[1-9k]/.test(this.source.slice(this.at))) this.fail("references back to a group are not supported");
    if (this.take("\\Q")) {
      const end = this.source.indexOf("\\E", this.at);
      const literal = this.source.slice(this.at, end < 0 ? undefined : end);
      this.at = end < 0 ? this.source.length : end + 2;
      const parts = [...literal].map((c) => this.one(this.written(`[\\u{${c.codePointAt(0)!.toString(16)}}]`)));
      return (program) => parts.forEach((part) => part(program));
    }
    return this.one(this.written(`[${this.escaped()}]`));
  }

  /** One escape, as it may stand between the brackets of a JavaScript set. */
  private escaped(): string {
    const rest = this.source.slice(this.at + 1);
    const match = /^(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|x\{([\da-fA-F]+)\}|([pP])(?:\{(\^?)(\w+)(?:=(\w+))?\}|(\w))|0([0-7]{1,3})|([\s\S]))/u.exec(rest);
    if (!match) return this.fail("it ends with “\\”");
    this.at += 1 + match[0].length;
    const code = match[1] ?? match[2] ?? match[3];
    if (code) return `\\u{${code}}`;
    if (match[9]) return `\\u{${parseInt(match[9], 8).toString(16)}}`;
    if (match[4]) return this.property(match[4], (match[6] ?? match[8])!, match[7]);
    const sign = match[10]!;
    if (sign === "h") return " \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000";
    if (sign === "e" || sign === "a") return sign === "e" ? "\\u001b" : "\\u0007";
    // Java knows only the ASCII ones
    if (sign === "s") return " \\t\\n\\v\\f\\r";
    if (sign === "S") return "\\0-\\x08\\x0e-\\x1f!-\\u{10ffff}";
    if (/[dDwWtnrfv]/.test(sign)) return `\\${sign}`;
    if (/[A-Za-z]/.test(sign)) this.fail(`“\\${sign}” is unknown`);
    return `\\u{${sign.codePointAt(0)!.toString(16)}}`;
  }

  private property(sign: string, name: string, of?: string): string {
    const range = POSIX[name];
    if (range && sign === "p") return range;
    const script = /^(?:Is|In|script$|sc$|IsAlphabetic)/.test(name) ? (of ?? name.replace(/^I[sn]/, "")) : "";
    const properties: Record<string, string> = { Alphabetic: "Alphabetic", Letter: "L", Digit: "Nd", Uppercase: "Uppercase", Lowercase: "Lowercase", White_Space: "White_Space" };
    if (range) return this.fail(`“\\${sign}{${name}}” is not supported`);
    if (!script) return `\\${sign}{${name}}`;
    return `\\${sign}{${properties[script] ?? (script.length <= 2 ? script : `Script=${script}`)}}`;
  }

  /** A set in brackets, with sets inside it and intersections. */
  private set(): Test {
    this.at++;
    const no = this.take("^");
    const tests: Test[] = [];
    let all: Test[] = [];
    let written = "";
    const close = () => {
      if (written) all.push(this.written(`[${written}]`));
      written = "";
      const members = all;
      tests.push((c) => members.some((test) => test(c)));
      all = [];
    };
    for (let first = true; ; first = false) {
      if (this.at >= this.source.length) this.fail("a set is not closed");
      if (!first && this.take("]")) break;
      if (this.take("&&")) close();
      else if (this.source[this.at] === "[") all.push(this.set());
      else written += this.member();
    }
    close();
    return (c) => tests.every((test) => test(c)) !== no;
  }

  private member(): string {
    const one = this.character();
    const range = /^-(?![\]])/.test(this.source.slice(this.at)) && !this.source.startsWith("-[", this.at) && !this.source.startsWith("-&&", this.at);
    if (!range || !/^\\u\{[\da-fA-F]+\}$/.test(one)) return one;
    this.at++;
    const last = this.character();
    if (!/^\\u\{[\da-fA-F]+\}$/.test(last)) return `${one}\\-${last}`;
    if (parseInt(one.slice(3), 16) > parseInt(last.slice(3), 16)) this.fail("a range is upside down");
    return `${one}-${last}`;
  }

  private character(): string {
    if (this.source[this.at] === "\\") {
      const made = this.escaped();
      return made.length === 2 && "tnrfv".includes(made[1]!) ? `\\u{${"\t\n\r\f\v"["tnrfv".indexOf(made[1]!)]!.charCodeAt(0).toString(16)}}` : made;
    }
    const sign = String.fromCodePoint(this.source.codePointAt(this.at)!);
    this.at += sign.length;
    return `\\u{${sign.codePointAt(0)!.toString(16)}}`;
  }
}

/** Flags with "U" for letters of every script having two cases. */
const cased = (flags: string) => flags.replace("u", "U");

/** A part `least` to `most` times. */
function times(part: Part, least: number, most: number): Part {
  return (program) => {
    for (let i = 0; i < least; i++) part(program);
    if (most === Infinity) {
      const fork = { do: "fork" as const, to: [program.length + 1] };
      const again = program.length;
      program.push(fork);
      part(program);
      program.push({ do: "fork", to: [again] });
      fork.to.push(program.length);
      return;
    }
    const forks: { to: number[] }[] = [];
    for (let i = least; i < most; i++) {
      const fork = { do: "fork" as const, to: [program.length + 1] };
      program.push(fork);
      forks.push(fork);
      part(program);
      if (program.length > LARGEST) throw new XPathError("the regular expression cannot be read: it is too large");
    }
    forks.forEach((fork) => fork.to.push(program.length));
  };
}
