// Rounds and meetings in the tablet's store, and the results of sending.

import { putOut, type Waiting } from "../outbox";
import { db } from "../store";
import { askForBackgroundSync, askJson, sendAll } from "../sync";
import { language } from "../words";
import { encrypt } from "./handover";
import { emptied, type Meeting, type Round, sending } from "./model";

export async function rounds(): Promise<Round[]> {
  await readAnswers();
  return (await db()).getAll("rounds");
}

// Fetch a round by its code; the sentences why it cannot be opened.
export async function fetchRound(code: string): Promise<Round | string[]> {
  const { status, body } = await askJson<Round>(`rounds/${code}.json`, language());
  if (status !== 200) return body.problems ?? [String(status)];
  await (await db()).put("rounds", body);
  return body;
}

export async function meetingsOf(person: string): Promise<Meeting[]> {
  await readAnswers();
  return (await (await db()).getAll("meetings")).filter((one) => one.person === person);
}

// Written to the disk before this returns, so that a power loss costs nothing.
export async function keepMeeting(meeting: Meeting): Promise<void> {
  const tx = (await db()).transaction("meetings", "readwrite", { durability: "strict" });
  await tx.store.put({ ...meeting, updated: Date.now() });
  await tx.done;
}

export async function outOf(person: string): Promise<Waiting[]> {
  return (await (await db()).getAll("outbox")).filter((one) => one.person === person && one.state !== "sent");
}

// Read the server's answers, also to the worker's sending: a meeting that arrived keeps no votes here, one that
// was refused can be corrected.
async function readAnswers(): Promise<void> {
  const store = await db();
  for (const one of await store.getAll("outbox")) {
    const meeting = one.path.endsWith("/meeting") ? await store.get("meetings", one.id) : undefined;
    if (one.state === "sent") {
      const answer = one.answer as { round?: Round } | undefined;
      if (answer?.round) await store.put("rounds", answer.round);
      if (meeting) await keepMeeting(emptied(meeting));
      await store.delete("outbox", one.id);
    } else if (one.state === "refused" && meeting?.state === "sending") {
      await keepMeeting({ ...meeting, state: "open", problems: one.problems });
      await store.delete("outbox", one.id);
    }
  }
  // what another tablet took over and sent is not kept here either
  for (const meeting of await store.getAll("meetings")) {
    const round = meeting.state === "handed" ? await store.get("rounds", meeting.code) : undefined;
    if (round?.sent.includes(meeting.kind)) await keepMeeting(emptied(meeting));
  }
}

export async function sendMeeting(meeting: Meeting): Promise<void> {
  await keepMeeting({ ...meeting, state: "sending", problems: undefined });
  await putOut({ id: meeting.id, person: meeting.person, path: `rounds/${meeting.code}/meeting`, body: sending(meeting), language: language() });
  await go();
}

export async function handOver(meeting: Meeting, number: string): Promise<void> {
  const ciphertext = await encrypt({ ...meeting, state: "open" }, number);
  await putOut({ id: `handover-${meeting.id}`, person: meeting.person, path: `rounds/${meeting.code}/handover`, body: { kind: meeting.kind, ciphertext }, language: language() });
  await keepMeeting({ ...meeting, state: "handed" });
  await go();
}

export async function sendSession(id: string, person: string, body: unknown): Promise<void> {
  await putOut({ id, person, path: "sessions", body, language: language() });
  await go();
}

async function go(): Promise<void> {
  void askForBackgroundSync();
  void sendAll();
}

export async function forgetOut(id: string): Promise<void> {
  await (await db()).delete("outbox", id);
}
