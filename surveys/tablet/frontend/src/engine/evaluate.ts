/**
 * Evaluate a syntax tree at a node of the record.
 *
 * Paths follow JavaRosa: where an absolute path runs along the way to the context node, repeats
 * are those of the context node; hidden nodes are in no result.
 */
import { XPathError } from "./errors";
import { callFunction } from "./functions";
import type { Moment } from "./dates";
import { type Binary, type Expression, parse, type Path, type Step } from "./parse";
import { TreeNode } from "./tree";
import { equal, number, type Result, truth, type Value } from "./values";

/** The form and the tablet as expressions see them. */
export interface Surroundings {
  root: TreeNode;
  instance(name: string): TreeNode | undefined;
  choiceName(value: string, path: string, at: TreeNode): string;
  itext(id: string): string;
  pulldata(list: string, column: string, key: string, value: string): string;
  property(name: string): string;
  version: string;
  now(): Moment;
  uuid(): string;
  random(): number;
}

export interface Context {
  node: TreeNode;
  /** The node that current() means. */
  original: TreeNode;
  /** Inside a predicate, the place in the list, from 0; otherwise -1. */
  position: number;
  around: Surroundings;
}

/** A step of a path whose repeats are settled: `index` of the sibling, or all. */
export interface Place { name: string; index?: number }

/** Evaluate `expression` at `node`. Throws XPathError, which then names the expression. */
export function evaluate(expression: string, node: TreeNode, around: Surroundings): Result {
  try {
    return value(parse(expression), { node, original: node, position: -1, around });
  } catch (error) {
    if (error instanceof XPathError) {
      if (!error.expression) error.expression = expression;
      throw error;
    }
    // an endless recursion or the like: never more than this expression is lost
    throw new XPathError(error instanceof Error ? error.message : String(error), expression);
  }
}

export function value(tree: Expression, context: Context): Result {
  switch (tree.kind) {
    case "literal": return tree.value;
    case "negation": return -number(value(tree.of, context));
    case "binary": return binary(tree, context);
    case "call": return callFunction(tree, context);
    case "path": return nodes(tree, context);
  }
}

function binary(tree: Binary, context: Context): Value {
  const left = value(tree.left, context);
  if (tree.operator === "and") return truth(left) && truth(value(tree.right, context));
  if (tree.operator === "or") return truth(left) || truth(value(tree.right, context));
  const right = value(tree.right, context);
  if (tree.operator === "=") return equal(left, right);
  if (tree.operator === "!=") return !equal(left, right);
  const [a, b] = [number(left), number(right)];
  switch (tree.operator) {
    case "<": return a < b;
    case "<=": return a <= b;
    case ">": return a > b;
    case ">=": return a >= b;
    case "+": return a + b;
    case "-": return a - b;
    case "*": return a * b;
    case "div": return a / b;
    default: return a % b;
  }
}

/** The nodes from the top of the tree to `node`. */
function wayTo(node: TreeNode): TreeNode[] {
  const way: TreeNode[] = [];
  for (let here: TreeNode | null = node; here; here = here.parent) way.unshift(here);
  return way;
}

/** The nodes that a path finds, hidden ones left out. */
export function nodes(path: Path, context: Context): TreeNode[] {
  const [only] = path.steps;
  if (path.from === "context" && path.steps.length === 1 && only!.axis === "child")
    return filtered(context.node.named(only!.name), only!, context).filter((node) => node.relevant);
  const base = path.from === "current" ? context.original : context.node;
  const way = wayTo(base);
  let reached: TreeNode[];
  let depth = -1;
  const above = (root: TreeNode): TreeNode => {
    const top = new TreeNode("#document");
    // the root keeps its own parent (none): the document only begins the walk
    top.children.push(root);
    return top;
  };
  if (path.from === "root" || typeof path.from === "object") {
    const root = path.from === "root" ? context.around.root : context.around.instance(path.from.instance);
    if (!root) throw new XPathError(`the list “${(path.from as { instance: string }).instance}” does not exist`);
    reached = [above(root)];
  } else {
    reached = [base];
    depth = way.length - 1;
  }
  // a relative name means every repeat instance; a full path means this one's
  let along = path.from !== "context" && path.from !== "current";
  for (const step of path.steps) {
    if (step.axis === "self") {
      reached = filtered(reached, step, context);
      continue;
    }
    if (step.axis === "parent") {
      if (depth < 0) throw new XPathError("the path leads above the record");
      reached = [...new Set(reached.map((node) => node.parent ?? above(node)))];
      depth--;
      continue;
    }
    depth++;
    const fellow = along ? way[depth] : undefined;
    if (step.axis === "attribute") reached = reached.flatMap((node) => attribute(node, step.name));
    else {
      const { name } = step;
      along = fellow !== undefined && fellow.local === name;
      const index = along && !step.predicates.length && fellow!.parent ? fellow!.index : undefined;
      reached = reached.flatMap((node) => filtered(children(node, name, index), step, context));
    }
  }
  return reached.filter((node) => node.relevant);
}

function children(node: TreeNode, name: string, index?: number): TreeNode[] {
  const named = node.named(name);
  return index === undefined ? named : named.slice(index, index + 1);
}

function attribute(node: TreeNode, name: string): TreeNode[] {
  const key = Object.keys(node.attributes).find((n) => n === name || n.endsWith(`:${name}`));
  if (key === undefined) return [];
  const made = new TreeNode(name);
  made.raw = made.value = node.attributes[key]!;
  return [made];
}

function filtered(candidates: TreeNode[], step: Step, context: Context): TreeNode[] {
  return step.predicates.reduce((left, predicate, round) => (left.length ? passing(left, predicate, context, round > 0) : left), candidates);
}

/** The nodes for which `predicate` is true. A number is no place in a list, as in JavaRosa. */
export function passing(candidates: TreeNode[], predicate: Expression, context: Context, again = false): TreeNode[] {
  const settled = settle(predicate, { ...context, node: candidates[0] ?? context.node });
  const first = candidates[0]?.index ?? 0;
  const together = candidates.every((node, i) => i === 0 || node.parent === candidates[0]!.parent);
  return candidates.filter((node, i) =>
    value(settled, { ...context, node, position: again ? i : together && candidates.length > 50 ? first + i : node.index }) === true);
}

/** The predicate with every path put in as its nodes that is the same for all of a list's rows. */
function settle(tree: Expression, context: Context): Expression {
  const inList = context.node.path === "";
  switch (tree.kind) {
    case "binary": return { ...tree, left: settle(tree.left, context), right: settle(tree.right, context) };
    case "negation": return { ...tree, of: settle(tree.of, context) };
    case "call":
      // these need the path itself
      return ["indexed-repeat", "position"].includes(tree.name) ? tree : { ...tree, args: tree.args.map((arg) => settle(arg, context)) };
    case "path": {
      const same = tree.from === "current" || (tree.from === "root" && inList);
      return same && tree.steps.every((step) => !step.predicates.length) ? { kind: "literal", value: nodes(tree, context) } : tree;
    }
    default: return tree;
  }
}

/** The places of a path without predicates, repeats settled by the context as far as it goes. */
export function placesOf(path: Path, context: Context): Place[] {
  const way = wayTo(path.from === "current" ? context.original : context.node);
  const places: Place[] = path.from === "root" ? [] : way.map((node) => ({ name: node.local, index: node.index }));
  for (const step of path.steps) {
    if (step.axis === "parent") places.pop();
    else if (step.axis === "child") places.push({ name: step.name });
  }
  if (path.from === "root") for (let i = 0; i < way.length && places[i]?.name === way[i]!.local; i++) places[i]!.index = way[i]!.index;
  return places;
}

/** The nodes at `places`; hidden ones only with `hidden`. */
export function nodesAt(places: Place[], root: TreeNode, hidden = false): TreeNode[] {
  if (places[0]?.name !== root.local) return [];
  let reached = [root];
  for (const { name, index } of places.slice(1)) reached = reached.flatMap((node) => children(node, name, index));
  return hidden ? reached : reached.filter((node) => node.relevant);
}
