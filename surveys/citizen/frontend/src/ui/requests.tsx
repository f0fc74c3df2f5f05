// My requests: the list, and a new one.
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icons";
import { book, changed, holidays, service } from "../state";
import { post, queue, Refused } from "../send";
import { keepRequest, randomName, read, requests } from "../store";
import { promised, today, workdays } from "../../../../../frontend/shared/workdays";
import { day, own, t } from "../words";
import type { Book, Commune, Kept } from "../types";
import { Choices, CommunePicker, DayField, Problems, type Chosen } from "./asking";
import { Screen, ServiceList } from "./parts";
import { OptionField, standard } from "./outcome";
import { commune } from "../state";

export function stands(kept: Kept): { word: string; kind: string } {
  if (kept.state === "received") return { word: `${t("gotIt")} · ${day(kept.receivedOn)}`, kind: "good" };
  if (kept.state !== "open") return { word: t(kept.state === "refused" ? "refusedState" : "abandonedState"), kind: "quiet" };
  if (!kept.promised) return { word: t("notYet"), kind: "quiet" };
  if (kept.promised > today()) return { word: `${t("stillTime")} · ${day(kept.promised)}`, kind: "good" };
  if (kept.promised === today()) return { word: t("dueToday"), kind: "due" };
  const late = workdays(kept.promised, today(), holidays());
  return { word: late ? t("overdue", { n: late }) : t("overduePlain"), kind: "late" };
}

export function Requests() {
  const list = requests();
  return (
    <Screen title={t("myRequests")}>
      {!list.length && <p>{t("noRequests")} {t("followHelp")}</p>}
      <ul class="rows">
        {list.map((kept) => {
          const now = stands(kept);
          const asked = service(kept.service);
          return (
            <li key={kept.id}>
              <a href={`#/requests/${kept.id}`} class="request">
                <Icon name={kept.service} other={asked?.kind} />
                <span><strong>{asked ? own(asked.name) : kept.service}</strong><br /><span class={`state state--${now.kind}`}>{now.word}</span></span>
              </a>
            </li>
          );
        })}
      </ul>
      <p class="actions"><a class="button" href="#/requests/new">{t("newRequest")}</a></p>
      <ByCode />
    </Screen>
  );
}

// A request that another phone, or the hotline, keeps under a code.
function ByCode() {
  const [code, setCode] = useState("");
  const [refused, setRefused] = useState<Record<string, string[]> | null>(null);
  const find = async (event: Event) => {
    event.preventDefault();
    try {
      const now = await post("/app/requests/find", { code });
      const kept: Kept = {
        id: randomName(), service: String(now.service), option: String(now.option), commune: String(now.commune), place: "",
        provider: "", askedOn: String(now.asked_on), promised: (now.promised as string | null) ?? null, server: true, code,
        state: now.closed ? ((now.status as Kept["state"]) ?? "received") : "open", receivedOn: "", reminded: false,
      };
      keepRequest(kept);
      location.hash = `#/requests/${kept.id}`;
    } catch (trouble) {
      setRefused(trouble instanceof Refused ? trouble.sentences : { "": [t("offline")] });
    }
  };
  return (
    <details>
      <summary>{t("haveCode")}</summary>
      <form onSubmit={find}>
        <div class="field">
          <label for="code">{t("code")}</label>
          <input id="code" inputMode="numeric" autocomplete="off" maxLength={20} value={code} onInput={(e) => setCode(e.currentTarget.value)} />
        </div>
        {refused && <Problems sentences={refused} />}
        <button class="button">{t("findCode")}</button>
      </form>
    </details>
  );
}

export function NewRequest({ code }: { code: string }) {
  const [picked, setPicked] = useState(code);
  if (!picked || !service(picked)) {
    return <Screen title={t("tellService")} back="#/requests"><ServiceList onPick={(one) => setPicked(one.code)} /></Screen>;
  }
  return <Form key={picked} code={picked} />;
}

function Form({ code }: { code: string }) {
  const asked = service(code)!;
  const [option, setOption] = useState(asked.options[0]?.option ?? "");
  const [askedOn, setAskedOn] = useState(today());
  const [server, setServer] = useState<boolean>(false);
  const [place, setPlace] = useState<Chosen | null>(() => read("commune", null));
  const [here, setHere] = useState<Commune | null>(null);
  const [office, setOffice] = useState("");
  const [number, setNumber] = useState("");
  const [wanted, setWanted] = useState("sms");
  const [consent, setConsent] = useState(false);
  const [seen, setSeen] = useState(false);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (place) commune(place.code).then(setHere, () => setHere(null));
  }, [place?.code]);
  const row = standard(code, option, here?.offices, office);
  const until = promised(askedOn, row?.days ?? null, row?.dayKind ?? "", holidays());
  const offices = here?.offices.filter((one) => one.kind === asked.kind) ?? [];
  const save = (event: Event) => {
    event.preventDefault();
    if (!askedOn) return setProblem(t("dayNeeded"));
    if (askedOn > today()) return setProblem(t("dayFuture"));
    if (server && !place) return setProblem(t("chooseCommune"));
    const kept: Kept = {
      id: randomName(), service: code, option, commune: place?.code ?? "", place: place?.name ?? "", provider: office,
      askedOn, promised: until, server, code: "", state: "open", receivedOn: "", reminded: false,
    };
    if (!keepRequest(kept)) return setProblem(t("notKept"));
    if (server) {
      const contact = number.trim() ? { number, wanted, consent } : {};
      queue("/app/requests/keep", { service: code, option, commune: place!.code, provider: office, asked_on: askedOn, office_may_see: seen, ...contact }, { id: kept.id, request: kept.id });
    }
    changed();
    location.hash = `#/requests/${kept.id}`;
  };
  return (
    <Screen title={`${t("newRequest")}: ${own(asked.name)}`} back={`#/s/${code}`}>
      <form onSubmit={save}>
        <OptionField code={code} value={option} onPick={setOption} />
        <DayField label={t("askedOn")} value={askedOn} problem={problem} onChange={(iso) => { setAskedOn(iso); setProblem(""); }} />
        <PromisedDay until={until} askedOn={askedOn} working={row?.dayKind !== "calendar"} />
        <Choices<boolean> legend={t("save")} value={server} onPick={setServer}
          choices={[{ value: false, label: t("onlyPhone") }, { value: true, label: t("onServer") }]} />
        <p class="quiet">{t(server ? "onServerHelp" : "onlyPhoneHelp")}</p>
        {server && (
          <>
            <h2>{t("commune")}</h2>
            {place ? (
              <p><strong>{place.name}</strong> <button type="button" class="link" onClick={() => setPlace(null)}>{t("other")}</button></p>
            ) : (
              <CommunePicker onPick={setPlace} />
            )}
            {place && offices.length > 1 && (
              <Choices legend={t("tellOffice")} value={office} onPick={setOffice} choices={offices.map((one) => ({ value: one.code, label: own(one.name) }))} />
            )}
            <label class="switch">
              <input type="checkbox" checked={seen} onChange={(e) => setSeen(e.currentTarget.checked)} />
              <span>{t("officeMaySee")}</span>
            </label>
            <div class="field">
              <label for="number">{t("number")}</label>
              <input id="number" type="tel" autocomplete="off" value={number} onInput={(e) => setNumber(e.currentTarget.value)} />
            </div>
            {number && (
              <>
                <Choices legend={t("remindMe")} value={wanted} onPick={setWanted} choices={[{ value: "sms", label: t("bySms") }, { value: "call", label: t("byCall") }]} />
                <label class="switch">
                  <input type="checkbox" checked={consent} onChange={(e) => setConsent(e.currentTarget.checked)} />
                  <span>{t("consent")}</span>
                </label>
              </>
            )}
          </>
        )}
        {problem && <p class="problem" role="alert">{problem}</p>}
        <p class="actions"><button class="button" disabled={Boolean(number) && server && !consent}>{t("save")}</button></p>
      </form>
    </Screen>
  );
}

// A feast of several days is named once: "Water Festival 23/11/2026, 24/11/2026".
function named(off: Book["holidays"]): string {
  const days = new Map<string, string[]>();
  for (const [date, km, en] of off) {
    const name = own([km, en]);
    days.set(name, [...(days.get(name) ?? []), day(date)]);
  }
  return [...days].map(([name, dates]) => `${name} ${dates.join(", ")}`).join(" · ");
}

export function PromisedDay({ until, askedOn, working }: { until: string | null; askedOn: string; working: boolean }) {
  if (!until) return <p class="notice">{t("promisedUnknown")}</p>;
  const between = working ? book().holidays.filter((one) => one[0] > askedOn && one[0] <= until) : [];
  return (
    <div class="notice" role="status">
      <p>{t("promisedOn")}: <strong class="big">{day(until)}</strong></p>
      {between.length > 0 && <p>{t("holidaysCounted", { days: named(between) })}</p>}
      {between.some((one) => !one[3]) && <p class="quiet">{t("holidaysPredicted")}</p>}
    </div>
  );
}
