// Messages wait on the phone until the server has them, in order; without a network they stay.
import { timeLimit, type Result } from "../../../../frontend/shared/network";
import { changed } from "./state";
import { changeRequest, randomName, read, request, write } from "./store";
import type { Message } from "./types";
import { language } from "./words";

export const waiting = (): Message[] => read<Message[]>("outbox", []);

function put(messages: Message[]): boolean {
  const kept = write("outbox", messages.length ? messages : null);
  changed();
  return kept;
}

export function drop(id: string): void {
  put(waiting().filter((message) => message.id !== id));
}

// Queue and try at once. False where the phone could not keep it.
export function queue(path: string, body: Record<string, unknown>, more: Partial<Message> = {}): boolean {
  const id = more.id ?? randomName();
  const others = waiting().filter((message) => message.id !== id);
  if (!put([...others, { ...more, id, path, body }])) return false;
  void sendAll();
  return true;
}

export class Refused extends Error {
  constructor(readonly sentences: Record<string, string[]>, readonly status: number) {
    super("refused");
  }
}

// Post a message and return the server's answer. Throws Refused for its own refusals, and another error for everything that
// is not from it: no network, too slow a line, a captive portal that answers 200 in its place.
export async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const text = JSON.stringify(body);
  const response = await fetch(path, {
    method: "POST",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    redirect: "error",
    // half a minute, and what it takes at two kilobytes a second
    signal: timeLimit(30_000 + text.length / 2),
    headers: { "Content-Type": "application/json", "X-Language": language() },
    body: text,
  });
  if (!response.headers.has("X-Service-App")) throw new Error("portal");
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Refused((answer.errors ?? {}) as Record<string, string[]>, response.status);
  return answer;
}

let sending: Promise<Result> | null = null;
const hearers = new Set<(result: Result, reached: boolean) => void>();

// Call a function with the result of every sending that had something to send, and whether the
// server was reached.
export function onSent(hear: (result: Result, reached: boolean) => void): void {
  hearers.add(hear);
}

export function sendAll(): Promise<Result> {
  sending ??= sendEach().finally(() => {
    sending = null;
  });
  return sending;
}

const unsent = (): Message[] => waiting().filter((one) => !one.refused && ready(one));

async function sendEach(): Promise<Result> {
  const tried = new Set<string>();
  let sent = 0;
  let reached = true;
  while (reached) {
    const message = unsent().find((one) => !tried.has(one.id));
    if (!message) break;
    tried.add(message.id);
    try {
      heard(message, await post(message.path, bodyOf(message)));
      drop(message.id);
      sent++;
    } catch (trouble) {
      if (!(trouble instanceof Refused)) reached = false;
      // one that causes an error on the server does not block the others
      else if (trouble.status === 429) break;
      else if (trouble.status < 500) put(waiting().map((one) => (one.id === message.id ? { ...one, refused: trouble.sentences } : one)));
    }
  }
  const result = { sent, left: unsent().length };
  if (tried.size) for (const hear of hearers) hear(result, reached);
  return result;
}

// Closing waits until the request itself has its code.
const needsCode = (message: Message): boolean => message.request !== undefined && message.path !== "/app/requests/keep";
const ready = (message: Message): boolean => !needsCode(message) || Boolean(request(message.request!)?.code);

function bodyOf(message: Message): Record<string, unknown> {
  if (message.path === "/app/sealed") return message.body; // no name: nothing links it to this phone
  const code = needsCode(message) ? { code: request(message.request!)?.code } : {};
  return { ...message.body, ...code, id: message.id };
}

function heard(message: Message, answer: Record<string, unknown>): void {
  if (message.path === "/app/requests/keep" && message.request) {
    changeRequest(message.request, { code: String(answer.code) });
  }
}
