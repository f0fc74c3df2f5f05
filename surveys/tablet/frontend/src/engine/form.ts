/**
 * A compiled form, prepared once: its rules in the order in which they depend on one another.
 *
 * The order is that of a graph over paths of the form (repeats without numbers), so that an
 * answer moves only the rules that read it, directly or through others.
 */
import { XPathError } from "./errors";
import { type Expression, parse, type Path, visit } from "./parse";
import type { TreeNode } from "./tree";
import { readXml } from "./xml";

export type Text = Record<string, (string | { value: string })[]>;
export interface Bind {
  type?: string; required?: string; relevant?: string; constraint?: string; calculate?: string; readonly?: string;
  constraintMsg?: Text; requiredMsg?: Text;
}
export interface Items { list: string; filter: string | null; random: boolean; seed?: string | null }
export interface Question { kind: "question"; path: string; control: string; items?: Items; label?: Text; hint?: Text; guidance?: Text }
export interface Group { kind: "group"; path: string | null; label?: Text; children: Item[] }
export interface Repeat { kind: "repeat"; path: string; count: string | null; template: string; label?: Text; children: Item[] }
export type Item = Question | Group | Repeat;
/** Is an answer to this question one name, or several with spaces between (a ranking is that too)? */
export const takesSeveral = ({ control }: Question) => control !== "select_one" && control !== "faces";
export interface Choice { name: string; label: Text; columns?: Record<string, string> }
export type Row = Record<string, string>;
export interface Action { path: string; value: string; events: string[]; trigger: string | null }
/** The part of `tablet.json` that the engine reads; docs/forms.md describes all of it. */
export interface Compiled {
  version: string; root: string; instance: string; languages: { code: string }[];
  meta: { instanceID?: string; instanceName?: string };
  preloads: { path: string; preload: string; params: string }[];
  binds: Record<string, Bind>; actions: Action[]; body: Item[];
  lists: Record<string, Choice[]>;
  /** Lists that expressions read and no question offers. */
  secondary?: Record<string, Choice[]>;
  /** Translations by id, only in forms whose expressions ask for them. */
  itext?: Record<string, Text>;
}

/** One calculation or rule of relevance: what it reads, and where its result goes. */
export interface Rule { what: "calculate" | "relevant"; path: string; expression: string; reads: string[] }
interface Readers { rules: Rule[]; questions: Question[] }
/** Something wrong with the form itself. */
export interface Problem {
  path: string;
  /** The column it is in: relevant, calculate, choice_filter, label and so on. */
  what: string;
  expression: string; message: string; position?: number;
  /** "syntax" and "cycle": no engine takes it; "function": `name` is not supported; "run": it fails on the opened form. */
  why?: "syntax" | "cycle" | "function" | "run";
  name?: string; language?: string;
}

/** A path without prefixes: /data/meta/orx:instanceID is /data/meta/instanceID. */
export const plainPath = (path: string) => path.trim().replace(/([/]|^)[^/:]+:(?=[^/])/g, "$1");
export const parentPath = (path: string) => path.slice(0, path.lastIndexOf("/"));
export const isUnder = (path: string, above: string) => path === above || path.startsWith(`${above}/`);

/** Paths that a tree reads when it is evaluated at `at`: whole paths, without numbers. */
export function readsOf(tree: Expression, at: string): string[] {
  const paths = new Set<string>();
  const names = (path: Path, from: string[] | null): string[] | null => {
    let here: string[] | null = path.from === "root" ? [] : typeof path.from === "object" ? null : path.from === "current" ? at.split("/").slice(1) : from;
    for (const step of path.steps) {
      if (!here) break;
      if (step.axis === "parent") here = here.slice(0, -1);
      else if (step.axis === "child") here = [...here, step.name];
      else if (step.axis === "attribute") here = null;
    }
    return here;
  };
  const upTo = (path: Path, step: number): Path => ({ ...path, steps: path.steps.slice(0, step + 1) });
  // where a part stands is where the path stands in whose predicate it is
  const standing = new Map<Path, string[] | null>();
  visit(tree, (part, inside) => {
    if (part.kind !== "path") return;
    const base = inside ? names(upTo(inside.path, inside.step), standing.get(inside.path) ?? at.split("/").slice(1)) : at.split("/").slice(1);
    standing.set(part, base);
    const read = names(part, base);
    if (read?.length) paths.add(`/${read.join("/")}`);
  });
  return [...paths];
}

export class FormModel {
  readonly binds = new Map<string, Bind>();
  readonly questions = new Map<string, Question>();
  readonly repeats = new Map<string, Repeat>();
  /** In the order in which they are computed. */
  rules: Rule[] = [];
  /** Selects that offer what depends on other answers, with what their filter reads. */
  readonly filtered: { item: Question; reads: string[] }[] = [];
  readonly counted: { item: Repeat; reads: string[] }[] = [];
  /** Expressions that cannot be read, and cycles. */
  readonly problems: Problem[] = [];

  constructor(readonly compiled: Compiled) {
    for (const [path, bind] of Object.entries(compiled.binds)) this.binds.set(plainPath(path), bind);
    this.learn(compiled.body);
    const rules: Rule[] = [];
    for (const [path, bind] of this.binds) {
      for (const what of ["calculate", "relevant"] as const) {
        const expression = bind[what];
        if (expression) rules.push({ what, path, expression, reads: this.reads(expression, path, what) });
      }
    }
    this.order(rules);
  }

  private learn(items: Item[]): void {
    for (const item of items) {
      if (item.kind === "question") {
        this.questions.set(plainPath(item.path), item);
        if (item.items?.filter) this.filtered.push({ item, reads: this.reads(`self::node()[${item.items.filter}]`, plainPath(item.path), "choice_filter", item.items.filter) });
        continue;
      }
      if (item.kind === "repeat") {
        this.repeats.set(plainPath(item.path), item);
        if (item.count) this.counted.push({ item, reads: this.reads(item.count, plainPath(item.path), "repeat_count") });
      }
      this.learn(item.children);
    }
  }

  private reads(expression: string, path: string, what: string, own = expression): string[] {
    try {
      return readsOf(parse(expression), path);
    } catch (error) {
      const { message, position } = error as XPathError;
      const before = expression.indexOf(own);
      this.problems.push({ path, what, expression: own, message, position: position === undefined ? position : position - before, why: "syntax" });
      return [];
    }
  }

  private readonly readBy = new Map<string, Readers>();

  /** Return the rules and selects affected by a change of value (or, with `below`, of relevance) at `path`. */
  readers(path: string, below: boolean): Readers {
    const key = `${below} ${path}`;
    let readers = this.readBy.get(key);
    if (readers) return readers;
    const moved = ({ reads }: { reads: string[] }) => reads.some((read) => read === path || (below && isUnder(read, path)));
    const own = (item: Question) => (below ? isUnder(plainPath(item.path), path) : plainPath(item.path) === path);
    readers = { rules: this.rules.filter(moved), questions: this.filtered.filter((f) => moved(f) || own(f.item)).map(({ item }) => item) };
    this.readBy.set(key, readers);
    return readers;
  }

  private readonly split = new Map<string, string[]>();

  /** The names that lead from `under` to `path`. */
  names(path: string, under: string): string[] {
    const key = `${under} ${path}`;
    let steps = this.split.get(key);
    if (!steps) this.split.set(key, (steps = plainPath(path).slice(under.length).split("/").filter(Boolean)));
    return steps;
  }

  /** Sort the rules so that each comes after those it depends on; a cycle becomes a problem. */
  private order(rules: Rule[]): void {
    const byPath = new Map<string, Rule[]>();
    for (const rule of rules) byPath.set(rule.path, [...(byPath.get(rule.path) ?? []), rule]);
    const hiders = rules.filter((rule) => rule.what === "relevant");
    const needs = (rule: Rule): Rule[] => {
      const rules = new Set<Rule>();
      for (const read of rule.reads) {
        byPath.get(read)?.forEach((r) => rules.add(r));
        // what is read may be hidden by a group above it
        hiders.filter((r) => isUnder(read, r.path)).forEach((r) => rules.add(r));
      }
      return [...rules];
    };
    const state = new Map<Rule, "open" | "done">();
    const sorted: Rule[] = [];
    const walk = (rule: Rule): void => {
      state.set(rule, "open");
      for (const need of needs(rule)) {
        if (state.get(need) === "open") this.cycle(rule);
        else if (!state.has(need)) walk(need);
      }
      state.set(rule, "done");
      sorted.push(rule);
    };
    for (const rule of rules) if (!state.has(rule)) walk(rule);
    this.rules = sorted;
  }

  private kept: string[] | undefined;

  private get paths(): string[] {
    return (this.kept ??= layout(readXml(this.compiled.instance), this.repeats));
  }

  /** Paths that are siblings of `path` in the form, in their order. */
  siblings(path: string): string[] {
    const parent = parentPath(path);
    return this.paths.filter((other) => parentPath(other) === parent);
  }

  /** Does the form have something below `path`, whether or not a record has it now? */
  isGroup(path: string): boolean {
    return this.repeats.has(path) || this.paths.some((other) => parentPath(other) === path);
  }

  private cycle({ path, what, expression }: Rule): void {
    this.problems.push({ path, what, expression, message: "the rules depend on one another in a circle", why: "cycle" });
  }
}

/** Every path of the form in order; a repeat's inside is read from its template. */
function layout(node: TreeNode, repeats: Map<string, Repeat>, path = `/${node.local}`): string[] {
  const paths = new Set([path]);
  const inside = repeats.has(path) ? readXml(repeats.get(path)!.template) : node;
  for (const child of inside.children) for (const below of layout(child, repeats, `${path}/${child.local}`)) paths.add(below);
  return [...paths];
}

const prepared = new WeakMap<Compiled, FormModel>();

/** The prepared form; made once for each compiled form. */
export function modelOf(compiled: Compiled): FormModel {
  let model = prepared.get(compiled);
  if (!model) prepared.set(compiled, (model = new FormModel(compiled)));
  return model;
}
