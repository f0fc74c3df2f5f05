/** Opening a record that exists: a draft, one that was sent back, or one to be judged. */
import type { FormModel } from "./form";
import { TreeNode } from "./tree";
import { readStored } from "./values";
import { readXml } from "./xml";

/** Set the path of every node below `node`, and read its value by its type. */
export function settle(node: TreeNode, path: string, type: (path: string) => string): void {
  node.path = path;
  if (node.leaf) Object.assign(node, readStored(node.raw, type(path)));
  for (const child of node.children) settle(child, `${path}/${child.local}`, type);
}

/**
 * Add what a record lacks: ODK Collect does not send what was hidden, and an edit may show it.
 *
 * Turns of repeats are not added: none may be what was meant.
 */
export function completed(record: TreeNode, template: TreeNode, model: FormModel): TreeNode {
  complete(record, template, `/${record.local}`, model);
  return record;
}

function complete(node: TreeNode, template: TreeNode, path: string, model: FormModel): void {
  let before = -1;
  for (const wanted of uniquely(template.children)) {
    const here = `${path}/${wanted.local}`;
    const repeat = model.repeats.get(here);
    const turns = node.named(wanted.local);
    if (repeat) {
      const empty = readXml(repeat.template);
      for (const turn of turns) complete(turn, empty, here, model);
    } else if (turns[0]) complete(turns[0], wanted, here, model);
    else {
      node.insert(blank(wanted, here, model), before + 1);
      before++;
      continue;
    }
    if (turns.length) before = node.children.indexOf(turns[turns.length - 1]!);
  }
}

function uniquely(children: readonly TreeNode[]): TreeNode[] {
  return children.filter((child, i) => children.findIndex((other) => other.local === child.local) === i);
}

/** A copy without answers and without turns. */
function blank(template: TreeNode, path: string, model: FormModel): TreeNode {
  const made = new TreeNode(template.name);
  Object.assign(made.attributes, template.attributes);
  for (const child of template.children)
    if (!model.repeats.has(`${path}/${child.local}`)) made.append(blank(child, `${path}/${child.local}`, model));
  return made;
}
