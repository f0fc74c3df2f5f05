// Words in Khmer and English. They are grouped by subject in words/; those of the first screens
// come with the app, the others with the screens that use them (later.tsx).
import { khmer } from "./text";
import * as frame from "./words/frame";
import * as services from "./words/services";
import type * as commitments from "./words/commitments";
import type * as danger from "./words/danger";
import type * as more from "./words/more";
import type * as outcome from "./words/outcome";
import type * as places from "./words/places";
import type * as requests from "./words/requests";
import type * as tell from "./words/tell";

type All = typeof frame.KM & typeof services.KM & typeof commitments.KM & typeof danger.KM & typeof more.KM & typeof outcome.KM &
  typeof places.KM & typeof requests.KM & typeof tell.KM;
export type Word = keyof All;
export interface Sense {
  KM: Record<string, string>;
  EN: Record<string, string>;
}

const texts: Sense = { KM: { ...frame.KM, ...services.KM }, EN: { ...frame.EN, ...services.EN } };

export function learn(...senses: Sense[]): void {
  for (const sense of senses) {
    Object.assign(texts.KM, sense.KM);
    Object.assign(texts.EN, sense.EN);
  }
}

export type Language = "km" | "en";

let spoken: Language = "km";
try {
  if (localStorage.getItem("service-app:language") === '"en"') spoken = "en";
} catch {
  // a phone that refuses storage speaks Khmer
}
export const language = (): Language => spoken;

export function speak(code: Language): void {
  spoken = code;
  document.documentElement.lang = code;
}

export function t(word: Word, values: Record<string, string | number> = {}): string {
  const text = (spoken === "km" ? texts.KM : texts.EN)[word] ?? word;
  return text.replace(/\{(\w+)\}/g, (_all, name: string) => shown(values[name] ?? ""));
}

// Digits as readers of the language write them.
export function shown(value: string | number): string {
  const text = typeof value === "number" ? value.toLocaleString("en") : value;
  return spoken === "km" ? khmer(typeof value === "number" ? text.replace(/,/g, ".") : text) : text;
}

// Return the reader's one of a pair [Khmer, English].
export function own(pair: [string, string] | readonly string[] | undefined): string {
  if (!pair) return "";
  return (spoken === "km" ? pair[0] : pair[1]) || pair[0] || pair[1] || "";
}

export function day(iso: string): string {
  const [year, month, date] = iso.split("-");
  return shown(`${date}/${month}/${year}`);
}
