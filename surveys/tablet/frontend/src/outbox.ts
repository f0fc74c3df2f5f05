// The queue of JSON to be sent besides records of forms: meetings, sessions and the like. The page
// and the service worker send it with everything else (sync.ts).

import { db } from "./store";

export interface Waiting {
  id: string;
  person: string;
  // below the tablet's own address: "rounds/123456/meeting"
  path: string;
  body: unknown;
  state: "ready" | "sent" | "refused";
  language: string;
  problems?: string[];
  answer?: unknown;
}

export async function waitingToSend(): Promise<Waiting[]> {
  return (await (await db()).getAll("outbox")).filter((one) => one.state === "ready");
}

export async function putOut(one: Omit<Waiting, "state">): Promise<void> {
  await (await db()).put("outbox", { ...one, state: "ready" });
}

// Send one; false where the network or the server did not answer. What the server refuses is kept
// with its sentences, for a person to correct.
export async function sendWaiting(key: string, one: Waiting, post: (path: string, body: string, language: string) => Promise<Response>): Promise<boolean> {
  const answer = await post(`${key}/${one.path}`, JSON.stringify(one.body), one.language);
  if (!answer.headers.has("X-OpenRosa-Version")) return false;
  const store = await db();
  if (answer.status === 201 || answer.status === 200) {
    await store.put("outbox", { ...one, body: null, state: "sent", answer: await answer.json() });
    return true;
  }
  if (answer.status < 400 || answer.status === 403 || answer.status >= 500) return false;
  const body = (await answer.json()) as { problems?: string[] };
  await store.put("outbox", { ...one, state: "refused", problems: body.problems ?? [String(answer.status)] });
  return true;
}
