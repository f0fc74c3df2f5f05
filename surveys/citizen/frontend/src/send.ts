// Messages wait on the phone until the server has them, in order; without a network they stay.
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
  constructor(readonly said: Record<string, string[]>, readonly status: number) {
    super("refused");
  }
}

export async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(path, {
    method: "POST",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    headers: { "Content-Type": "application/json", "X-Language": language() },
    body: JSON.stringify(body),
  });
  const told = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Refused((told.errors ?? {}) as Record<string, string[]>, response.status);
  return told;
}

let sending: Promise<void> | null = null;

export function sendAll(): Promise<void> {
  sending ??= sendEach().finally(() => {
    sending = null;
  });
  return sending;
}

async function sendEach(): Promise<void> {
  const tried = new Set<string>();
  for (;;) {
    const message = waiting().find((one) => !one.refused && !tried.has(one.id) && ready(one));
    if (!message) return;
    tried.add(message.id);
    try {
      heard(message, await post(message.path, bodyOf(message)));
      drop(message.id);
    } catch (trouble) {
      if (!(trouble instanceof Refused) || trouble.status === 429 || trouble.status >= 500) return;
      put(waiting().map((one) => (one.id === message.id ? { ...one, refused: trouble.said } : one)));
    }
  }
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
