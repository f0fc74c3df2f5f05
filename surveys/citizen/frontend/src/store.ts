// The phone's storage, under one key; nothing of it is sent without a request of the person.
import type { Kept } from "./types";

const PREFIX = "service-app:";

export function read<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

// False where the phone refuses (full, or private browsing): the caller says so.
export function write(name: string, value: unknown): boolean {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function forgetAll(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
}

export const requests = (): Kept[] => read<Kept[]>("requests", []);
export const request = (id: string): Kept | undefined => requests().find((kept) => kept.id === id);

export function keepRequest(kept: Kept): boolean {
  return write("requests", [kept, ...requests().filter((other) => other.id !== kept.id)]);
}

export function changeRequest(id: string, change: Partial<Kept>): void {
  write("requests", requests().map((kept) => (kept.id === id ? { ...kept, ...change } : kept)));
}

export function dropRequest(id: string): void {
  write("requests", requests().filter((kept) => kept.id !== id));
}

// 128 random bits: a name by which the server knows that two messages are one.
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
