// Communication between tablet and server: enrolment, forms and lists, the queue of records. Used
// by the page and by the service worker; a lock keeps the two from sending at once, and the sender
// tells every page, so that a refusal is never known to the worker alone.

import { timeLimit, type Result } from "../../../../frontend/shared/network";
import { sendWaiting, waitingToSend } from "./outbox";
import {
  changeRecord, db, file, forgetEverything, forgetFiles, form, keepFile, keepRecord, keepSetting, record, setting,
} from "./store";
import type { Bundle, Form, Returned, Saved } from "./types";

export interface Enrolment {
  token: string;
  projectId: number;
  key: string;
  name: string;
}

export type Trouble = "offline" | "server" | "portal" | "enrol" | "erased";

export class SyncError extends Error {
  constructor(readonly trouble: Trouble, readonly detail = "", readonly slow = false) {
    super(trouble);
  }
}

const HEADERS = { "X-OpenRosa-Version": "1.0" };
const WAIT = 30_000;
const LONGEST_WAIT = 600_000;

// Every request is given the time it takes at two kilobytes a second; forms and lists are not
// larger than LIST.
const waitFor = (bytes: number) => Math.min(LONGEST_WAIT, WAIT + bytes / 2);
const LIST = 180_000;
const PHOTO = 1_000_000;

async function ask(address: string, init: RequestInit = {}, bytes = LIST): Promise<Response> {
  try {
    return await fetch(address, {
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      signal: timeLimit(waitFor(bytes)),
      ...init,
      headers: { ...HEADERS, ...init.headers },
    });
  } catch (error) {
    throw offline(error);
  }
}

const offline = (error: unknown) => new SyncError("offline", "", (error as Error).name === "AbortError");

// Return our server's JSON, or the reason why it is not: a captive portal answers 200 with a page
// of its own.
async function json<T>(answer: Response): Promise<T> {
  if (answer.status === 401 || answer.status === 403) throw new SyncError("enrol");
  if (!answer.ok) throw new SyncError("server", String(answer.status));
  if (!answer.headers.get("Content-Type")?.includes("json")) throw new SyncError("portal");
  return readCompletely(() => answer.json() as Promise<T>);
}

// A body to its end: the line may break in the middle of it, or be too slow.
async function readCompletely<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof SyntaxError ? new SyncError("portal") : offline(error);
  }
}

// Return a file of ours; null where the server has none. A portal's page must never be kept in its
// place.
async function blob(answer: Response): Promise<Blob | null> {
  if (!answer.ok) return null;
  if (answer.headers.get("Content-Type")?.includes("text/html")) throw new SyncError("portal");
  return readCompletely(() => answer.blob());
}

// One answer of the server as JSON, for screens that cannot go on without it.
export async function askJson<T>(path: string, language: string): Promise<{ status: number; body: T & { problems?: string[] } }> {
  const enrolled = await enrolment();
  if (!enrolled) throw new SyncError("enrol");
  const answer = await ask(`${enrolled.key}/${path}`, { headers: { "Accept-Language": language } });
  if (!answer.headers.has("X-OpenRosa-Version")) throw new SyncError(answer.status >= 500 ? "server" : "portal");
  return { status: answer.status, body: await readCompletely(() => answer.json() as Promise<T & { problems?: string[] }>) };
}

export async function enrolment(): Promise<Enrolment | undefined> {
  return setting<Enrolment>("enrolment");
}

export async function enrol(code: string): Promise<Enrolment> {
  const answer = await ask("/v1/tablet/enrol", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (answer.status === 404 || answer.status === 429) throw new SyncError("enrol", String(answer.status));
  const got = await json<Enrolment>(answer);
  await keepSetting("enrolment", got);
  return got;
}

export async function bundle(): Promise<Bundle | undefined> {
  return setting<Bundle>("bundle");
}

// --- in: people, forms, lists, what was returned -------------------------------------------------

export async function fetchEverything(): Promise<Bundle> {
  const enrolled = await enrolment();
  if (!enrolled) throw new SyncError("enrol");
  const answer = await ask(`${enrolled.key}/tablet.json`);
  if (await isErased(enrolled, answer)) throw new SyncError("erased");
  const { nextToken, ...got } = await json<Bundle & { nextToken?: string }>(answer);
  if (nextToken) return fetchWithNewKey(enrolled, nextToken);
  await keepPeople(got);
  const before = await bundle();
  const forms: Bundle["forms"] = [];
  const troubles: SyncError[] = [];
  // one form or list that the server cannot give now does not delete the others
  const tried = async (fetching: Promise<unknown>) => {
    try {
      await fetching;
      return true;
    } catch (error) {
      if (!(error instanceof SyncError) || error.trouble !== "server") throw error;
      troubles.push(error);
      return false;
    }
  };
  for (const one of got.forms) {
    if (!one.tablet || (await tried(fetchForm(enrolled, one.xmlFormId, one.version, one.hash)))) forms.push(one);
    else forms.push(...(before?.forms.filter((f) => f.xmlFormId === one.xmlFormId) ?? []));
  }
  for (const list of got.lists) await tried(fetchList(enrolled, list.name, list.hash));
  await tried(fetchReturned(enrolled));
  await tried(fetchFollowUp());
  const kept = { ...got, forms };
  await keepSetting("bundle", kept);
  if (troubles[0]) throw troubles[0];
  await keepSetting("fetchedAt", Date.now());
  return kept;
}

// The commitments to be asked about at the quarterly follow-up.
export async function fetchFollowUp(): Promise<void> {
  const enrolled = await enrolment();
  if (!enrolled) throw new SyncError("enrol");
  await keepSetting("followUp", await json(await ask(`${enrolled.key}/follow-up.json`)));
}

// The server changed this tablet's key: keep the new one, then ask again with it. The old key
// works until the new one was used, so nothing is lost if the battery dies in between.
async function fetchWithNewKey(enrolled: Enrolment, token: string): Promise<Bundle> {
  await keepSetting("enrolment", { ...enrolled, token, key: `/v1/key/${token}/projects/${enrolled.projectId}` });
  return fetchEverything();
}

// A lost tablet, whose coordinator asked for it, is emptied at its next contact. Only our own
// server can order that, never a page of a captive portal.
async function isErased(enrolled: Enrolment, answer: Response): Promise<boolean> {
  if (answer.status !== 410 || !answer.headers.get("Content-Type")?.includes("json")) return false;
  const body = (await readCompletely(() => answer.json())) as { details?: { erase?: boolean } };
  if (!body.details?.erase) return false;
  await forgetEverything();
  await ask(`${enrolled.key}/erased`, { method: "POST" }).catch(() => undefined);
  return true;
}

// A key that is no longer known: was the tablet taken out of use, or does it need another code?
async function whyNotKnown(enrolled: Enrolment): Promise<Trouble> {
  const answer = await ask(`${enrolled.key}/tablet.json`).catch(() => undefined);
  return answer && (await isErased(enrolled, answer).catch(() => false)) ? "erased" : "enrol";
}

async function keepPeople(got: Bundle): Promise<void> {
  const store = await db();
  const named = new Set(got.people.map((person) => person.username));
  for (const { username, name, places } of got.people) {
    const old = await store.get("people", username);
    await store.put("people", { ...old, username, name, places, gone: false });
  }
  for (const old of await store.getAll("people")) {
    if (!named.has(old.username) && !old.gone) await store.put("people", { ...old, gone: true });
  }
}

async function fetchForm(enrolled: Enrolment, id: string, version: string, hash = ""): Promise<Form> {
  const old = await form(id, version);
  const seen = await setting<string>(`form:${id}:${version}`);
  if (old && (!hash || seen === hash)) return old;
  const path = `${enrolled.key}/forms/${encodeURIComponent(id)}`;
  const got = await json<Form>(await ask(`${path}/tablet.json?version=${encodeURIComponent(version)}`));
  const store = await db();
  for (const media of got.media) {
    if ((await store.get("media", [id, media.name]))?.hash === media.hash) continue;
    const image = await blob(await ask(`${path}/attachments/${encodeURIComponent(media.name)}`, {}, PHOTO));
    if (image) await store.put("media", { hash: media.hash, blob: image }, [id, media.name]);
  }
  await store.put("forms", got, [id, version]);
  await keepSetting(`form:${id}:${version}`, hash);
  return got;
}

async function fetchList(enrolled: Enrolment, name: string, hash: string): Promise<void> {
  const store = await db();
  if ((await store.get("lists", name))?.hash === hash) return;
  const got = await json<{ rows: [] }>(await ask(`${enrolled.key}/lists/${name}.json`));
  await store.put("lists", { name, hash, rows: got.rows });
}

async function fetchReturned(enrolled: Enrolment): Promise<void> {
  const got = await json<Returned[]>(await ask(`${enrolled.key}/returned.json`));
  for (const one of got) {
    const id = `returned:${one.currentInstanceId}`;
    if (await record(id)) continue;
    const base = `${enrolled.key}/returned/${encodeURIComponent(one.instanceId)}`;
    const xml = await (await blob(await ask(`${base}.xml`)))?.text();
    if (!xml) continue;
    const own = await fetchForm(enrolled, one.xmlFormId, one.version);
    for (const name of one.attachments) {
      const got = await blob(await ask(`${base}/attachments/${encodeURIComponent(name)}`, {}, PHOTO));
      if (got) await keepFile(id, name, got);
    }
    const time = Date.now();
    await keepRecord({
      id, person: one.username, formId: one.xmlFormId, version: one.version, title: own.title,
      state: "returned", xml, step: 0, files: [], sentFiles: [],
      created: time, updated: time, comment: one.comment, replaces: one.currentInstanceId,
    });
  }
}

// --- out: the queue --------------------------------------------------------------------------------

export interface Sent extends Result {
  trouble?: Trouble;
}

const CHANNEL = "sent";

// Call a function with the result of every sending, by this page, another one or the service
// worker.
export function onSent(heard: (result: Sent) => void): () => void {
  if (typeof BroadcastChannel === "undefined") return () => undefined;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event: MessageEvent<Sent>) => heard(event.data);
  return () => channel.close();
}

function tellPages(result: Sent): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(result);
  channel.close();
}

// Send every record that is ready, each on its own: one bad record never blocks the others.
// While another sends, wait for it and send what it left: it may have begun before this record
// was ready. `ifFree` leaves it to the other instead, and then the answer is null.
export async function sendAll(): Promise<Sent>;
export async function sendAll(how: { ifFree: true }): Promise<Sent | null>;
export async function sendAll(how?: { ifFree: true }): Promise<Sent | null> {
  if (!navigator.locks) return send();
  return navigator.locks.request("send", { ifAvailable: Boolean(how) }, async (lock) => (lock ? send() : null));
}

// Count the records that wait for the network, once a running sending has finished.
export async function waiting(): Promise<number> {
  return navigator.locks.request("send", async () => (await ready()).length + (await waitingToSend()).length);
}

async function ready(): Promise<Saved[]> {
  const all = await (await db()).getAll("records");
  return all.filter((r) => r.state === "ready" || r.state === "sending");
}

async function send(): Promise<Sent> {
  const enrolled = await enrolment();
  const all = await ready();
  const others = await waitingToSend();
  const result: Sent = { sent: 0, left: all.length + others.length };
  if (!result.left) return result;
  if (!enrolled) return { ...result, trouble: "enrol" };
  // what failed last time goes last: a record too large for this network does not block the others
  const turn = (one: Saved) => (one.problem ? 1 : 0);
  let slow = 0;
  for (const one of all.sort((a, b) => turn(a) - turn(b) || a.created - b.created)) {
    const claimed = await changeRecord(one.id, ["ready", "sending"], { state: "sending", triedAt: Date.now() });
    if (!claimed) continue;
    try {
      await sendOne(enrolled, claimed);
      result.sent++;
      result.left--;
      slow = 0;
    } catch (error) {
      const trouble = error instanceof SyncError ? error : new SyncError("server");
      await changeRecord(one.id, ["sending"], { state: "ready", problem: trouble.trouble });
      result.trouble = trouble.trouble === "enrol" ? await whyNotKnown(enrolled) : trouble.trouble;
      // without a network, or with a key that is no longer known, the next one fails too; one that
      // was too slow may only have been large
      slow += Number(trouble.slow);
      if (trouble.trouble !== "server" && (!trouble.slow || slow > 1)) break;
    }
  }
  if (!result.trouble || result.trouble === "server") await sendOthers(enrolled, result);
  if (!result.trouble) await keepSetting("sentAt", Date.now());
  tellPages(result);
  return result;
}

// Meetings and sessions, each on its own: one that the server refuses waits for a person.
async function sendOthers(enrolled: Enrolment, result: Sent): Promise<void> {
  const post = (path: string, body: string, language: string) =>
    ask(path, { method: "POST", body, headers: { "Content-Type": "application/json", "Accept-Language": language } }, body.length);
  for (const one of await waitingToSend()) {
    try {
      if (!(await sendWaiting(enrolled.key, one, post))) {
        result.trouble ??= "server";
        continue;
      }
      result.sent++;
      result.left--;
    } catch (error) {
      result.trouble = error instanceof SyncError ? error.trouble : "server";
      return;
    }
  }
}

async function sendOne(enrolled: Enrolment, saved: Saved): Promise<void> {
  const waiting = saved.files.filter((name) => !saved.sentFiles.includes(name));
  const done = [...saved.sentFiles];
  // photos travel one by one, so that a network that breaks loses one photo's time, not all
  for (const name of waiting.slice(0, -1)) {
    if (!(await post(enrolled, saved, name, true))) return;
    done.push(name);
    await changeRecord(saved.id, ["sending"], { sentFiles: [...done] });
  }
  await post(enrolled, saved, waiting[waiting.length - 1], false);
}

async function post(enrolled: Enrolment, saved: Saved, name: string | undefined, more: boolean): Promise<boolean> {
  const body = new FormData();
  body.append("xml_submission_file", new Blob([saved.xml], { type: "text/xml" }), "submission.xml");
  const photo = name ? await file(saved.id, name) : undefined;
  if (name && photo) body.append(name, photo, name);
  if (more) body.append("*isIncomplete*", "yes");
  const answer = await ask(`${enrolled.key}/submission?deviceID=tablet`, { method: "POST", body },
    saved.xml.length + (photo?.size ?? 0));
  const ours = answer.headers.has("X-OpenRosa-Version");
  if (ours && (answer.status === 201 || answer.status === 202)) {
    if (!more) await arrived(saved.id);
    return true;
  }
  if (ours && answer.status === 413 && name && photo && photo.size > 60_000) {
    const smaller = await shrink(photo, 800);
    if (smaller.size < photo.size) {
      await keepFile(saved.id, name, smaller);
      return post(enrolled, saved, name, more);
    }
  }
  if (ours && [400, 404, 409, 413].includes(answer.status)) {
    const reason = (await answer.text()).replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
    await changeRecord(saved.id, ["sending"], { state: "refused", problem: `${answer.status}: ${reason.slice(0, 300)}` });
    return false;
  }
  if (ours && (answer.status === 401 || answer.status === 403)) throw new SyncError("enrol");
  throw new SyncError(ours || answer.status >= 500 ? "server" : "portal", String(answer.status));
}

// Photos may be deleted only now, after the server's own answer.
async function arrived(id: string): Promise<void> {
  if (await changeRecord(id, ["sending"], { state: "sent", sentAt: Date.now(), problem: undefined })) {
    await forgetFiles(id);
  }
}

export async function shrink(photo: Blob, longest = 1280): Promise<Blob> {
  if (!photo.type.startsWith("image/") || typeof OffscreenCanvas === "undefined") return photo;
  try {
    const picture = await createImageBitmap(photo);
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
    canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.75 });
    return small.size < photo.size ? small : photo;
  } catch {
    // a file that is not a picture stays as it is: the server judges
    return photo;
  }
}

export async function askForBackgroundSync(): Promise<void> {
  const worker = (await navigator.serviceWorker?.ready) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  await worker?.sync?.register("send").catch(() => undefined);
}
