// What a select offers: the rows of its list that its choice_filter leaves.

import type { Choice, Items, Row } from "./types";
import type { Interview } from "./xform";

export interface Offered {
  name: string;
  label: string;
  audio?: string;
  image?: string;
}

export function offered(on: Interview, items: Items, node: Element): Offered[] {
  const rows = left(on, items, node);
  const media = (files?: Record<string, string>) => files?.[on.language] ?? Object.values(files ?? {})[0];
  return rows.map((row) => {
    const own = typeof row.label === "object" ? (row as Choice) : undefined;
    return { name: String(row.name), label: on.labelOf(row), audio: media(own?.audio), image: media(own?.image) };
  });
}

function left(on: Interview, items: Items, node: Element): (Choice | Row)[] {
  const rows = on.lists[items.list] ?? [];
  if (items.filterOn.length) {
    // what is compared with is asked once, not for each of a thousand rows
    const tests = items.filterOn.map(({ column, test, value }) => ({ column, test, wanted: on.string(value, node) }));
    const cell = (row: Choice | Row, name: string) => String((row as Choice).columns?.[name] ?? (row as Row)[name] ?? "");
    return rows.filter((row) => tests.every(({ column, test, wanted }) =>
      test === "=" ? cell(row, column) === wanted : cell(row, column).split(" ").includes(wanted)));
  }
  const { filter } = items;
  return filter ? rows.filter((row) => on.leaves(filter, row, node)) : rows;
}
