// What screens share: the content, and a notice when something changed.
import { timeLimit } from "../../../../frontend/shared/network";
import type { Book, Commune, Place } from "./types";

const listeners = new Set<() => void>();

export function onChange(listen: () => void): () => void {
  listeners.add(listen);
  return () => listeners.delete(listen);
}

export function changed(): void {
  for (const listen of listeners) listen();
}

let kept: Book | null = null;
export const book = (): Book => kept!;
export const hasBook = (): boolean => kept !== null;

let asked = 0;
let shown = 0;

// The content at an address. Throws where a captive portal answers with a page of its own.
async function fetchContent<T>(address: string): Promise<T> {
  const response = await fetch(address, { credentials: "same-origin", signal: timeLimit(120_000) });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as T;
}

// Load the content; the answer to the later request wins, whichever arrives first.
export async function loadBook(): Promise<void> {
  const mine = ++asked;
  const fetched = await fetchContent<Book>("/app/data.json");
  if (!Array.isArray(fetched.services)) throw new Error("portal");
  if (mine < shown) return;
  [kept, shown] = [fetched, mine];
  changed();
}

let tree: Promise<Place[]> | null = null;

export function places(): Promise<Place[]> {
  tree ??= fetchContent<Place[]>("/app/places.json").catch((trouble: unknown) => {
    tree = null;
    throw trouble;
  });
  return tree;
}

export const commune = (code: string): Promise<Commune> => fetchContent<Commune>(`/app/communes/${code}.json`);

export const service = (code: string) => book().services.find((one) => one.code === code);
export const holidays = (): Set<string> => new Set(book().holidays.map((day) => day[0]));
