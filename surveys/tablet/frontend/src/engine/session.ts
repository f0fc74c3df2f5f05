/** One record being filled in, or judged: answers, what follows from them, and repeats. */
import { nodesAt, type Place } from "./evaluate";
import { type Action, isUnder, parentPath, plainPath, type Repeat, type Rule, takesSeveral } from "./form";
import { type Options, PROPERTIES, RecordTree } from "./record";
import { TreeNode } from "./tree";
import { int, readStored, type Stored, stored, truth, type Value } from "./values";
import { readXml, writeXml } from "./xml";

export type { Options };

export interface Leaf { path: string; value: string; relevant: boolean; required: boolean; constraintHolds: boolean }

const ROUNDS = 50;
export const MOST_TURNS = 1000;

export class Session extends RecordTree {
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

  /** Write what the app itself knows, such as an id, at a path. */
  write(path: string, value: string): void {
    this.put(this.ensure(path), readStored(value, "string"));
  }

  /** Run the actions of an event: those set by `trigger`, or those whose target is in `within`. */
  private act(event: string, within: TreeNode, trigger?: TreeNode): void {
    for (const action of this.form.actions) {
      if (!action.events.includes(event)) continue;
      if (trigger ? plainPath(action.trigger ?? "") !== trigger.path : action.trigger && event === "xforms-value-changed") continue;
      const path = plainPath(action.path);
      const nodes = trigger ? this.targets(path, trigger) : isUnder(path, within.path) ? this.all(path, within, within.path) : [];
      for (const node of nodes) this.assign(action, node);
    }
  }

  private targets(path: string, trigger: TreeNode): TreeNode[] {
    const places: Place[] = path.split("/").slice(1).map((name) => ({ name }));
    const way: TreeNode[] = [];
    for (let node: TreeNode | null = trigger; node; node = node.parent) way.unshift(node);
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

  /** Find out what is shown and leave the rest as it was sent: nothing is counted or cleared. */
  weigh(): this {
    this.compute();
    return this;
  }

  private compute(): void {
    for (let round = 0; round < 8 && this.dirty.size; round++) {
      for (const rule of this.model.rules) {
        if (!this.dirty.delete(rule)) continue;
        for (const node of this.all(rule.path)) this.apply(rule, node);
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
        const left = (takesSeveral(item) ? node.raw.split(/\s+/) : [node.raw]).filter((name) => names.has(name)).join(" ");
        if (left === node.raw) continue;
        this.change(node, readStored(left, this.type(node)));
        changed = true;
      }
    }
    return changed;
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

  /** Add a repeat instance at the end. */
  addTurn(item: Repeat, parent: TreeNode): void {
    if (parent.named(plainPath(item.path).slice(parent.path.length + 1)).length >= MOST_TURNS) return;
    this.insertTurn(item, parent);
    this.touch(plainPath(item.path), true);
    this.settle();
  }

  /**
   * Insert a repeat instance, with its defaults and its own rules; values computed once in other
   * instances stay.
   */
  private insertTurn(item: Repeat, parent: TreeNode): void {
    const path = plainPath(item.path);
    const turn = readXml(item.template);
    const last = parent.named(turn.local).pop();
    parent.insert(turn, last ? parent.children.indexOf(last) + 1 : this.placeFor(path, parent));
    this.settlePaths(turn, path);
    this.preload(turn);
    this.act("odk-new-repeat", turn);
    for (const rule of this.model.rules)
      if (isUnder(rule.path, path)) for (const node of this.all(rule.path, turn, path)) this.apply(rule, node);
  }

  /** Return the position of the first turn when there is none: where the form has the repeat. */
  private placeFor(path: string, parent: TreeNode): number {
    const order = this.model.siblings(path);
    const following = new Set(order.slice(order.indexOf(path) + 1));
    const at = parent.children.findIndex((child) => following.has(child.path));
    return at < 0 ? parent.children.length : at;
  }

  /** Add an instance of the repeat at a path such as /data/house[2]/floor. */
  add(path: string): void {
    const parent = this.at(parentPath(path));
    const item = this.model.repeats.get(plainPath(path).replace(/\[\d+\]/g, ""));
    if (parent && item) this.addTurn(item, parent);
  }

  /** Remove the repeat instance at a path such as /data/house[2]. */
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
    for (let i = turns.length; i < Math.min(wanted, MOST_TURNS); i++, changed = true) this.insertTurn(item, parent);
    if (changed) this.touch(path, true);
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
    return [...this.root.all()].filter((node) => node.leaf && !this.model.isGroup(node.path) && isCounted(node)).map((node) => ({
      path: this.placeOf(node), value: node.raw, relevant: node.relevant,
      required: this.required(node), constraintHolds: this.constraintHolds(node),
    }));
  }

}

/** Return whether it is in no repeat instance beyond a lowered count. */
function isCounted(node: TreeNode): boolean {
  for (let here: TreeNode | null = node; here; here = here.parent) if (!here.counted) return false;
  return true;
}

function isWithin(node: TreeNode, above: TreeNode): boolean {
  for (let here: TreeNode | null = node; here; here = here.parent) if (here === above) return true;
  return false;
}
