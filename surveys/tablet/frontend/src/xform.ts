// One interview on this tablet: the form engine's record, and what the screens ask of it.

import { type Offered, offeredBy } from "./choices";
import { now } from "./clock";
import { plainPath, Session } from "./engine/tablet";
import type { TreeNode } from "./engine/tree";
import { type Step, stepsOf } from "./steps";
import type { Bind, Form, Item, Question, Repeat, Row, Text } from "./types";

export type { TreeNode };

export class Interview {
  private readonly session: Session;
  readonly root: TreeNode;

  /** Throws XPathError when `xml`, a record kept earlier, cannot be read at all. */
  constructor(
    readonly form: Form,
    houseLists: Record<string, Row[]>,
    readonly language: string,
    username: string,
    xml?: string,
  ) {
    const options = { lists: houseLists, language, username, offset: -new Date().getTimezoneOffset(), now: () => now().stamp };
    this.session = new Session(form, options, xml);
    if (xml) this.session.settle();
    else this.session.begin();
    this.root = this.session.root;
  }

  /** Expressions of the form that could not be worked out, as the answers stand. */
  get troubles(): string[] {
    return this.session.errors.map(({ path, message }) => `${path}: ${message}`);
  }

  text(text: Text | undefined, node: TreeNode = this.root): string {
    return this.session.text(text, node);
  }

  string(expression: string, node: TreeNode): string {
    return this.session.string(expression, node);
  }

  // --- nodes and answers -----------------------------------------------------------------------

  all(path: string, from: TreeNode = this.root, under: string = this.root.path): TreeNode[] {
    return this.session.all(path, from, under);
  }

  pathOf(node: TreeNode): string {
    return node.path;
  }

  value(node: TreeNode): string {
    return node.raw;
  }

  answer(node: TreeNode, value: string): void {
    this.session.answer(node, value);
  }

  relevant(node: TreeNode): boolean {
    return node.relevant;
  }

  required(node: TreeNode): boolean {
    return this.session.required(node);
  }

  readonly(node: TreeNode): boolean {
    return this.session.readonly(node);
  }

  /** "" when the answer may stand, otherwise "required" or "constraint". */
  wrong(node: TreeNode): "" | "required" | "constraint" {
    if (node.raw === "") return this.required(node) ? "required" : "";
    return this.session.constraintHolds(node) ? "" : "constraint";
  }

  message(node: TreeNode, wrong: "required" | "constraint"): string {
    const bind: Bind = this.session.model.binds.get(node.path) ?? {};
    return this.text(wrong === "required" ? bind.requiredMsg : bind.constraintMsg, node);
  }

  offered(item: Question, node: TreeNode): Offered[] {
    return offeredBy(this, this.session.offered(item, node));
  }

  // --- the way through -------------------------------------------------------------------------

  steps(): Step[] {
    return stepsOf(this);
  }

  turns(item: Repeat, parent: TreeNode): TreeNode[] {
    return this.session.turns(item, parent);
  }

  add(item: Repeat, parent: TreeNode): void {
    this.session.addTurn(item, parent);
  }

  remove(turn: TreeNode): void {
    this.session.removeTurn(turn);
  }

  /** The first answer in a turn, to tell turns apart by. */
  sign(item: Repeat, turn: TreeNode): string {
    for (const question of questions(item.children)) {
      const [node] = this.all(question.path, turn, item.path);
      if (!node?.raw || !node.relevant) continue;
      if (!question.items) return node.raw;
      return this.offered(question, node).filter((o) => node.raw.split(" ").includes(o.name)).map((o) => o.label).join(", ");
    }
    return "";
  }

  // --- out -------------------------------------------------------------------------------------

  get instanceId(): string {
    return this.session.ensure(this.form.meta.instanceID).raw;
  }

  /** An edit of a record the server has: a new name, and the name it replaces beside it. */
  replace(current: string): void {
    const id = this.form.meta.instanceID;
    const { name } = this.session.ensure(id);
    this.session.write(id, `uuid:${crypto.randomUUID()}`);
    // beside the name, in the same namespace
    this.session.write(`${id.slice(0, id.lastIndexOf("/"))}/${name.replace("instanceID", "deprecatedID")}`, current);
  }

  finish(): void {
    this.session.finish();
  }

  xml(sent = false): string {
    return this.session.xml(sent);
  }

  files(): string[] {
    const names: string[] = [];
    for (const { control, path } of questions(this.form.body))
      if (["image", "audio"].includes(control)) for (const node of this.all(path)) if (node.raw && node.relevant) names.push(node.raw);
    return names;
  }

  /** Return the answers under a group, by name: for the standard shown beside the questions. */
  answersOf(group: string | null, near: TreeNode): Row {
    if (!group) return {};
    const path = plainPath(group);
    let holder: TreeNode | null = near;
    while (holder && holder.path !== path) holder = holder.parent;
    const node = holder ?? this.all(path)[0];
    return node ? Object.fromEntries([...node.all()].filter((n) => n.leaf).map((n) => [n.local, n.raw])) : {};
  }
}

function questions(items: Item[]): Question[] {
  return items.flatMap((item) => (item.kind === "question" ? [item] : questions(item.children)));
}
