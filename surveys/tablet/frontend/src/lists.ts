// The lists of the house that a form chooses from: communes, offices, services, documents.

import { personNamed } from "./people";
import { type Person, rows } from "./store";
import type { Form, Row } from "./types";

// Return the rows of a list that are in a person's places; all of them where the places are not
// known yet. A tablet holds the places of everybody who uses it, and each person sees their own.
export function rowsOf(name: string, all: Row[], person?: Person): Row[] {
  const places = person?.places;
  if (!places) return all;
  const inside = (code: string) => places.some((place) => code.startsWith(place));
  if (name === "communes") return all.filter((row) => inside(String(row.name)));
  if (name === "providers") return all.filter((row) => !row.communes || String(row.communes).split(" ").some(inside));
  return all;
}

export async function houseLists(form: Form, person?: Person): Promise<Record<string, Row[]>> {
  const holder = person && ((await personNamed(person.username)) ?? person);
  const lists = form.houseLists.map(async (name) => [name, rowsOf(name, await rows(name), holder)] as const);
  return Object.fromEntries(await Promise.all(lists));
}
