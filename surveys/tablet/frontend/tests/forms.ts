// Forms for tests, as the server compiles them.

import type { Compiled, Item } from "../src/engine/form";

interface Sketch {
  instance: string;
  binds?: Compiled["binds"];
  body?: Item[];
  actions?: Compiled["actions"];
  lists?: Record<string, Record<string, string>[]>;
  preloads?: Compiled["preloads"];
}

/** A compiled form whose root is /data. */
export function form(sketch: Sketch): Compiled {
  const lists = Object.entries(sketch.lists ?? {}).map(([name, rows]) => [
    name, rows.map(({ name: value, label, ...columns }) => ({ name: value!, label: { default: [label ?? value!] }, columns: { label: label ?? value!, ...columns } })),
  ] as const);
  return {
    version: "1", root: "/data", languages: [{ code: "default" }],
    instance: `<data id="t" version="1" xmlns:orx="http://openrosa.org/xforms">${sketch.instance}<meta><orx:instanceID/></meta></data>`,
    meta: { instanceID: "/data/meta/orx:instanceID" },
    preloads: sketch.preloads ?? [], binds: sketch.binds ?? {}, actions: sketch.actions ?? [], body: sketch.body ?? [],
    lists: Object.fromEntries(lists),
  };
}

export const question = (path: string, control = "text", extra: Partial<Item & { kind: "question" }> = {}): Item =>
  ({ kind: "question", path, control, ...extra });
export const select = (path: string, list: string, filter: string | null = null, control = "select_one"): Item =>
  question(path, control, { items: { list, filter, random: false } });
export const repeat = (path: string, template: string, children: Item[], count: string | null = null): Item =>
  ({ kind: "repeat", path, template, count, children });
