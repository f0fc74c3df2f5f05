// Report an experience in five taps: which service, where, received or not, what was paid, when.
import { useEffect, useState } from "preact/hooks";
import { commune, service } from "../state";
import { drop, queue, waiting } from "../send";
import { read, write } from "../store";
import { before, today } from "../../../../../frontend/shared/workdays";
import { own, t, type Word } from "../words";
import type { Commune, Office } from "../types";
import { Choices, CommunePicker, DayField, Heard, Problems, type Chosen } from "./asking";
import { Ear, Screen, ServiceList } from "./parts";
import { amountOf, OptionField, PaidField, ReceiptField, standard, VisitsField, type PaidAnswer } from "./outcome";

type Got = "received" | "open" | "refused" | "abandoned";
interface Draft {
  service: string;
  option: string;
  place: Chosen | null;
  provider: string;
  got?: Got;
  paid: PaidAnswer;
  askedOn: string;
  receivedOn: string;
  visits: number | null;
  receipt: boolean | null;
  step: number;
  id?: string; // a message that the server did not take, being changed
}

const GOT: [Got, Word][] = [["received", "gotIt"], ["open", "notYet"], ["refused", "refusedState"], ["abandoned", "abandonedState"]];
const STEPS = 5;
const fresh = (code: string): Draft => ({
  service: code, option: "", place: null, provider: "", paid: { amount: "" }, askedOn: "", receivedOn: "", visits: null, receipt: null, step: code ? 2 : 1,
});

export function Tell({ code }: { code: string }) {
  // kept while it is written: an interruption loses nothing
  const [draft, setDraft] = useState<Draft>(() => {
    const kept = read<Draft | null>("tell", null);
    return kept && (!code || kept.service === code) ? kept : fresh(service(code) ? code : "");
  });
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState("");
  const [offices, setOffices] = useState<Office[]>([]);
  const place = draft.place?.code;
  useEffect(() => {
    setOffices([]);
    if (place) commune(place).then((details: Commune) => setOffices(details.offices), () => undefined);
  }, [place]);
  const set = (change: Partial<Draft>) => {
    const now = { ...draft, ...change };
    setProblem("");
    setDraft(now);
    write("tell", now);
  };
  const refused = draft.id ? waiting().find((one) => one.id === draft.id)?.refused : undefined;
  if (done) return <Done again={() => { set(fresh("")); setDone(false); }} />;
  const asked = service(draft.service);
  const row = asked && standard(draft.service, draft.option, offices, draft.provider);
  const choices = offices.filter((one) => one.kind === asked?.kind);
  const send = () => {
    const received = draft.got === "received";
    if (!draft.askedOn) return setProblem(t("dayNeeded"));
    if (draft.askedOn > today()) return setProblem(t("dayFuture"));
    if (received && !draft.receivedOn) return setProblem(t("dayNeeded"));
    if (received && draft.receivedOn > today()) return setProblem(t("dayFuture"));
    if (received && draft.receivedOn < draft.askedOn) return setProblem(t("dayOrder"));
    const kept = queue("/app/tell", {
      service: draft.service, option: draft.option, commune: draft.place!.code, provider: draft.provider, status: draft.got,
      asked_on: draft.askedOn, received_on: received ? draft.receivedOn : "", fee_paid: amountOf(draft.paid, row) ?? null,
      currency: row?.currency ?? "KHR", visits: draft.visits, receipt: draft.receipt,
    }, draft.id ? { id: draft.id } : {});
    if (!kept) return setProblem(t("notKept"));
    write("tell", null);
    setDraft(fresh(""));
    setDone(true);
  };
  const pickPlace = (one: Chosen) => set({ place: { code: one.code, name: one.name }, provider: "", step: 3 });
  const paidNext = () => (amountOf(draft.paid, row) === undefined ? setProblem(t("amountWrong")) : set({ step: 5 }));
  const lastPlace = read<Chosen | null>("commune", null);
  return (
    <Screen title={t("tellUs")} back={asked ? `#/s/${draft.service}` : "#/"}>
      <p class="quiet">{t("step", { n: draft.step, m: STEPS })} · {t("tellNoName")}</p>
      <progress value={draft.step} max={STEPS} aria-label={t("step", { n: draft.step, m: STEPS })} />
      {asked && draft.step > 1 && <p><strong>{own(asked.name)}</strong> <Ear names={[`service:${asked.code}`]} words={own(asked.name)} />{draft.place && draft.step > 2 && ` · ${draft.place.name}`}</p>}
      {refused && <Problems sentences={refused} />}
      {draft.step === 1 && <><h2><Heard say="say:service.choose" words={t("tellService")} /></h2><ServiceList onPick={(one) => set({ service: one.code, option: "", step: 2 })} /></>}
      {draft.step === 2 && (
        <>
          <h2><Heard say="say:app.commune" words={t("tellCommune")} /></h2>
          {lastPlace && <p><button type="button" class="chip" onClick={() => pickPlace(lastPlace)}>{lastPlace.name}</button></p>}
          <CommunePicker onPick={pickPlace} />
        </>
      )}
      {draft.step === 3 && (
        <>
          <OptionField code={draft.service} value={draft.option} onPick={(option) => set({ option })} />
          {choices.length > 1 && (
            <Choices say="say:app.office" legend={t("tellOffice")} value={draft.provider} onPick={(provider) => set({ provider })} choices={choices.map((one) => ({ value: one.code, label: own(one.name) }))} />
          )}
          <Choices<Got> say="say:app.got" legend={t("tellGot")} value={draft.got} onPick={(got) => set({ got, ...(ready(draft, choices) ? { step: 4 } : {}) })}
            choices={GOT.map(([value, word]) => ({ value, label: t(word), say: [`say:app.got.${value}`] }))} />
          {draft.got && <p><button type="button" class="button" disabled={!ready(draft, choices)} onClick={() => set({ step: 4 })}>{t("next")}</button> <Ear names={["say:app.next"]} words={t("next")} /></p>}
        </>
      )}
      {draft.step === 4 && (
        <>
          <PaidField row={row} value={draft.paid} problem={problem}
            onChange={(paid) => set({ paid, ...(paid.paid === "less" || paid.paid === "more" || paid.paid === draft.paid.paid ? {} : { step: 5 }) })} />
          {draft.paid.paid && <p><button type="button" class="button" onClick={paidNext}>{t("next")}</button> <Ear names={["say:app.next"]} words={t("next")} /></p>}
        </>
      )}
      {draft.step === 5 && (
        <>
          <h2>{t("tellDays")}</h2>
          <DayField say="say:app.asked" label={t("askedOn")} value={draft.askedOn} onChange={(askedOn) => set({ askedOn, receivedOn: draft.receivedOn || (askedOn === before(0) ? askedOn : "") })} />
          {draft.got === "received" && <DayField say="say:app.received" label={t("receivedOn")} value={draft.receivedOn} quick={3} onChange={(receivedOn) => set({ receivedOn })} />}
          <VisitsField value={draft.visits} onPick={(visits) => set({ visits })} />
          <ReceiptField value={draft.receipt} onPick={(receipt) => set({ receipt })} />
          {problem && <p class="problem" role="alert">{problem}</p>}
          <p><button type="button" class="button" onClick={send}>{t("tellSend")}</button> <Ear names={["say:app.send"]} words={t("tellSend")} /></p>
        </>
      )}
      {draft.step > 1 && <p><button type="button" class="link" onClick={() => set({ step: draft.step - 1 })}>‹ {t("back")}</button></p>}
      <p><a href="#/danger">{t("dangerShort")}</a></p>
    </Screen>
  );
}

const ready = (draft: Draft, offices: Office[]): boolean =>
  ((service(draft.service)?.options.length ?? 0) < 2 || Boolean(draft.option)) && (offices.length < 2 || Boolean(draft.provider));

function Done({ again }: { again: () => void }) {
  const queued = waiting().some((one) => one.path === "/app/tell");
  return (
    <Screen title={t("tellUs")}>
      <p class="done" role="status">{t(queued ? "tellKept" : "tellThanks")} <Ear names={["say:tell.thanks"]} words={t("tellThanks")} /></p>
      <p class="actions"><button type="button" class="button" onClick={again}>{t("tellAgain")}</button> <a class="button button--quiet" href="#/">{t("home")}</a></p>
    </Screen>
  );
}

// A message that the server refused comes back as a draft, with everything that was entered.
export function changeRefused(id: string): void {
  const message = waiting().find((one) => one.id === id);
  if (!message || message.path !== "/app/tell") return drop(id);
  const body = message.body as Record<string, string | number | null>;
  const text = (name: string) => String(body[name] ?? "");
  write("tell", {
    ...fresh(text("service")), option: text("option"), place: { code: text("commune"), name: text("commune") }, provider: text("provider"),
    got: text("status") as Got, askedOn: text("asked_on"), receivedOn: text("received_on"), visits: body.visits as number | null, step: 3, id,
    paid: { paid: body.fee_paid === null ? "unknown" : body.fee_paid === 0 ? "nothing" : "more", amount: text("fee_paid") },
  } satisfies Draft);
  location.hash = "#/tell";
}
