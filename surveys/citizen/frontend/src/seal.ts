// Encrypts for the organisation's key, loaded only where something dangerous is reported.
import { Encrypter } from "age-encryption";

const STEP = 2048; // the length of a sealed message says only how many of these it fills

export async function seal(report: Record<string, string>, recipient: string): Promise<string> {
  const bare = new TextEncoder().encode(JSON.stringify(report));
  const padded = new Uint8Array(Math.ceil((bare.length + 1) / STEP) * STEP).fill(0x20);
  padded.set(bare);
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const sealed = await encrypter.encrypt(padded);
  let text = "";
  for (const byte of sealed) text += String.fromCharCode(byte);
  return btoa(text);
}
