// The little that screens share: the content, and being told that something changed.
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

// What was asked for later is newer, whichever comes first.
export async function loadBook(): Promise<void> {
  const mine = ++asked;
  const response = await fetch("/app/data.json", { credentials: "same-origin" });
  if (!response.ok) throw new Error(String(response.status));
  const told = (await response.json()) as Book;
  if (mine < shown) return;
  [kept, shown] = [told, mine];
  changed();
}

let tree: Promise<Place[]> | null = null;

export function places(): Promise<Place[]> {
  tree ??= fetch("/app/places.json")
    .then((response) => response.json() as Promise<Place[]>)
    .catch((trouble: unknown) => {
      tree = null;
      throw trouble;
    });
  return tree;
}

export async function commune(code: string): Promise<Commune> {
  const response = await fetch(`/app/communes/${code}.json`);
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as Commune;
}

export const service = (code: string) => book().services.find((one) => one.code === code);
export const holidays = (): Set<string> => new Set(book().holidays.map((day) => day[0]));
