// One request: in its time, due, late, or closed; and what one can do when it is late.
import { useState } from "preact/hooks";
import { changed } from "../state";
import { canPush, remindNoMore, remindWhenClosed } from "../push";
import { queue, waiting } from "../send";
import { service } from "../state";
import { changeRequest, dropRequest, request } from "../store";
import { today } from "../../../../../frontend/shared/workdays";
import { day, own, t } from "../words";
import type { Kept, Office } from "../types";
import { Choices, DayField } from "./asking";
import { Ear, Screen } from "./parts";
import { amountOf, PaidField, ReceiptField, standard, useMoney, VisitsField } from "./outcome";
import { PromisedDay, stands } from "./requests";
import { useCommune } from "./services";
import { save } from "./share";

export function OneRequest({ id }: { id: string }) {
  const kept = request(id);
  const [closing, setClosing] = useState(false);
  const [isReported, setReported] = useState(false);
  if (!kept) return <Screen title={t("noRequests")} back="#/requests"><p /></Screen>;
  const asked = service(kept.service);
  const now = stands(kept);
  const late = kept.state === "open" && kept.promised !== null && kept.promised < today();
  const still = () => {
    if (kept.server) queue("/app/requests/waiting", {}, { request: id });
    setReported(true);
  };
  const remove = () => {
    if (!confirm(t("deleteSure"))) return;
    void remindNoMore(id);
    dropRequest(id);
    changed();
    location.hash = "#/requests";
  };
  return (
    <Screen title={asked ? own(asked.name) : kept.service} back="#/requests">
      <p class={`state state--${now.kind}`} role="status">{now.word}
        {late && <Ear names={["say:request.late"]} words={now.word} />}
      </p>
      <p>{t("askedOn")}: <strong>{day(kept.askedOn)}</strong>{kept.place && ` · ${kept.place}`}</p>
      {kept.state === "open" && <PromisedDay until={kept.promised} askedOn={kept.askedOn} working={standard(kept.service, kept.option)?.dayKind !== "calendar"} />}
      {kept.server && <Code kept={kept} />}
      {kept.state === "open" && !closing && (
        <p class="actions">
          <button type="button" class="button" onClick={() => setClosing(true)}>{t("gotIt")}</button>
          <button type="button" class="button button--quiet" onClick={still}>{t("notYet")}</button>
        </p>
      )}
      {isReported && <p role="status" class="done">{t("waitingTold")}</p>}
      {kept.state === "open" && closing && <Close kept={kept} />}
      {kept.state === "open" && (late || isReported) && <Advice kept={kept} />}
      {kept.state !== "open" && <p class="done">{t("closedThanks")}</p>}
      {kept.state === "open" && <Remind kept={kept} />}
      <p><button type="button" class="link" onClick={remove}>{t("deleteRequest")}</button></p>
    </Screen>
  );
}

function Code({ kept }: { kept: Kept }) {
  if (!kept.code) {
    const refused = waiting().find((one) => one.id === kept.id)?.refused;
    return <p class="notice">{refused ? Object.values(refused).flat().join(" ") : t("codeComing")}</p>;
  }
  const spaced = kept.code.replace(/(.{4})/g, "$1 ").trim();
  const text = () => save(new Blob([`${t("code")}: ${kept.code}\n${t("askedOn")}: ${day(kept.askedOn)}\n`], { type: "text/plain" }), "request.txt");
  return (
    <section class="card">
      <p>{t("code")}: <strong class="big code">{spaced}</strong></p>
      <p class="quiet">{t("codeKeep")}</p>
      <button type="button" class="chip" onClick={text}>{t("saveCode")}</button>
    </section>
  );
}

// While the app is closed by web push, else when it is opened; refused once, it is not asked again.
function Remind({ kept }: { kept: Kept }) {
  const [message, setMessage] = useState("");
  const notifies = "Notification" in window && Notification.permission !== "denied";
  if (kept.pushed) return <p class="quiet" role="status">{t("remindedClosed", { day: kept.promised ? day(kept.promised) : "" })}</p>;
  if (!notifies || !kept.promised || kept.promised < today()) return null;
  const ask = () =>
    canPush()
      ? void remindWhenClosed(kept.id).then((done) => setMessage(done ? "" : t("remindedOpen")))
      : void Notification.requestPermission().then(() => setMessage(t("remindedOpen")));
  return <><p><button type="button" class="chip" onClick={ask}>{t("remindMe")}</button></p><p role="status">{message}</p></>;
}

function Advice({ kept }: { kept: Kept }) {
  const here = useCommune(kept.commune || undefined);
  const kind = service(kept.service)?.kind;
  const own_ = (one: Office): boolean => (kept.provider ? one.code === kept.provider : one.kind === kind);
  const offices = here?.offices.filter((one) => own_(one) && one.phone) ?? [];
  return (
    <section class="card">
      <h2>{t("waitingTitle")}</h2>
      <ul>
        <li>{kept.promised ? t("waitingGo", { day: day(kept.promised) }) : t("waitingGoNoDay")}</li>
        <li>{t("waitingReceipt")}</li>
        {offices.map((one) => <li key={one.code}>{t("waitingCall", { office: own(one.name) })} <a href={`tel:${one.phone}`}>{one.phone}</a></li>)}
        {!offices.length && <li>{t("waitingNoPhone")}</li>}
        <li>{t("waitingOmbudsman")}</li>
      </ul>
    </section>
  );
}

function Close({ kept }: { kept: Kept }) {
  const [state, setState] = useState<"received" | "refused" | "abandoned">("received");
  const [on, setOn] = useState(today());
  const [visits, setVisits] = useState<number | null>(null);
  const [receipt, setReceipt] = useState<boolean | null>(null);
  const [count, setCount] = useState(true);
  const [problem, setProblem] = useState("");
  const money = useMoney();
  const row = standard(kept.service, kept.option);
  const close = (event: Event) => {
    event.preventDefault();
    const received = state === "received";
    if (received && (!on || on > today())) return setProblem(t(on ? "dayFuture" : "dayNeeded"));
    if (received && on < kept.askedOn) return setProblem(t("dayOrder"));
    const amount = amountOf(money.paid, row);
    if (amount === undefined) return money.setProblem(t("amountWrong"));
    const body = { status: state, received_on: received ? on : "", fee_paid: amount, currency: row?.currency ?? "KHR", visits, receipt };
    const keptAll = kept.server
      ? queue("/app/requests/close", body, { request: kept.id })
      : !count || !kept.commune || queue("/app/tell", { ...body, service: kept.service, option: kept.option, commune: kept.commune, provider: kept.provider, asked_on: kept.askedOn });
    if (!keptAll) return setProblem(t("notKept"));
    void remindNoMore(kept.id);
    changeRequest(kept.id, { state, receivedOn: received ? on : "" });
    changed();
  };
  return (
    <form onSubmit={close} class="card">
      <h2>{t("closeRequest")}</h2>
      <Choices legend={t("tellGot")} value={state} onPick={setState}
        choices={[{ value: "received", label: t("gotIt") }, { value: "refused", label: t("refusedState") }, { value: "abandoned", label: t("abandonedState") }]} />
      {state === "received" && <DayField label={t("receivedOn")} value={on} quick={3} problem={problem} onChange={(iso) => { setOn(iso); setProblem(""); }} />}
      <PaidField row={row} value={money.paid} onChange={money.setPaid} problem={money.problem} />
      <VisitsField value={visits} onPick={setVisits} />
      <ReceiptField value={receipt} onPick={setReceipt} />
      {!kept.server && kept.commune && (
        <label class="switch"><input type="checkbox" checked={count} onChange={(e) => setCount(e.currentTarget.checked)} /><span>{t("countIt")}</span></label>
      )}
      {problem && state !== "received" && <p class="problem" role="alert">{problem}</p>}
      <button class="button">{t("closeRequest")}</button>
    </form>
  );
}
