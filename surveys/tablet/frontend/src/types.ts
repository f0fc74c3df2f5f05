// Types of the server's answers: docs/forms.md is the contract.

export type Language = string;
export type Part = string | { value: string };
export type Text = Record<Language, Part[]>;

export interface Bind {
  type?: string;
  required?: string;
  relevant?: string;
  constraint?: string;
  calculate?: string;
  readonly?: string;
  constraintMsg?: Text;
  requiredMsg?: Text;
}

export interface Choice {
  name: string;
  label: Text;
  audio?: Record<Language, string>;
  image?: Record<Language, string>;
  columns?: Record<string, string>;
}

export interface Items {
  list: string;
  filter: string | null;
  random: boolean;
  seed?: string | null;
}

export interface Question {
  kind: "question";
  path: string;
  control: string;
  appearance: string;
  label?: Text;
  hint?: Text;
  audio?: Record<Language, string>;
  image?: Record<Language, string>;
  items?: Items;
}

export interface Group {
  kind: "group";
  path: string | null;
  label?: Text;
  appearance: string;
  children: Item[];
}

export interface Repeat {
  kind: "repeat";
  path: string;
  label?: Text;
  appearance: string;
  count: string | null;
  template: string;
  children: Item[];
}

export type Item = Question | Group | Repeat;

export interface Form {
  schema: number;
  formId: string;
  version: string;
  title: string;
  hash: string;
  languages: { code: Language; name: string }[];
  root: string;
  instance: string;
  meta: { instanceID: string; instanceName?: string };
  preloads: { path: string; preload: string; params: string }[];
  binds: Record<string, Bind>;
  actions: { path: string; value: string; events: string[]; trigger: string | null }[];
  body: Item[];
  lists: Record<string, Choice[]>;
  secondary?: Record<string, Choice[]>;
  media: { name: string; hash: string; size: number }[];
  houseLists: string[];
  observes: { case: string | null; meeting: string | null; check: string | null };
}

export interface Bundle {
  project: { id: number; name: Record<string, string>; provinces: string[] };
  tablet: { id: number; name: string };
  people: { username: string; name: string; places?: string[] }[];
  forms: {
    xmlFormId: string;
    name: string;
    version: string;
    hash: string;
    tablet: boolean;
    whyNot: string[];
  }[];
  lists: { name: string; hash: string; rows: number }[];
  returned: number;
  serverTime: string;
}

export type Row = Record<string, string>;

export interface Returned {
  instanceId: string;
  currentInstanceId: string;
  xmlFormId: string;
  version: string;
  comment: string;
  by: string;
  at: string;
  username: string;
  attachments: string[];
}

export type State = "draft" | "ready" | "sending" | "sent" | "refused" | "returned";

// One interview on this tablet. `person` is the one whose work it is; nobody else's screen shows
// it.
export interface Saved {
  id: string;
  person: string;
  formId: string;
  version: string;
  title: string;
  state: State;
  xml: string;
  step: number;
  files: string[];
  sentFiles: string[];
  created: number;
  updated: number;
  problem?: string;
  triedAt?: number;
  sentAt?: number;
  comment?: string;
  replaces?: string;
}
