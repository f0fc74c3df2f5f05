/**
 * Parse an expression of OpenRosa's XPath into a syntax tree.
 *
 * Trees are cached by their text: a form has a few hundred expressions and evaluates them again and
 * again.
 */
import { XPathError } from "./errors";
import type { Result } from "./values";

export type Expression = Literal | Binary | Negation | Call | Path;
export interface Literal { kind: "literal"; value: Result }
export interface Binary { kind: "binary"; operator: string; left: Expression; right: Expression }
export interface Negation { kind: "negation"; of: Expression }
export interface Call { kind: "call"; name: string; args: Expression[] }
/** `from`: the root of the record, the context node, the original context node, or an instance. */
export interface Path { kind: "path"; from: "root" | "context" | "current" | { instance: string }; steps: Step[] }
export interface Step { axis: "child" | "parent" | "self" | "attribute"; name: string; predicates: Expression[] }

interface Token { kind: "number" | "string" | "name" | "symbol" | "end"; text: string; at: number }

const TOKEN = /\s+|(\d+(?:\.\d*)?|\.\d+)|"([^"]*)"|'([^']*)'|([\p{L}_][\p{L}\p{M}\p{N}_.-]*(?::(?!:)[\p{L}_][\p{L}\p{M}\p{N}_.-]*)?)|(!=|<=|>=|::|\/\/|\.\.|[-+*=<>|/()[\],.@$])/uy;
const LEVELS = [["or"], ["and"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "div", "mod"]];
const NAMED = new Set(["or", "and", "div", "mod"]);
const AXES = new Set(["child", "parent", "self", "attribute"]);
const DEEPEST = 200;

const kept = new Map<string, Expression>();

/** Return the tree of `expression`. Throws XPathError with the position of what cannot be read. */
export function parse(expression: string): Expression {
  let tree = kept.get(expression);
  if (!tree) {
    tree = new Parser(expression).expression();
    if (kept.size > 20_000) kept.clear();
    kept.set(expression, tree);
  }
  return tree;
}

function tokens(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new XPathError(/["']/.test(source[at]!) ? "a quotation mark is not closed" : `unexpected “${source[at]}”`, source, at);
    const [, number, double, single, name, symbol] = match;
    const after = tokens[tokens.length - 1];
    if (number !== undefined) tokens.push({ kind: "number", text: number, at });
    else if (double !== undefined || single !== undefined) tokens.push({ kind: "string", text: (double ?? single)!, at });
    else if (name !== undefined) {
      // 1e3 and 12abc are no numbers
      if (after?.kind === "number" && after.at + after.text.length === at) throw new XPathError(`unexpected “${name}”`, source, at);
      tokens.push({ kind: "name", text: name, at });
    } else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol, at });
  }
  tokens.push({ kind: "end", text: "", at: source.length });
  return tokens;
}

class Parser {
  private readonly tokens: Token[];
  private next = 0;
  private depth = 0;

  constructor(private readonly source: string) {
    this.tokens = tokens(source);
  }

  expression(): Expression {
    const tree = this.level(0);
    if (this.token.kind !== "end") this.fail(this.token.text === ")" ? "a bracket is closed that was not opened" : `unexpected “${this.token.text}”`);
    return tree;
  }

  private get token(): Token {
    return this.tokens[this.next]!;
  }

  private fail(message: string): never {
    throw new XPathError(message, this.source, this.token.at);
  }

  private is(text: string): boolean {
    return this.token.kind === "symbol" && this.token.text === text;
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false;
    this.next++;
    return true;
  }

  private need(text: string): void {
    if (this.take(text)) return;
    this.fail(this.token.kind === "end" ? `“${text}” is missing at the end` : `“${text}” expected instead of “${this.token.text}”`);
  }

  private level(level: number): Expression {
    if (level === LEVELS.length) return this.unary();
    if (++this.depth > DEEPEST) this.fail("nested too deeply");
    let left = this.level(level + 1);
    for (;;) {
      const { kind, text } = this.token;
      if (!(kind === "symbol" || (kind === "name" && NAMED.has(text))) || !LEVELS[level]!.includes(text)) break;
      this.next++;
      left = { kind: "binary", operator: text, left, right: this.level(level + 1) };
    }
    this.depth--;
    return left;
  }

  private unary(): Expression {
    let minus = 0;
    while (this.take("-")) minus++;
    let tree = this.primary();
    if (this.is("|")) this.fail("“|” is not supported");
    while (minus--) tree = { kind: "negation", of: tree };
    return tree;
  }

  private primary(): Expression {
    const { kind, text } = this.token;
    if (kind === "number" || kind === "string") {
      this.next++;
      return { kind: "literal", value: kind === "number" ? Number(text) : text };
    }
    if (this.take("(")) {
      const inside = this.level(0);
      this.need(")");
      if (this.is("[") || this.is("/")) this.fail("a predicate or path after “)” is not supported");
      return inside;
    }
    const following = this.tokens[this.next + 1];
    if (kind === "name" && following?.kind === "symbol" && following.text === "(") return this.call();
    return this.path();
  }

  private call(): Expression {
    const { text: name, at } = this.token;
    this.next += 2;
    const args: Expression[] = [];
    if (!this.take(")")) {
      do args.push(this.level(0)); while (this.take(","));
      this.need(")");
    }
    const continued = this.is("/");
    if (name !== "instance" && name !== "current") {
      if (continued || this.is("[")) this.fail("only instance() and current() can begin a path");
      return { kind: "call", name, args };
    }
    const id = args[0];
    if (name === "current") {
      if (args.length) throw new XPathError("current() takes no argument", this.source, at);
      return this.steps("current", continued);
    }
    if (args.length !== 1 || id?.kind !== "literal" || typeof id.value !== "string")
      throw new XPathError("instance() takes one name in quotation marks", this.source, at);
    return this.steps({ instance: id.value }, continued);
  }

  private path(): Expression {
    if (this.is("//")) this.fail("“//” is not supported");
    if (this.take("/")) {
      return this.steps("root", false, true);
    }
    if (this.token.kind !== "name" && !["*", ".", "..", "@"].includes(this.token.text))
      this.fail(this.token.kind === "end" ? "the expression ends too early" : `unexpected “${this.token.text}”`);
    return this.steps("context", false, true);
  }

  private steps(from: Path["from"], slash: boolean, first = false): Path {
    const steps: Step[] = [];
    if (slash) this.need("/");
    if (first || slash) {
      do {
        steps.push(this.step());
        if (this.is("//")) this.fail("“//” is not supported");
      } while (this.take("/"));
    }
    return { kind: "path", from, steps };
  }

  private step(): Step {
    if (this.take("..")) return { axis: "parent", name: "", predicates: [] };
    if (this.take(".")) return { axis: "self", name: "", predicates: this.predicates() };
    let axis: Step["axis"] = this.take("@") ? "attribute" : "child";
    const following = this.tokens[this.next + 1];
    if (this.token.kind === "name" && following?.text === "::" && following.kind === "symbol") {
      if (!AXES.has(this.token.text)) this.fail(`the axis “${this.token.text}” is not supported`);
      axis = this.token.text as Step["axis"];
      this.next += 2;
    }
    return { axis, name: this.test(axis), predicates: this.predicates() };
  }

  private test(axis: Step["axis"]): string {
    if (this.is("*")) this.fail("“*” is not supported in a path");
    if (this.token.kind !== "name") this.fail(this.token.kind === "end" ? "the path ends too early" : `unexpected “${this.token.text}”`);
    const { text } = this.token;
    this.next++;
    if (this.is("(")) {
      if (text !== "node" || axis === "child") this.fail(`${text}() is not supported in a path`);
      this.next++;
      this.need(")");
      return "";
    }
    return text.slice(text.indexOf(":") + 1);
  }

  private predicates(): Expression[] {
    const parts: Expression[] = [];
    while (this.take("[")) {
      parts.push(this.level(0));
      this.need("]");
    }
    return parts;
  }
}

/** Visit every part of a tree. `inside` is the path whose predicate the part stands in. */
export function visit(tree: Expression, seen: (part: Expression, inside?: { path: Path; step: number }) => void, inside?: { path: Path; step: number }): void {
  seen(tree, inside);
  if (tree.kind === "binary") [tree.left, tree.right].forEach((part) => visit(part, seen, inside));
  else if (tree.kind === "negation") visit(tree.of, seen, inside);
  else if (tree.kind === "call") tree.args.forEach((part) => visit(part, seen, inside));
  else if (tree.kind === "path")
    tree.steps.forEach((step, i) => step.predicates.forEach((part) => visit(part, seen, { path: tree, step: i })));
}

/** Names of the functions that a tree calls. */
export function functionsUsed(expression: string): string[] {
  const names = new Set<string>();
  visit(parse(expression), (part) => {
    if (part.kind === "call") names.add(part.name);
  });
  return [...names];
}
