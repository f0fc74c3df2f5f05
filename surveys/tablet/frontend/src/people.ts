// People of the tablet: a PIN for each, stored only on this tablet and only as a slow hash.

import { db, type Person } from "./store";

const ROUNDS = 150_000;
const TRIES = 5;
const PAUSE = 30_000;

async function hash(pin: string, salt: string): Promise<string> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt: new TextEncoder().encode(salt), iterations: ROUNDS }, key, 256,
  );
  return [...new Uint8Array(bits)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export async function people(): Promise<Person[]> {
  return (await (await db()).getAll("people")).filter((person) => !person.gone);
}

export async function choosePin(person: Person, pin: string): Promise<Person> {
  const salt = crypto.randomUUID();
  const kept = { ...person, salt, pin: await hash(pin, salt), wrong: 0, waitUntil: 0 };
  await (await db()).put("people", kept);
  return kept;
}

// The person as the last sync knows them: their places change while they stay signed in.
export async function personNamed(username: string): Promise<Person | undefined> {
  return (await db()).get("people", username);
}

// "ok", "wrong", or how many milliseconds to wait after too many wrong ones.
export async function tryPin(username: string, pin: string): Promise<"ok" | "wrong" | number> {
  const store = await db();
  const person = await store.get("people", username);
  if (!person?.pin || !person.salt) return "wrong";
  const wait = (person.waitUntil ?? 0) - Date.now();
  if (wait > 0) return wait;
  const right = (await hash(pin, person.salt)) === person.pin;
  const wrong = right ? 0 : (person.wrong ?? 0) + 1;
  const waitUntil = wrong && wrong % TRIES === 0 ? Date.now() + PAUSE : 0;
  await store.put("people", { ...person, wrong, waitUntil });
  return right ? "ok" : waitUntil ? PAUSE : "wrong";
}
