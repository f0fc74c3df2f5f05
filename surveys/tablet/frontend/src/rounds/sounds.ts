// The recorded standards of the rounds on this tablet, kept to be read out without a network.

import type { Round } from "./model";

const KEPT = "round-sounds";
const ANY = { ignoreVary: true };

export const soundsOf = (round: Round): string[] => [...new Set(round.standards.flatMap((one) => one.audio))];

// Fetch what is missing and forget what no round mentions any more. Can be repeated: what a broken
// network left out comes the next time.
export async function keepSounds(rounds: Round[]): Promise<void> {
  const kept = await caches.open(KEPT);
  const wanted = new Set(rounds.flatMap(soundsOf));
  for (const old of await kept.keys()) if (!wanted.has(new URL(old.url).pathname)) await kept.delete(old, ANY);
  for (const address of wanted) {
    if (await kept.match(address, ANY)) continue;
    const answer = await fetch(address).catch(() => null);
    if (!answer) return;
    // a captive portal answers with a page
    if (answer.ok && answer.headers.get("Content-Type")?.startsWith("audio/")) await kept.put(address, answer);
  }
}

// How many of a round's sounds are on this tablet.
export async function soundsKept(round: Round): Promise<number> {
  const kept = await caches.open(KEPT);
  const matches = await Promise.all(soundsOf(round).map((address) => kept.match(address, ANY)));
  return matches.filter(Boolean).length;
}

// Play one sound after the other, from this tablet where it has them.
export async function playAll(addresses: string[]): Promise<void> {
  const kept = await caches.open(KEPT);
  for (const address of addresses) {
    const here = await kept.match(address, ANY);
    const source = here ? URL.createObjectURL(await here.blob()) : address;
    const sound = new Audio(source);
    await new Promise<void>((done) => {
      sound.onended = sound.onerror = () => done();
      sound.play().catch(() => done());
    });
    if (here) URL.revokeObjectURL(source);
  }
}
