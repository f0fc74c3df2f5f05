/** The lists of a form, and what a select offers of them. */
import { passing, type Context } from "./evaluate";
import type { Choice, Compiled, Question, Row } from "./form";
import { parse } from "./parse";
import { shuffled } from "./shuffle";
import { TreeNode } from "./tree";
import { number, type Result } from "./values";

export interface Offer { name: string; row: Choice | Row }

export class Lists {
  private readonly trees = new Map<string, TreeNode>();
  private readonly rowOf = new WeakMap<TreeNode, Choice | Row>();

  /** `house` holds the lists that the tablet has of its own, by name. */
  constructor(private readonly form: Compiled, private readonly house: Record<string, Row[]>) {}

  rows(name: string): readonly (Choice | Row)[] {
    return this.form.lists[name] ?? this.house[name] ?? this.form.secondary?.[name] ?? [];
  }

  has(name: string): boolean {
    return [this.form.lists, this.house, this.form.secondary ?? {}].some((lists) => Object.hasOwn(lists, name));
  }

  /** The list as instance() sees it: root/item/columns. */
  tree(name: string): TreeNode | undefined {
    let root = this.trees.get(name);
    if (root || !this.has(name)) return root;
    root = new TreeNode("root");
    for (const row of this.rows(name)) root.append(this.item(row));
    this.trees.set(name, root);
    return root;
  }

  private item(row: Choice | Row): TreeNode {
    const item = new TreeNode("item");
    const own = typeof row.label === "object" ? (row as Choice) : null;
    const columns: Record<string, unknown> = own ? { name: own.name, ...own.columns } : { ...(row as Row) };
    // forms compiled before labels were columns
    if (own && !("label" in columns) && !("itextId" in columns)) columns.label = first(own.label[this.form.languages[0]?.code ?? ""] ?? Object.values(own.label)[0]);
    for (const [name, text] of Object.entries(columns)) {
      const cell = new TreeNode(name);
      cell.raw = cell.value = text === null || text === undefined ? "" : Array.isArray(text) ? text.join(" ") : String(text);
      item.append(cell);
    }
    this.rowOf.set(item, row);
    return item;
  }

  /** Return the options of `question` at its node. Throws XPathError when its filter cannot be evaluated. */
  offered(question: Question, context: Context, at: (expression: string) => Result): Offer[] {
    const { list, filter, random, seed } = question.items!;
    const items = this.tree(list)?.children ?? [];
    let left = filter ? passing(items, parse(filter), context) : items;
    if (random) {
      const from = seed ? number(at(seed)) : context.around.random;
      left = shuffled(left, typeof from === "number" && Number.isNaN(from) ? 0 : from);
    }
    return left.map((item) => {
      const row = this.rowOf.get(item)!;
      return { name: String(row.name ?? ""), row };
    });
  }

  /** Return those of `names` that a question offers at its node. Throws XPathError when its filter cannot be evaluated. */
  offeredOf(names: readonly string[], question: Question, context: Context): Set<string> {
    const { list, filter } = question.items!;
    const named = this.named(list);
    // the place of a choice among the others is needed by few filters
    const asked = filter?.includes("position") ? this.tree(list)?.children ?? [] : names.flatMap((name) => named.get(name) ?? []);
    const left = filter ? passing([...asked], parse(filter), context) : asked;
    return new Set(left.map((item) => String(this.rowOf.get(item)!.name ?? "")));
  }

  private readonly byName = new Map<string, Map<string, TreeNode[]>>();

  private named(list: string): Map<string, TreeNode[]> {
    let rows = this.byName.get(list);
    if (rows) return rows;
    rows = new Map();
    for (const item of this.tree(list)?.children ?? []) {
      const name = String(this.rowOf.get(item)!.name ?? "");
      rows.set(name, [...(rows.get(name) ?? []), item]);
    }
    this.byName.set(list, rows);
    return rows;
  }

  hasOfHouse(name: string): boolean {
    return Object.hasOwn(this.house, name);
  }

  /** One cell of the tablet's own list. */
  lookUp(list: string, column: string, key: string, value: string): string {
    return String(this.house[list]?.find((row) => row[key] === value)?.[column] ?? "");
  }
}

function first(parts?: (string | { value: string })[]): string {
  return (parts ?? []).map((part) => (typeof part === "string" ? part : "")).join("");
}
