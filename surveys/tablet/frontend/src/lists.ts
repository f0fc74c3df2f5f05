// The lists of the house that a form chooses from: communes, offices, services, documents.

import { rows } from "./store";
import type { Form, Row } from "./types";

export async function houseLists(form: Form): Promise<Record<string, Row[]>> {
  return Object.fromEntries(await Promise.all(form.houseLists.map(async (name) => [name, await rows(name)] as const)));
}
