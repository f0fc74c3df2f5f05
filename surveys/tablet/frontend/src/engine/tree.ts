/** The record in memory. */
import type { Value } from "./values";

export class TreeNode {
  parent: TreeNode | null = null;
  readonly children: TreeNode[] = [];
  readonly attributes: Record<string, string> = {};
  /** The name without its prefix, by which paths find it. */
  readonly local: string;
  /** Text as stored; for leaves only. */
  raw = "";
  /** The value that expressions see; "" when blank. */
  value: Value = "";
  /** False when its own rule hides it; see `relevant` for the whole way up. */
  shown = true;
  /** False for a turn beyond a lowered repeat_count. */
  counted = true;
  /** Its path in the form, repeats without numbers: /data/house/floor. */
  path = "";

  constructor(readonly name: string) {
    this.local = name.slice(name.indexOf(":") + 1);
  }

  append(child: TreeNode): void {
    this.insert(child, this.children.length);
  }

  insert(child: TreeNode, at: number): void {
    child.parent = this;
    this.children.splice(at, 0, child);
  }

  remove(): void {
    const siblings = this.parent?.children;
    if (siblings) siblings.splice(siblings.indexOf(this), 1);
    this.parent = null;
  }

  named(local: string): TreeNode[] {
    return this.children.filter((child) => child.local === local);
  }

  /** Index among the siblings of the same name, from 0. */
  get index(): number {
    return this.parent ? this.parent.named(this.local).indexOf(this) : 0;
  }

  get relevant(): boolean {
    for (let node: TreeNode | null = this; node; node = node.parent) if (!node.shown || !node.counted) return false;
    return true;
  }

  get leaf(): boolean {
    return this.children.length === 0;
  }

  /** The node and everything below it, in document order. */
  *all(): Generator<TreeNode> {
    yield this;
    for (const child of this.children) yield* child.all();
  }

  copy(): TreeNode {
    const made = new TreeNode(this.name);
    Object.assign(made.attributes, this.attributes);
    Object.assign(made, { raw: this.raw, value: this.value, path: this.path });
    for (const child of this.children) made.append(child.copy());
    return made;
  }
}
