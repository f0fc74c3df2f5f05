/**
 * One record being filled in, or judged.
 *
 * Nothing in a form or record makes it throw: an expression that cannot be evaluated leaves its
 * node blank (or shown) and is listed in `errors`.
 */
import { Moment, readMoment, setOffset } from "./dates";
import { XPathError } from "./errors";
import { type Context, evaluate, nodesAt, type Place, placesOf, type Surroundings } from "./evaluate";
import { type Action, type Compiled, type FormModel, isUnder, modelOf, parentPath, plainPath, type Problem, type Question, type Repeat, type Row, type Rule, type Text } from "./form";
import { Lists, type Offer } from "./lists";
import { completed, settle as settlePaths } from "./load";
import { parse } from "./parse";
import { TreeNode } from "./tree";
import { int, readStored, type Result, type Stored, stored, text, truth, type Value } from "./values";
import { readXml, writeXml } from "./xml";

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
  /** Lists of the house, by name. */
  lists?: Record<string, Row[]>;
  /** False: calculations keep what the record holds (it is to be judged as it was sent). */
  recalculate?: boolean;
}

export interface Leaf { path: string; value: string; relevant: boolean; required: boolean; constraintHolds: boolean }

const PROPERTIES = new Set(["username", "deviceid", "phonenumber", "email", "subscriberid", "simserial"]);
const ROUNDS = 50;
export const MOST_TURNS = 1000;

function randomUuid(): string {
  if (globalThis.crypto?.randomUUID) return globalThis.crypto.randomUUID();
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
}

export class Session implements Surroundings {
  readonly root: TreeNode;
  readonly model: FormModel;
  readonly lists: Lists;
  readonly version: string;
  private readonly failed = new Map<string, Problem>();
  private readonly dirty = new Set<Rule>();
  private readonly toCheck = new Set<Question>();

  constructor(readonly form: Compiled, readonly options: Options = {}, xml?: string) {
    setOffset(options.offset ?? 420);
    this.model = modelOf(form);
    this.lists = new Lists(form, options.lists ?? {});
    const template = readXml(form.instance);
    this.root = xml === undefined ? template : completed(readXml(xml), template, this.model);
    this.version = this.root.attributes.version ?? form.version;
    this.settlePaths(this.root, `/${this.root.local}`);
    this.model.rules.forEach((rule) => this.dirty.add(rule));
  }

  private settlePaths(node: TreeNode, path: string): void {
    settlePaths(node, path, (at) => this.model.binds.get(at)?.type ?? "string");
  }

  /** What went wrong in expressions, as the record stands. */
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

  pulldata(list: string, column: string, key: string, value: string): string {
    if (!this.options.lists?.[list]) throw new XPathError(`the list “${list}” does not exist`);
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

  private context(node: TreeNode): Context {
    return { node, original: node, position: -1, around: this };
  }

  /** The result of an expression at a node. Throws XPathError. */
  result(expression: string, node: TreeNode): Result {
    setOffset(this.options.offset ?? 420);
    return evaluate(expression, node, this);
  }

  /** `use` of an expression's result; `otherwise` when it fails, which is then listed. */
  private attempt<T>(what: string, expression: string, node: TreeNode, use: (result: Result) => T, otherwise: T): T {
    const key = `${what} ${node.path}`;
    try {
      const made = use(this.result(expression, node));
      this.failed.delete(key);
      return made;
    } catch (error) {
      const { message, position } = error as XPathError;
      this.failed.set(key, { path: node.path, what, expression, message, position });
      return otherwise;
    }
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
    let found = [from];
    for (const name of plainPath(path).slice(under.length).split("/").filter(Boolean)) found = found.flatMap((node) => node.named(name));
    return found;
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

  private put(node: TreeNode, { value, raw }: Stored): boolean {
    if (!node.leaf || (node.raw === raw && typeof node.value === typeof value)) return false;
    node.raw = raw;
    node.value = value;
    this.touch(node.path, false);
    return true;
  }

  /** Note that something at a path (and, with `below`, under it) has changed. */
  private touch(path: string, below: boolean): void {
    for (const rule of this.model.moved(this.model.rules, path, below)) this.dirty.add(rule);
    for (const { item } of this.model.moved(this.model.filtered, path, below)) this.toCheck.add(item);
    for (const { item } of this.model.filtered) if (below ? isUnder(plainPath(item.path), path) : plainPath(item.path) === path) this.toCheck.add(item);
  }

  // --- opening ---------------------------------------------------------------------------------

  /** Fill in what a new record begins with. */
  begin(): this {
    this.preload(this.root);
    if (this.form.meta.instanceID) this.write(this.form.meta.instanceID, `uuid:${this.uuid()}`);
    this.act("odk-instance-first-load", this.root);
    return this.settle();
  }

  private preload(within: TreeNode): void {
    for (const { path, preload, params } of this.form.preloads) {
      const value = this.preloaded(preload, params);
      if (value !== null) for (const node of this.all(path)) if (isWithin(node, within)) this.put(node, stored(value, this.type(node)));
    }
  }

  private preloaded(kind: string, params: string): Value | null {
    if (kind === "timestamp" && params === "start") return this.now();
    if (kind === "date" && params === "today") return this.now().midnight();
    return kind === "property" && PROPERTIES.has(params) ? this.property(params) || null : null;
  }

  private type(node: TreeNode): string {
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

  /** Write what the app itself knows, such as an id, at a path. */
  write(path: string, value: string): void {
    this.put(this.ensure(path), readStored(value, "string"));
  }

  /** Run the actions of an event: those set by `trigger`, or those whose target is in `within`. */
  private act(event: string, within: TreeNode, trigger?: TreeNode): void {
    for (const action of this.form.actions) {
      if (!action.events.includes(event)) continue;
      if (trigger ? plainPath(action.trigger ?? "") !== trigger.path : action.trigger && event === "xforms-value-changed") continue;
      for (const node of this.targets(action, trigger)) if (trigger || isWithin(node, within)) this.assign(action, node);
    }
  }

  private targets(action: Action, trigger?: TreeNode): TreeNode[] {
    const places: Place[] = plainPath(action.path).split("/").slice(1).map((name) => ({ name }));
    const way: TreeNode[] = [];
    for (let node: TreeNode | null = trigger ?? null; node; node = node.parent) way.unshift(node);
    for (let i = 0; i < way.length && places[i]?.name === way[i]!.local; i++) places[i]!.index = way[i]!.index;
    return nodesAt(places, this.root, true);
  }

  private assign(action: Action, node: TreeNode): void {
    const made = action.value.trim() ? this.attempt(action.trigger ? "trigger" : "default", action.value, node, (r) => stored(r, this.type(node)), null) : readStored("", "");
    if (made) this.change(node, made);
  }

  // --- answers ---------------------------------------------------------------------------------

  /** Store an answer, and everything that follows from it. */
  set(path: string, value: string): void {
    const node = this.at(path);
    if (node) this.answer(node, value);
  }

  answer(node: TreeNode, value: string): void {
    this.change(node, readStored(value, this.type(node)));
    this.settle();
  }

  private depth = 0;

  private change(node: TreeNode, made: Stored): void {
    if (!this.put(node, made) || this.depth > 20) return;
    const triggers = this.form.actions.some((action) => action.trigger && plainPath(action.trigger) === node.path);
    if (!triggers) return;
    this.depth++;
    this.settle();
    this.act("xforms-value-changed", this.root, node);
    this.depth--;
  }

  relevant(node: TreeNode): boolean {
    return node.relevant;
  }

  required(node: TreeNode): boolean {
    const rule = this.model.binds.get(node.path)?.required;
    return Boolean(rule) && this.attempt("required", rule!, node, truth, false);
  }

  readonly(node: TreeNode): boolean {
    const rule = this.model.binds.get(node.path)?.readonly;
    return Boolean(rule) && this.attempt("readonly", rule!, node, truth, false);
  }

  constraintHolds(node: TreeNode): boolean {
    const rule = this.model.binds.get(node.path)?.constraint;
    return node.raw === "" || !rule || this.attempt("constraint", rule, node, truth, true);
  }

  // --- what follows ----------------------------------------------------------------------------

  /** Compute until nothing changes any more. */
  settle(): this {
    for (let round = 0; round < ROUNDS; round++) {
      this.compute();
      if (!this.count() && !this.clear()) return this;
    }
    return this;
  }

  private compute(only?: TreeNode): void {
    for (let round = 0; round < 8 && this.dirty.size; round++) {
      for (const rule of this.model.rules) {
        if (!this.dirty.delete(rule)) continue;
        for (const node of this.all(rule.path)) if (!only || isWithin(node, only)) this.apply(rule, node);
      }
    }
  }

  private apply(rule: Rule, node: TreeNode): void {
    if (rule.what === "calculate") {
      const made = this.attempt("calculate", rule.expression, node, (r) => stored(r, this.type(node)), { value: "", raw: "" });
      // what agrees is known with its kind: a stored "1" may be truth
      if (this.options.recalculate !== false || made.raw === node.raw) this.put(node, made);
      return;
    }
    const shown = this.attempt("relevant", rule.expression, node, truth, true);
    if (shown === node.shown) return;
    node.shown = shown;
    this.touch(node.path, true);
  }

  /** Clear choices that are no longer offered; true when one was. */
  private clear(): boolean {
    let changed = false;
    const questions = [...this.toCheck];
    this.toCheck.clear();
    for (const item of questions) {
      for (const node of this.all(item.path)) {
        if (node.raw === "" || !node.relevant) continue;
        const names = new Set(this.offered(item, node).map((offer) => offer.name));
        const several = item.control === "select_multiple";
        const left = (several ? node.raw.split(/\s+/) : [node.raw]).filter((name) => names.has(name)).join(" ");
        if (left === node.raw) continue;
        this.change(node, readStored(left, this.type(node)));
        changed = true;
      }
    }
    return changed;
  }

  /** What a select offers; nothing when its filter fails, which is then listed. */
  offered(item: Question, node: TreeNode): Offer[] {
    const around = { ...this.context(node) };
    const key = `choice_filter ${node.path}`;
    try {
      setOffset(this.options.offset ?? 420);
      const found = this.lists.offered(item, around, (expression) => this.result(expression, node));
      this.failed.delete(key);
      return found;
    } catch (error) {
      const { message, position } = error as XPathError;
      this.failed.set(key, { path: node.path, what: "choice_filter", expression: item.items?.filter ?? "", message, position });
      return this.lists.rows(item.items!.list).map((row) => ({ name: String(row.name ?? ""), row }));
    }
  }

  look(path: string): string[] {
    const node = this.at(path);
    const item = node && this.model.questions.get(node.path);
    return item?.items ? this.offered(item, node!).map((offer) => offer.name) : [];
  }

  // --- repeats ---------------------------------------------------------------------------------

  /** The turns of a repeat under one parent, those beyond its count left out. */
  turns(item: Repeat, parent: TreeNode): TreeNode[] {
    return parent.named(plainPath(item.path).slice(parent.path.length + 1)).filter((turn) => turn.counted);
  }

  /** One more turn at the end. */
  addTurn(item: Repeat, parent: TreeNode): TreeNode | undefined {
    const path = plainPath(item.path);
    const same = parent.named(path.slice(parent.path.length + 1));
    if (same.length >= MOST_TURNS) return undefined;
    const turn = readXml(item.template);
    const last = same[same.length - 1];
    parent.insert(turn, last ? parent.children.indexOf(last) + 1 : this.placeFor(path, parent));
    this.settlePaths(turn, path);
    this.preload(turn);
    this.act("odk-new-repeat", turn);
    // what was computed once in other turns stays: only the new one's own rules, and what reads it
    const waiting = [...this.dirty];
    this.dirty.clear();
    for (const rule of this.model.rules) if (isUnder(rule.path, path)) this.dirty.add(rule);
    this.compute(turn);
    waiting.forEach((rule) => this.dirty.add(rule));
    this.touch(path, true);
    this.settle();
    return turn;
  }

  /** Where the first turn goes when there is none: where the form has the repeat. */
  private placeFor(path: string, parent: TreeNode): number {
    const order = this.model.siblings(path);
    const following = new Set(order.slice(order.indexOf(path) + 1));
    const at = parent.children.findIndex((child) => following.has(child.path));
    return at < 0 ? parent.children.length : at;
  }

  /** One more turn of the repeat at a path such as /data/house[2]/floor. */
  add(path: string): void {
    const parent = this.at(parentPath(path));
    const item = this.model.repeats.get(plainPath(path).replace(/\[\d+\]/g, ""));
    if (parent && item) this.addTurn(item, parent);
  }

  /** Take the turn at a path such as /data/house[2] away. */
  remove(path: string): void {
    const turn = this.at(path);
    if (turn && this.model.repeats.has(turn.path)) this.removeTurn(turn);
  }

  removeTurn(turn: TreeNode): void {
    const { path } = turn;
    turn.remove();
    this.touch(path, true);
    this.settle();
  }

  /** Make the turns of counted repeats as many as their counts say; true when something changed. */
  private count(): boolean {
    let changed = false;
    for (const { item } of this.model.counted) {
      const path = plainPath(item.path);
      for (const parent of this.all(parentPath(path))) if (parent.relevant && this.countIn(item, path, parent)) changed = true;
    }
    return changed;
  }

  private countIn(item: Repeat, path: string, parent: TreeNode): boolean {
    const name = path.slice(parent.path.length + 1);
    const turns = parent.named(name);
    // a repeat that is hidden by its own rule is not counted, and keeps what it has
    if (turns.length && turns.every((turn) => !turn.shown)) return false;
    // the count is read where the next turn would stand
    const next = new TreeNode(name);
    next.path = path;
    next.parent = parent;
    const wanted = this.attempt("repeat_count", item.count!, next, (r) => Math.max(0, int(r)), turns.length);
    if (wanted > MOST_TURNS) this.failed.set(`repeat_count ${path}`, { path, what: "repeat_count", expression: item.count!, message: `more than ${MOST_TURNS} turns` });
    let changed = false;
    turns.forEach((turn, i) => {
      if (turn.counted === i < wanted) return;
      turn.counted = i < wanted;
      changed = true;
    });
    if (changed) this.touch(path, true);
    for (let i = turns.length; i < Math.min(wanted, MOST_TURNS); i++, changed = true) this.addTurn(item, parent);
    return changed;
  }

  // --- out -------------------------------------------------------------------------------------

  /** Write the times at which the interview ended. */
  finish(): void {
    for (const { path, preload, params } of this.form.preloads)
      if (preload === "timestamp" && params === "end") for (const node of this.all(path)) this.put(node, stored(this.now(), this.type(node)));
    this.settle();
  }

  /** The record as it is kept (everything entered) or sent (hidden answers blank). */
  xml(sent = false): string {
    return writeXml(this.root, (node) => sent && !node.counted, (leaf) => (sent && !leaf.relevant ? "" : leaf.raw));
  }

  /** Every question and calculation, in the order of the form. */
  leaves(): Leaf[] {
    return [...this.root.all()].filter((node) => node.leaf && node !== this.root && !this.model.repeats.has(node.path) && isCounted(node)).map((node) => ({
      path: this.placeOf(node), value: node.raw, relevant: node.relevant,
      required: this.required(node), constraintHolds: this.constraintHolds(node),
    }));
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

/** Is it in no turn beyond a lowered count? */
function isCounted(node: TreeNode): boolean {
  for (let here: TreeNode | null = node; here; here = here.parent) if (!here.counted) return false;
  return true;
}

function isWithin(node: TreeNode, above: TreeNode): boolean {
  for (let here: TreeNode | null = node; here; here = here.parent) if (here === above) return true;
  return false;
}
