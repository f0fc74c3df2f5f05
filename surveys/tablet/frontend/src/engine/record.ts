/**
 * A record in memory: its nodes, the form's lists, and expressions evaluated on them.
 *
 * Nothing in a form or record makes it throw: an expression that cannot be evaluated has its
 * fallback, and is listed in `errors`.
 */
import { Moment, readMoment, setOffset } from "./dates";
import { XPathError } from "./errors";
import { type Context, evaluate, nodesAt, placesOf, type Surroundings } from "./evaluate";
import { type Compiled, type FormModel, modelOf, plainPath, type Problem, type Question, type Row, type Rule, type Text } from "./form";
import { Lists, type Offer } from "./lists";
import { completed, settle as settlePaths } from "./load";
import { parse } from "./parse";
import { TreeNode } from "./tree";
import { type Result, type Stored, stored, text } from "./values";
import { readXml } from "./xml";

export interface Options {
  /** The moment, as an ISO date and time, or what tells it; the machine's clock when missing. */
  now?: string | (() => string);
  uuid?: () => string;
  random?: () => number;
  /** Minutes east of Greenwich; Cambodia's when missing. */
  offset?: number;
  language?: string;
  username?: string;
  deviceid?: string;
  /** Lists of the house, by name; or lists prepared once for many records of the form. */
  lists?: Record<string, Row[]> | Lists;
  /** False: calculations keep what the record holds (it is to be judged as it was sent). */
  recalculate?: boolean;
}

/** The properties of property(). */
export const PROPERTIES = new Set(["username", "deviceid", "phonenumber", "email", "subscriberid", "simserial"]);

function randomUuid(): string {
  if (globalThis.crypto?.randomUUID) return globalThis.crypto.randomUUID();
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
}

export class RecordTree implements Surroundings {
  readonly root: TreeNode;
  readonly model: FormModel;
  readonly lists: Lists;
  readonly version: string;
  protected readonly failed = new Map<string, Problem>();
  protected readonly dirty = new Set<Rule>();
  protected readonly toCheck = new Set<Question>();

  constructor(readonly form: Compiled, readonly options: Options = {}, xml?: string) {
    setOffset(options.offset ?? 420);
    this.model = modelOf(form);
    this.lists = options.lists instanceof Lists ? options.lists : new Lists(form, options.lists ?? {});
    const template = readXml(form.instance);
    this.root = xml === undefined ? template : completed(readXml(xml), template, this.model);
    this.version = this.root.attributes.version ?? form.version;
    this.settlePaths(this.root, `/${this.root.local}`);
    this.model.rules.forEach((rule) => this.dirty.add(rule));
  }

  protected settlePaths(node: TreeNode, path: string): void {
    settlePaths(node, path, (at) => this.model.binds.get(at)?.type ?? "string");
  }

  /** List the errors of expressions, as the record stands. */
  get errors(): Problem[] {
    return [...this.failed.values()];
  }

  // --- what expressions ask for ----------------------------------------------------------------

  instance(name: string): TreeNode | undefined {
    return this.lists.tree(name);
  }

  choiceName(value: string, path: string, at: TreeNode): string {
    const tree = parse(path);
    if (tree.kind !== "path") return "";
    const places = placesOf(tree, this.context(at));
    const question = this.model.questions.get(`/${places.map((place) => place.name).join("/")}`);
    if (!question?.items || value === "") return "";
    const [node] = question.items.filter ? nodesAt(places, this.root) : [];
    const rows = node ? this.offered(question, node).map((offer) => offer.row) : this.lists.rows(question.items.list);
    const row = rows.find((r) => r.name === value);
    if (!row) return "";
    return typeof row.label === "object" ? this.text(row.label as Text) : String(row.label ?? row.name);
  }

  /** Words of the form's translations, in the language of the session. */
  itext(id: string): string {
    const words = Object.hasOwn(this.form.itext ?? {}, id) ? this.form.itext![id] : undefined;
    return words ? this.text(words) : `[itext:${id}]`;
  }

  pulldata(list: string, column: string, key: string, value: string): string {
    if (!this.lists.hasOfHouse(list)) throw new XPathError(`the list “${list}” does not exist`);
    return this.lists.lookUp(list, column, key, value);
  }

  property(name: string): string {
    if (!PROPERTIES.has(name)) throw new XPathError(`the property “${name}” does not exist`);
    if (name === "username") return this.options.username ?? "";
    return name === "deviceid" ? this.options.deviceid ?? "" : "";
  }

  now(): Moment {
    const { now } = this.options;
    return readMoment((typeof now === "function" ? now() : now) ?? "") ?? new Moment(Date.now());
  }

  uuid = (): string => (this.options.uuid ?? randomUuid)();
  random = (): number => (this.options.random ?? Math.random)();

  protected context(node: TreeNode): Context {
    return { node, original: node, position: -1, around: this };
  }

  /** The result of an expression at a node. Throws XPathError. */
  result(expression: string, node: TreeNode): Result {
    setOffset(this.options.offset ?? 420);
    return evaluate(expression, node, this);
  }

  /** `use` of an expression's result; `otherwise` when it fails, which is then listed. */
  protected attempt<T>(what: string, expression: string, node: TreeNode, use: (result: Result) => T, otherwise: T): T {
    try {
      const made = use(this.result(expression, node));
      this.succeeded(what, node);
      return made;
    } catch (error) {
      this.fail(what, expression, node, error);
      return otherwise;
    }
  }

  private fail(what: string, expression: string, node: TreeNode, error: unknown): void {
    const { message, position } = error as XPathError;
    this.failed.set(`${what} ${this.placeOf(node)}`, { path: node.path, what, expression, message, position });
  }

  private succeeded(what: string, node: TreeNode): void {
    if (this.failed.size) this.failed.delete(`${what} ${this.placeOf(node)}`);
  }

  /** A label or message in the language of the session. */
  text(words: Text | undefined, node: TreeNode = this.root): string {
    if (!words) return "";
    const parts = words[this.options.language ?? ""] ?? Object.values(words)[0] ?? [];
    return parts.map((part) => (typeof part === "string" ? part : this.attempt("label", part.value, node, (r) => stored(r, "string").raw, ""))).join("");
  }

  // --- nodes -----------------------------------------------------------------------------------

  /** Nodes at a path of the form, hidden ones too, below `from`. */
  all(path: string, from: TreeNode = this.root, under: string = this.root.path): TreeNode[] {
    let nodes = [from];
    for (const name of this.model.names(path, under)) nodes = nodes.length === 1 ? nodes[0]!.named(name) : nodes.flatMap((node) => node.named(name));
    return nodes;
  }

  /** The node at a path whose repeats are numbered: /data/house[2]/owner. */
  at(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    for (const step of plainPath(path).split("/").slice(2)) {
      const [, name, number] = /^(.*?)(?:\[(\d+)\])?$/.exec(step)!;
      node = node?.named(name!)[Number(number ?? 1) - 1];
    }
    return node;
  }

  /** A node's path with its repeats numbered. */
  placeOf(node: TreeNode): string {
    const own = `${node.local}${this.model.repeats.has(node.path) ? `[${node.index + 1}]` : ""}`;
    return node.parent ? `${this.placeOf(node.parent)}/${own}` : `/${own}`;
  }

  protected put(node: TreeNode, { value, raw }: Stored): boolean {
    if (!node.leaf || (node.raw === raw && typeof node.value === typeof value)) return false;
    node.raw = raw;
    node.value = value;
    this.touch(node.path, false);
    return true;
  }

  /** Note that something at a path (and, with `below`, under it) has changed. */
  protected touch(path: string, below: boolean): void {
    const { rules, questions } = this.model.readers(path, below);
    rules.forEach((rule) => this.dirty.add(rule));
    questions.forEach((question) => this.toCheck.add(question));
  }

  protected type(node: TreeNode): string {
    return this.model.binds.get(node.path)?.type ?? "string";
  }

  /** The node at a path, made when the instance left it out. */
  ensure(path: string): TreeNode {
    let node = this.root;
    for (const name of path.trim().split("/").slice(2)) {
      let next = node.named(name.slice(name.indexOf(":") + 1))[0];
      if (!next) {
        next = new TreeNode(name);
        node.append(next);
        this.settlePaths(next, `${node.path}/${next.local}`);
      }
      node = next;
    }
    return node;
  }

  /** Return those of these names that a select offers; all of them when its filter fails, which is then listed. */
  offeredOf(names: readonly string[], item: Question, node: TreeNode): Set<string> {
    try {
      setOffset(this.options.offset ?? 420);
      return this.lists.offeredOf(names, item, this.context(node));
    } catch (error) {
      this.fail("choice_filter", item.items?.filter ?? "", node, error);
      return new Set(names);
    }
  }

  /** Return the options of a select; none when its filter fails, which is then listed. */
  offered(item: Question, node: TreeNode): Offer[] {
    try {
      setOffset(this.options.offset ?? 420);
      const offers = this.lists.offered(item, this.context(node), (expression) => this.result(expression, node));
      this.succeeded("choice_filter", node);
      return offers;
    } catch (error) {
      this.fail("choice_filter", item.items?.filter ?? "", node, error);
      return this.lists.rows(item.items!.list).map((row) => ({ name: String(row.name ?? ""), row }));
    }
  }

  /** The text that would be stored for an expression at a node. Throws XPathError. */
  evaluate(expression: string, path: string): string {
    const node = this.at(path);
    if (!node) throw new XPathError(`there is nothing at ${path}`, expression);
    return stored(this.result(expression, node), "string").raw;
  }

  /** The text of an expression's result as a label shows it; "" when it fails. */
  string(expression: string, node: TreeNode): string {
    return this.attempt("label", expression, node, text, "");
  }
}
