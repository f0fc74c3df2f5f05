// Everything this tablet keeps, in IndexedDB. Stores are only ever added to, so that an update
// of the app can always read what an older one wrote.

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Waiting } from "./outbox";
import type { Meeting, Round } from "./rounds/model";
import type { Form, Row, Saved } from "./types";

export interface Person {
  username: string;
  name: string;
  salt?: string;
  pin?: string;
  wrong?: number;
  waitUntil?: number;
  // beginnings of the codes of the places where this person records; unknown before the next sync
  places?: string[];
  // taken off this tablet by the coordinator; what they have not sent is sent all the same
  gone?: boolean;
}

interface Schema extends DBSchema {
  settings: { key: string; value: unknown };
  people: { key: string; value: Person };
  records: { key: string; value: Saved; indexes: { person: string; state: string } };
  files: { key: [string, string]; value: Blob };
  forms: { key: [string, string]; value: Form };
  lists: { key: string; value: { name: string; hash: string; rows: Row[] } };
  media: { key: [string, string]; value: { hash: string; blob: Blob } };
  rounds: { key: string; value: Round };
  meetings: { key: string; value: Meeting };
  outbox: { key: string; value: Waiting };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

export function db(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("tablet", 2, {
    upgrade(made, before) {
      if (before < 1) upgradeToFirst(made);
      made.createObjectStore("rounds", { keyPath: "code" });
      made.createObjectStore("meetings", { keyPath: "id" });
      made.createObjectStore("outbox", { keyPath: "id" });
    },
    // another page or the worker opens the newer version: this one closes
    blocking() {
      void opened?.then((store) => store.close());
      opened = null;
    },
    terminated() {
      opened = null;
    },
  });
  return opened;
}

function upgradeToFirst(made: IDBPDatabase<Schema>): void {
  made.createObjectStore("settings");
  made.createObjectStore("people", { keyPath: "username" });
  const records = made.createObjectStore("records", { keyPath: "id" });
  records.createIndex("person", "person");
  records.createIndex("state", "state");
  made.createObjectStore("files");
  made.createObjectStore("forms");
  made.createObjectStore("lists", { keyPath: "name" });
  made.createObjectStore("media");
}

export async function setting<T>(name: string): Promise<T | undefined> {
  return (await db()).get("settings", name) as Promise<T | undefined>;
}

export async function keepSetting(name: string, value: unknown): Promise<void> {
  await (await db()).put("settings", value, name);
}

export async function record(id: string): Promise<Saved | undefined> {
  return (await db()).get("records", id);
}

// A record is written to the disk before this returns, so that a power loss costs nothing.
export async function keepRecord(saved: Saved): Promise<void> {
  const tx = (await db()).transaction("records", "readwrite", { durability: "strict" });
  await tx.store.put({ ...saved, updated: Date.now() });
  await tx.done;
}

// Change a record only if it is still in one of these states: a page and the service worker may
// both be at work.
export async function changeRecord(
  id: string,
  from: Saved["state"][],
  change: Partial<Saved>,
): Promise<Saved | null> {
  const tx = (await db()).transaction("records", "readwrite");
  const now = await tx.store.get(id);
  if (!now || !from.includes(now.state)) {
    await tx.done;
    return null;
  }
  const next = { ...now, ...change };
  await tx.store.put(next);
  await tx.done;
  return next;
}

export async function recordsOf(person: string): Promise<Saved[]> {
  const records = await (await db()).getAllFromIndex("records", "person", person);
  return records.sort((a, b) => b.updated - a.updated);
}

export async function unsent(): Promise<Saved[]> {
  const all = await (await db()).getAll("records");
  return all.filter((r) => r.state !== "sent");
}

export async function forgetRecord(id: string): Promise<void> {
  const tx = (await db()).transaction(["records", "files"], "readwrite");
  await tx.objectStore("records").delete(id);
  await tx.objectStore("files").delete(IDBKeyRange.bound([id, ""], [id, "\uffff"]));
  await tx.done;
}

export async function keepFile(id: string, name: string, blob: Blob): Promise<void> {
  await (await db()).put("files", blob, [id, name]);
}

export async function file(id: string, name: string): Promise<Blob | undefined> {
  return (await db()).get("files", [id, name]);
}

// Every file of a record, also of one that is not finished yet.
export async function filesOf(id: string): Promise<{ name: string; blob: Blob }[]> {
  const store = await db();
  const keys = await store.getAllKeys("files", IDBKeyRange.bound([id, ""], [id, "\uffff"]));
  return Promise.all(keys.map(async (key) => ({ name: key[1], blob: (await store.get("files", key))! })));
}

export async function forgetFiles(id: string): Promise<void> {
  await (await db()).delete("files", IDBKeyRange.bound([id, ""], [id, "\uffff"]));
}

export async function form(id: string, version: string): Promise<Form | undefined> {
  return (await db()).get("forms", [id, version]);
}

export async function rows(list: string): Promise<Row[]> {
  return (await (await db()).get("lists", list))?.rows ?? [];
}

// Delete everything on this tablet at once: a finder of a lost tablet must not read it.
export async function forgetEverything(): Promise<void> {
  const store = await db();
  const tx = store.transaction([...store.objectStoreNames], "readwrite", { durability: "strict" });
  await Promise.all([...store.objectStoreNames].map((name) => tx.objectStore(name).clear()));
  await tx.done;
  if (typeof localStorage !== "undefined") localStorage.clear();
}
