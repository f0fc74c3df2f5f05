// A meeting interrupted here and continued on another tablet: encrypted with a number that people
// carry on paper. The server stores only what it cannot read, and deletes it once the meeting is
// sent.

import type { Meeting } from "./model";

const ROUNDS = 300_000;
const BLOCK = 16_384;
const bytes = (text: string) => new TextEncoder().encode(text);

export function newNumber(): string {
  const random = crypto.getRandomValues(new Uint32Array(4));
  return [...random].map((n) => String(n % 10_000).padStart(4, "0")).join(" ");
}

async function keyOf(number: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const raw = await crypto.subtle.importKey("raw", bytes(number.replace(/\D/g, "")), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"],
  );
}

function base64(data: Uint8Array): string {
  let text = "";
  for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return btoa(text);
}

export async function encrypt(meeting: Meeting, number: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const key = await keyOf(number, salt);
  // padded, so that the length does not reveal how many have voted
  const plain = bytes(JSON.stringify(meeting));
  const padded = new Uint8Array(Math.ceil((plain.length + 1) / BLOCK) * BLOCK).fill(0x20);
  padded.set(plain);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, padded));
  const packed = new Uint8Array(28 + sealed.length);
  packed.set(salt);
  packed.set(nonce, 16);
  packed.set(sealed, 28);
  return base64(packed);
}

// The meeting; null where the number is wrong.
export async function decrypt(text: string, number: string): Promise<Meeting | null> {
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const key = await keyOf(number, packed.slice(0, 16));
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: packed.slice(16, 28) }, key, packed.slice(28));
    return JSON.parse(new TextDecoder().decode(plain).trim()) as Meeting;
  } catch {
    return null;
  }
}
