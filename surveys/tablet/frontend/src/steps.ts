// The way through an interview: one thing on screen after the other, as the present answers
// require.

import type { Item, Question, Repeat } from "./types";
import type { Interview, TreeNode } from "./xform";

export type Step =
  | { kind: "question"; nodes: { item: Question; node: TreeNode }[]; title: string }
  | { kind: "repeat"; item: Repeat; parent: TreeNode; turns: TreeNode[] };

export function stepsOf(on: Interview): Step[] {
  return walk(on, on.form.body, on.root, on.form.root, "");
}

function walk(on: Interview, items: Item[], node: TreeNode, path: string, title: string): Step[] {
  return items.flatMap((item): Step[] => {
    if (item.kind === "question") return question(on, item, node, path, title);
    if (item.kind === "repeat") return repeat(on, item, node, path);
    const inside = item.path ? on.all(item.path, node, path)[0] : node;
    if (!inside || !on.relevant(inside)) return [];
    const name = on.text(item.label, inside) || title;
    const inner = walk(on, item.children, inside, item.path ?? path, name);
    return item.appearance.includes("field-list") ? together(inner, name) : inner;
  });
}

function together(steps: Step[], title: string): Step[] {
  const nodes = steps.flatMap((s) => (s.kind === "question" ? s.nodes : []));
  const rest = steps.filter((s) => s.kind !== "question");
  return nodes.length ? [{ kind: "question", nodes, title }, ...rest] : rest;
}

function question(on: Interview, item: Question, node: TreeNode, path: string, title: string): Step[] {
  const [own] = on.all(item.path, node, path);
  if (!own || !on.relevant(own)) return [];
  return [{ kind: "question", nodes: [{ item, node: own }], title }];
}

function repeat(on: Interview, item: Repeat, node: TreeNode, path: string): Step[] {
  const [parent] = on.all(item.path.slice(0, item.path.lastIndexOf("/")), node, path);
  if (!parent || !on.relevant(parent)) return [];
  const turns = on.turns(item, parent);
  const shown = turns.filter((turn) => on.relevant(turn));
  const inside = shown.flatMap((turn) =>
    walk(on, item.children, turn, item.path, `${on.text(item.label, turn)} ${turns.indexOf(turn) + 1}`),
  );
  const ask: Step[] = item.count ? [] : [{ kind: "repeat", item, parent, turns: shown }];
  return [...inside, ...ask];
}
