// A meeting as this tablet holds it, and what may leave it: counts, never a ballot. A finished
// ballot is added to counts at once; nothing stores which sticker voted what.

export type Pair = [string, string];
export type Scores = [number, number, number, number, number];
export type Group = "women" | "men" | "youth" | "poor_card" | "disability" | "minority";
export type Kind = "community" | "self_assessment";

export interface Round {
  code: string;
  uuid: string;
  period: string;
  provider: { code: string; kind: string; name: Pair };
  commune: Pair;
  meetsOn: string;
  core: { key: string; name: Pair }[];
  kept: { key: string; code: string; text: string; voice: string }[];
  sent: Kind[];
  standards: { name: Pair; option: Pair; fee: Pair; concession: Pair; days: Pair; papers: Pair[]; audio: string[] }[];
  handovers: Partial<Record<Kind, string>>;
  cards: number;
  voteAt: string;
  interface: Interface;
  fetchedOn: string;
}

export interface Side {
  counts: Scores;
  n: number;
  median: number | null;
  mean: number | null;
}

export interface Interface {
  criteria: { key: string; name: Pair; community: Side; own: Side; gap: number | null; strengths: string[]; problems: string[]; suggestions: string[] }[];
  compliance: { name: Pair; share: number; low: number; high: number; period: string }[];
  inputs: { name: Pair; unit: Pair; entitled: number; present: number | null }[];
}

export interface Attendee {
  sticker: number;
  sex: "women" | "men" | "other_sex";
  age: "children" | "youth" | "adults" | "elders";
  poor_card: boolean;
  disability: boolean;
  minority: boolean;
}

export interface Criterion {
  key: string;
  code: string;
  name: Pair | null;
  text: string;
  voice: string;
  kept: boolean;
  tablet: Scores;
  cards: Scores;
  groups: Partial<Record<Group, Scores>>;
  strengths: string[];
  problems: string[];
  suggestions: string[];
}

export interface Meeting {
  id: string;
  code: string;
  kind: Kind;
  person: string;
  state: "open" | "sending" | "sent" | "handed";
  days: string[];
  attendees: Attendee[];
  readOut: boolean;
  criteria: Criterion[];
  voted: number[];
  votersCards: number;
  ballot?: { sticker: number; at: number; scores: Record<string, number> };
  problems?: string[];
  updated: number;
}

export const SMALLEST = 5;
export const GROUPS: Group[] = ["women", "men", "youth", "poor_card", "disability", "minority"];
const none = (): Scores => [0, 0, 0, 0, 0];

export function today(): string {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

// A new meeting; a self-assessment is asked the criteria that the community kept, once it has.
export function begin(round: Round, kind: Kind, person: string): Meeting {
  const asked = kind === "self_assessment" && round.kept.length
    ? round.kept.map((one) => ({ ...criterion(one.key, one.code, nameOf(round, one.code), one.text, true), voice: one.voice ?? "" }))
    : round.core.map((one) => criterion(one.key, one.key, one.name, "", kind === "self_assessment"));
  return {
    id: crypto.randomUUID(), code: round.code, kind, person, state: "open", days: [today()], attendees: [],
    readOut: kind === "self_assessment", criteria: asked, voted: [], votersCards: 0, updated: Date.now(),
  };
}

const nameOf = (round: Round, code: string): Pair | null => round.core.find((one) => one.key === code)?.name ?? null;

export function criterion(key: string, code: string, name: Pair | null, text: string, kept: boolean): Criterion {
  return { key, code, name, text, voice: "", kept, tablet: none(), cards: none(), groups: {}, strengths: [], problems: [], suggestions: [] };
}

export function ownCriterion(text: string): Criterion {
  return criterion(`v${crypto.randomUUID().replace(/-/g, "").slice(0, 10)}`, "", null, text, true);
}

export const kept = (meeting: Meeting): Criterion[] => meeting.criteria.filter((one) => one.kept);

// The lowest sticker that has not voted; null once everybody has.
export function nextVoter(meeting: Meeting): Attendee | null {
  return meeting.attendees.find((one) => !meeting.voted.includes(one.sticker)) ?? null;
}

export function nextSticker(meeting: Meeting): number {
  return Math.max(0, ...meeting.attendees.map((one) => one.sticker)) + 1;
}

const within = (one: Attendee): Group[] =>
  GROUPS.filter((group) => (group === "women" || group === "men" ? one.sex === group : group === "youth" ? one.age === "youth" : one[group]));

function added(scores: Scores, score: number): Scores {
  const next = [...scores] as Scores;
  next[score - 1]!++;
  return next;
}

// Add a finished ballot to the counts and forget it. The list of those who voted is kept in the
// order of stickers, not of voting.
export function count(meeting: Meeting): Meeting {
  const ballot = meeting.ballot;
  const voter = meeting.attendees.find((one) => one.sticker === ballot?.sticker);
  if (!ballot || !voter) return { ...meeting, ballot: undefined };
  const criteria = meeting.criteria.map((one) => {
    const score = ballot.scores[one.key];
    if (!score) return one;
    const groups = { ...one.groups };
    for (const group of within(voter)) groups[group] = added(groups[group] ?? none(), score);
    return { ...one, tablet: added(one.tablet, score), groups };
  });
  const voted = [...meeting.voted, voter.sticker].sort((a, b) => a - b);
  return { ...meeting, criteria, voted, ballot: undefined };
}

const sum = (scores: readonly number[]): number => scores.reduce((a, b) => a + b, 0);
const spread = (scores: readonly number[]): boolean => scores.filter((n) => n > 0).length > 1;

// Return whether scores of a group may leave the tablet: enough voters in it and outside, none unanimous.
export function mayTell(total: Scores, inside: Scores): boolean {
  const outside = total.map((n, place) => n - inside[place]!);
  return [inside, outside].every((side) => sum(side) >= SMALLEST && spread(side));
}

export type Missing = "attendance" | "readOut" | "fewCriteria" | "manyCriteria" | "votes" | "suggestions" | "ballot" | "tooMany";

// List what is missing before a meeting can be sent, with the criterion where there is one. `phones`:
// people vote on their own phones, so a criterion may have its votes on the server.
export function missing(meeting: Meeting, phones: boolean): { what: Missing; criterion?: Criterion }[] {
  const missing: { what: Missing; criterion?: Criterion }[] = [];
  const asked = kept(meeting);
  if (!meeting.attendees.length) missing.push({ what: "attendance" });
  if (!meeting.readOut) missing.push({ what: "readOut" });
  if (meeting.kind === "community" && asked.length < 5) missing.push({ what: "fewCriteria" });
  if (meeting.kind === "community" && asked.length > 6) missing.push({ what: "manyCriteria" });
  if (!asked.length && meeting.kind !== "community") missing.push({ what: "fewCriteria" });
  if (meeting.ballot) missing.push({ what: "ballot" });
  for (const one of asked) {
    const votes = sum(one.tablet) + sum(one.cards);
    if (!votes && !phones) missing.push({ what: "votes", criterion: one });
    if (votes > meeting.attendees.length) missing.push({ what: "tooMany", criterion: one });
    if (meeting.kind === "community" && !one.suggestions.length) missing.push({ what: "suggestions", criterion: one });
  }
  return missing;
}

export function attendance(meeting: Meeting): Record<string, number> {
  const counts: Record<string, number> = { people: meeting.attendees.length };
  for (const one of meeting.attendees) {
    counts[one.sex] = (counts[one.sex] ?? 0) + 1;
    counts[one.age] = (counts[one.age] ?? 0) + 1;
    for (const group of ["poor_card", "disability", "minority"] as const) if (one[group]) counts[group] = (counts[group] ?? 0) + 1;
  }
  return counts;
}

// Build the message for the server: no sticker, no ballot, no group that is too small to be shown.
// The staff score what the community kept, so their meeting brings no recording again.
export function sending(meeting: Meeting): Record<string, unknown> {
  const own = meeting.kind === "self_assessment";
  return {
    id: meeting.id, kind: meeting.kind, person: meeting.person, days: [...new Set(meeting.days)].sort(),
    attendance: attendance(meeting),
    voters: { tablet: meeting.voted.length, cards: meeting.votersCards },
    criteria: meeting.criteria.filter((one) => one.kept || one.text || one.voice).map((one) => ({
      key: one.key, code: one.code, text: one.text, voice: own ? "" : one.voice, kept: one.kept, tablet: one.tablet, cards: one.cards,
      groups: Object.fromEntries(GROUPS.filter((g) => one.groups[g] && mayTell(one.tablet, one.groups[g]!)).map((g) => [g, one.groups[g]!])),
      strengths: one.strengths, problems: one.problems, suggestions: one.suggestions,
    })),
  };
}

// A meeting that was sent keeps nothing of its votes on the tablet.
export function emptied(meeting: Meeting): Meeting {
  return {
    ...meeting, state: "sent", attendees: [], voted: [], ballot: undefined, problems: undefined,
    criteria: meeting.criteria.map((one) => ({ ...one, tablet: none(), cards: none(), groups: {}, voice: "" })),
  };
}

// The address in the QR code: round and criteria are after the "#", which is not sent to any
// server.
export function ballotAddress(round: Round, meeting: Meeting): string {
  const criteria = kept(meeting).map((one) => (one.code ? one.key : `${one.key}=${one.text.replace(/~/g, " ").slice(0, 60) || "🔊"}`));
  return `${round.voteAt}#r=${round.code}&c=${encodeURIComponent(criteria.join("~"))}`;
}

export function median(scores: readonly number[]): number | null {
  const votes = scores.flatMap((n, place) => Array<number>(n).fill(place + 1));
  if (!votes.length) return null;
  const half = votes.length / 2;
  return Number.isInteger(half) ? (votes[half - 1]! + votes[half]!) / 2 : votes[Math.floor(half)]!;
}
