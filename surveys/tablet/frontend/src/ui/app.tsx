import { useEffect, useRef, useState } from "preact/hooks";
import { keepTrying } from "../../../../../frontend/shared/network";
import { form as loadForm, keepRecord, keepSetting, record, setting, type Person } from "../store";
import {
  askForBackgroundSync, enrolment, fetchEverything, onSent, sendAll, type Sent, SyncError, type Trouble,
} from "../sync";
import type { Bundle, Saved } from "../types";
import { language, LANGUAGES, speak, type Spoken, t } from "../words";
import type { Interview } from "../xform";
import { Enrol } from "./enrol";
import { Home } from "./home";
import { Notice } from "./parts";
import { People } from "./people";
import { Queue } from "./queue";

type Where = "home" | "queue" | { Rounds: typeof import("../rounds/rounds").Rounds } | { saved: Saved; interview: Interview; Fill: typeof import("./fill").Fill };
// Interviews are a script of their own, so that the tablet's first screen need not wait for it.
const filling = () => import("./fill");
// So are meetings and information sessions.
const meeting = () => import("../rounds/rounds");
const LOCK_AFTER = 15 * 60_000;

// The message above the home screen: a fault until it is over, or a confirmation.
type Message = Trouble | "saved" | "synced" | "missingForm" | "broken";
const isTrouble = (message: Message | undefined) => message && !["saved", "synced", "missingForm"].includes(message);
const sentence = (message: Message) => t(message === "enrol" ? "enrolGone" : message);

export function App(props: { update: (() => void) | null }) {
  const [enrolled, setEnrolled] = useState<boolean>();
  const [person, setPerson] = useState<Person>();
  const [where, go] = useState<Where>("home");
  const [again, setAgain] = useState(0);
  const [busy, setBusy] = useState(false);
  const [message, tell] = useState<Message>();
  const [, spoken] = useState<Spoken>(language());
  const changed = () => setAgain((n) => n + 1);

  useEffect(() => {
    void enrolment().then((key) => setEnrolled(Boolean(key)));
  }, []);

  // The coordinator took this tablet out of use: nothing is left on it but this message.
  const leave = () => {
    setPerson(undefined);
    go("home");
    setEnrolled(false);
    tell("erased");
  };

  // Show the result of sending, also of the worker's. A missing network is shown only to a person
  // who asked for sending: it is the usual state here and ends by itself.
  const hear = (result: Sent, asked: boolean) => {
    if (result.trouble === "erased") return leave();
    if (result.trouble && (asked || result.trouble !== "offline")) tell(result.trouble);
    else if (result.sent && !result.trouble) tell((before) => (isTrouble(before) ? undefined : before));
    changed();
  };
  // Records send themselves, whatever the browser believes about the network.
  useEffect(() => {
    const trying = keepTrying(() => sendAll({ ifFree: true }));
    const deaf = onSent((result) => {
      trying.heard(result);
      hear(result, false);
    });
    return () => {
      trying.stop();
      deaf();
    };
  }, []);

  // A tablet that is put down is locked, so that the next person asks for their own PIN.
  useEffect(() => {
    let left = 0;
    const watch = () => {
      if (document.visibilityState === "hidden") left = Date.now();
      else if (left && Date.now() - left > LOCK_AFTER) setPerson(undefined);
    };
    document.addEventListener("visibilitychange", watch);
    return () => document.removeEventListener("visibilitychange", watch);
  }, []);

  async function sync() {
    setBusy(true);
    tell(undefined);
    try {
      const result = await sendAll();
      if (result.trouble === "erased") return leave();
      await fetchEverything();
      tell(result.trouble ?? "synced");
    } catch (error) {
      if (error instanceof SyncError && error.trouble === "erased") return leave();
      tell(error instanceof SyncError ? error.trouble : "server");
    } finally {
      setBusy(false);
      changed();
    }
  }

  // On a slow tablet a finger taps twice before the screen has changed: that is one record.
  const beginning = useRef(false);
  async function begin(chosen: Bundle["forms"][number]) {
    if (beginning.current) return;
    beginning.current = true;
    try {
      await beginOne(chosen);
    } catch {
      tell("broken");
    } finally {
      beginning.current = false;
    }
  }

  async function beginOne(chosen: Bundle["forms"][number]) {
    const form = await loadForm(chosen.xmlFormId, chosen.version);
    if (!form || !person) return tell("missingForm");
    const { Fill, interviewOf } = await filling();
    const interview = await interviewOf(form, person);
    const time = Date.now();
    const saved: Saved = {
      id: interview.instanceId, person: person.username, formId: form.formId, version: form.version,
      title: form.title, state: "draft", xml: interview.xml(), step: 0, files: [], sentFiles: [],
      created: time, updated: time,
    };
    await keepRecord(saved);
    await navigator.storage?.persist?.();
    return go({ saved, interview, Fill });
  }

  // The place of a kept interview; "home", with a sentence there, when it cannot be opened.
  async function placeOf(saved: Saved, who: Person): Promise<Where> {
    try {
      const { Fill, openInterview } = await filling();
      const interview = await openInterview(saved, who);
      if (interview) return { saved, interview, Fill };
      tell("missingForm");
    } catch {
      tell("broken");
    }
    return "home";
  }

  async function open(saved: Saved) {
    if (person) go(await placeOf(saved, person));
  }

  async function finished() {
    go("home");
    tell("saved");
    changed();
    void askForBackgroundSync();
    hear(await sendAll(), true);
  }

  // After a killed tab the same person, once the PIN is right, returns to the same screen.
  async function enter(who: Person) {
    const left = await setting<string>(`at:${who.username}`);
    const stored = left ? await record(left) : undefined;
    const saved = stored?.person === who.username && ["draft", "returned"].includes(stored.state) ? stored : undefined;
    const place = saved ? await placeOf(saved, who) : "home";
    // only now, so that no other screen is shown on the way there and takes a tap
    setPerson(who);
    go(place);
    void filling();
  }

  useEffect(() => {
    if (person) void keepSetting(`at:${person.username}`, typeof where === "object" && "saved" in where ? where.saved.id : "");
  }, [where, person]);

  if (enrolled === undefined) return null;
  const screen = !enrolled ? (
    <Enrol onDone={() => { setEnrolled(true); tell(undefined); changed(); }} />
  ) : !person ? (
    <People onPerson={(who) => void enter(who)} onSync={() => void sync()} again={again} />
  ) : typeof where === "object" && "Rounds" in where ? (
    <where.Rounds person={person} onBack={() => { go("home"); changed(); }} />
  ) : typeof where === "object" ? (
    <where.Fill interview={where.interview} saved={where.saved}
      onClose={async () => { await keepSetting(`at:${person.username}`, ""); go("home"); changed(); }} onFinished={() => void finished()} />
  ) : where === "queue" ? (
    <Queue person={person} again={again} onBack={() => go("home")} onOpen={(s) => void open(s)} onChanged={changed} />
  ) : (
    <Home person={person} again={again} busy={busy} message={message && sentence(message)} bad={Boolean(isTrouble(message))} gone={message === "enrol"} onForm={(f) => void begin(f)}
      onRounds={() => void meeting().then(({ Rounds }) => go({ Rounds }))} onQueue={() => go("queue")} onSync={() => void sync()} onLeave={() => { setPerson(undefined); go("home"); tell(undefined); }}
      onEnrol={() => setEnrolled(false)} />
  );
  return (
    <>
      <div class="top">
        {props.update && <button type="button" onClick={props.update}>{t("update")}: {t("updateNow")}</button>}
        {(Object.keys(LANGUAGES) as Spoken[]).filter((l) => l !== language()).map((l) => (
          <button type="button" class="quiet" lang={l} onClick={() => { speak(l); spoken(l); }}>{l === "km" ? "ខ្មែរ" : "English"}</button>
        ))}
      </div>
      {(enrolled ? !person : message === "erased") && message && <Notice kind={isTrouble(message) ? "bad" : "plain"}>{sentence(message)}</Notice>}
      {screen}
    </>
  );
}
