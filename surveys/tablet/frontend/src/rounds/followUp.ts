// The quarterly list of commitments, kept on the tablet, and people's answers.

import { putOut } from "../outbox";
import { db, setting } from "../store";
import { askForBackgroundSync, fetchFollowUp, sendAll } from "../sync";
import { language } from "../words";

export interface Asked {
  code: string;
  claim: number;
  commune: string;
  number: number;
  text: string; // "" until somebody has checked it
  office: string;
  due: string;
}
export interface List {
  questions: Asked[];
  fetchedOn: string;
}
export interface Counts {
  done: number;
  half: number;
  notDone: number;
  unknown: number;
}
interface Kept {
  counts: Counts;
  sent: boolean;
  problems?: string[];
}

const NOTHING: Counts = { done: 0, half: 0, notDone: 0, unknown: 0 };
export const nameOf = (one: Pick<Asked, "code" | "claim">): string => `${one.code}:${one.claim}`;
export const sum = (counts: Counts): number => counts.done + counts.half + counts.notDone + counts.unknown;

export async function followUp(): Promise<List | null> {
  await takeBackRefused();
  return (await setting<List>("followUp")) ?? null;
}

// Put answers that the server refused on the list again with its sentence, to be corrected.
async function takeBackRefused(): Promise<void> {
  const store = await db();
  for (const one of await store.getAll("outbox")) {
    if (one.path !== "follow-up" || one.state !== "refused") continue;
    const body = one.body as Counts & Asked;
    const { done, half, notDone, unknown } = body;
    await keep(body, { counts: { done, half, notDone, unknown }, sent: false, problems: one.problems });
    await store.delete("outbox", one.id);
  }
}

// Fetch the list if there is a network; true where it came.
export async function refreshFollowUp(): Promise<boolean> {
  try {
    await fetchFollowUp();
    return true;
  } catch {
    return false;
  }
}

export async function countsOf(one: Asked): Promise<Kept> {
  return (await setting<Record<string, Kept>>("followUpCounts"))?.[nameOf(one)] ?? { counts: NOTHING, sent: false };
}

// Written at every tap, so that a power loss costs nothing.
export const keepCounts = (one: Asked, counts: Counts): Promise<void> => keep(one, { counts, sent: false });

async function keep(one: Pick<Asked, "code" | "claim">, kept: Kept): Promise<void> {
  const tx = (await db()).transaction("settings", "readwrite", { durability: "strict" });
  const all = ((await tx.store.get("followUpCounts")) ?? {}) as Record<string, Kept>;
  await tx.store.put({ ...all, [nameOf(one)]: kept }, "followUpCounts");
  await tx.done;
}

export async function sendCounts(one: Asked, counts: Counts, person: string): Promise<void> {
  const id = crypto.randomUUID();
  await putOut({ id, person, path: "follow-up", body: { id, person, code: one.code, claim: one.claim, ...counts }, language: language() });
  await keep(one, { counts: NOTHING, sent: true });
  void askForBackgroundSync();
  void sendAll();
}
