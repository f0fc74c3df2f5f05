// Recordings of people; without them English by the device's own voice, and no Khmer (machine
// voices for Khmer would not be understood).
import { book, changed, commune } from "./state";
import { read } from "./store";
import { language } from "./words";

let playing: HTMLAudioElement | null = null;
let address = "";
let current = "";

export const isPlaying = (name: string): boolean => current === name;

const recording = (name: string): string | undefined => book().voices[language()]?.[name];
const machine = (): boolean => language() === "en" && "speechSynthesis" in window;

export const canSay = (name: string): boolean => Boolean(recording(name)) || machine();
export const anyVoice = (): boolean => machine() || Object.keys(book().voices[language()] ?? {}).length > 0;

export function hush(): void {
  playing?.pause();
  playing = null;
  if (address) URL.revokeObjectURL(address);
  address = "";
  current = "";
  if ("speechSynthesis" in window) speechSynthesis.cancel();
  changed();
}

async function play(url: string): Promise<void> {
  // whole, because players ask for parts and a kept answer has none
  const sound = await (await fetch(url)).blob();
  address = URL.createObjectURL(sound);
  playing = new Audio(address);
  const here = playing;
  await new Promise<void>((done, fail) => {
    here.onended = () => done();
    here.onpause = () => done();
    here.onerror = () => fail(new Error("sound"));
    here.play().catch(fail);
  });
}

// Play one or several things after each other; playing the same again stops.
export async function say(names: string[], words: string): Promise<void> {
  const sequence = names.join(" ");
  const again = current === sequence;
  hush();
  if (again) return;
  current = sequence;
  changed();
  const recorded = names.map(recording).filter((url): url is string => Boolean(url));
  try {
    if (recorded.length) {
      for (const url of recorded) if (current === sequence) await play(url);
    } else if (machine()) {
      await new Promise<void>((done) => {
        const spoken = new SpeechSynthesisUtterance(words);
        spoken.lang = "en";
        spoken.onend = spoken.onerror = () => done();
        speechSynthesis.speak(spoken);
      });
    }
  } catch {
    // not on the phone and no network: the button is released, and the words can still be read
  } finally {
    if (current === sequence) hush();
  }
}

// Download every recording of the reader's language; outdated ones are deleted from the phone. The
// worker keeps what is fetched.
export async function keepAll(): Promise<void> {
  const wanted = new Set(Object.values(book().voices[language()] ?? {}));
  const true_ = new Set(Object.values(book().voices).flatMap((voices) => Object.values(voices)));
  const cache = await caches.open("citizen-voices");
  for (const kept of await cache.keys()) if (!true_.has(new URL(kept.url).pathname)) await cache.delete(kept);
  for (const url of wanted) await (await fetch(url)).blob();
}

// The offices of the chosen commune answer without a network too, from the first visit on.
async function keepChosen(): Promise<void> {
  const chosen = read<{ code: string } | null>("commune", null);
  if (chosen) await commune(chosen.code);
}

// Recordings are downloaded without a button, because people who cannot read would not find one,
// but not where the phone is told to save data.
export async function keepAllUnlessDear(): Promise<void> {
  const line = (navigator as Navigator & { connection?: { saveData?: boolean } }).connection;
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
  }
  await keepChosen().catch(() => undefined); // without a network what is kept stays
  if (!line?.saveData) await keepAll().catch(() => undefined);
}
