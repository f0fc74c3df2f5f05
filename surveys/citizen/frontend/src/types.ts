// The content as the server gives it (surveys/citizen/content.py). Pairs are [Khmer, English].

export type Pair = [string, string];

export interface Promise_ {
  option: string;
  fee: number | null; // null: never published, which is not zero
  concession: number | null;
  currency: string;
  unit: string;
  days: number | null;
  dayKind: string;
  years: number | null;
  papersKnown: boolean;
  papers: [string, string, string][];
  basis: Pair;
  missing: Pair;
  checked: string | null;
  words?: Words; // made by the server; content kept from before has none until it is fetched again
}

export interface Words {
  fee: Pair;
  concession: Pair;
  days: Pair;
  documents: Pair;
}

export interface Service {
  code: string;
  kind: string;
  name: Pair;
  note: Pair;
  posted: boolean;
  options: Promise_[];
}

export interface Book {
  services: Service[];
  kinds: Record<string, Pair>;
  units: Record<string, Pair>;
  options: Record<string, Pair>;
  holidays: [string, string, string, boolean][];
  voices: Record<string, Record<string, string>>;
  report_key: { id: number; recipient: string } | null;
  telephone?: string;
  push?: string; // the key by which push services know this server
  scorecards: string | null;
}

// [code, Khmer, Latin, places inside]
export type Place = [string, string, string, Place[]];

export interface Office {
  code: string;
  kind: string;
  name: Pair;
  hours: string;
  phone: string;
  posted: (Promise_ & { service: string })[];
}

export interface Commune {
  code: string;
  name: Pair;
  offices: Office[];
  scorecard: string | null;
  commitments?: Commitment[]; // missing in what an older version of the app kept
  allCommitments?: string | null;
}

// A commitment of the commune that was reported done and waits for citizens' answers.
export interface Commitment {
  code: string;
  claim: number;
  number: number;
  text: string; // "" until somebody has checked it
  office: string;
  month: string;
}

// A request as the phone keeps it.
export interface Kept {
  id: string;
  service: string;
  option: string;
  commune: string;
  place: string; // the commune's name as it was chosen
  provider: string;
  askedOn: string;
  promised: string | null;
  server: boolean;
  code: string;
  state: "open" | "received" | "refused" | "abandoned";
  receivedOn: string;
  reminded: boolean;
  pushed?: boolean; // the server reminds this browser on the promised day
}

// A message on its way to the server; its content is never lost before the server has it.
export interface Message {
  id: string;
  path: string;
  body: Record<string, unknown>;
  request?: string; // the request on the phone it belongs to
  refused?: Record<string, string[]>;
}
