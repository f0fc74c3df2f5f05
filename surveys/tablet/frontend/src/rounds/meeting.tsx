import { useRef, useState } from "preact/hooks";
import { Notice, Screen } from "../ui/parts";
import { language, shown } from "../words";
import { Attendance } from "./attendance";
import { Criteria, nameOf } from "./criteria";
import { newNumber } from "./handover";
import { handOver, keepMeeting, sendMeeting } from "./keep";
import { kept, type Meeting, missing, type Round, today } from "./model";
import { playAll } from "./sounds";
import { Votes } from "./votes";
import { both, w } from "./words";

type Part = "attendance" | "standards" | "criteria" | "votes" | "notes" | "finish" | "handOver";
export type Change = (next: Meeting) => void;

export function MeetingScreen(props: { meeting: Meeting; round: Round; onBack: () => void }) {
  const [meeting, setMeeting] = useState(props.meeting);
  const [part, go] = useState<Part | null>(props.meeting.ballot ? "votes" : null);
  const [trouble, setTrouble] = useState(false);
  const order = useRef(Promise.resolve());
  // every answer is kept at once, one after the other
  const change: Change = (next) => {
    setMeeting(next);
    order.current = order.current.then(() => keepMeeting(next)).catch(() => setTrouble(true));
  };
  const own = meeting.kind === "self_assessment";
  const parts: Part[] = own ? ["attendance", "votes", "notes", "finish"] : ["attendance", "standards", "criteria", "votes", "notes", "finish"];
  const about: Partial<Record<Part, string>> = {
    attendance: w("came", { n: meeting.attendees.length }),
    standards: meeting.readOut ? "✓" : "",
    criteria: w("chosen", { n: kept(meeting).length }),
    votes: w("votedOf", { n: meeting.voted.length, m: meeting.attendees.length }),
  };
  const common = { meeting, round: props.round, onChange: change, onBack: () => go(null) };
  if (part === "attendance") return <Attendance {...common} />;
  if (part === "standards") return <Standards {...common} />;
  if (part === "criteria") return <Criteria {...common} />;
  if (part === "votes") return <Votes {...common} />;
  if (part === "notes") return <Notes {...common} />;
  if (part === "finish") return <Finish {...common} onSent={props.onBack} />;
  if (part === "handOver") return <HandOver {...common} settled={order.current} onDone={props.onBack} />;
  return (
    <Screen title={`${w(meeting.kind)} · ${both(props.round.provider.name)}`} onBack={() => void order.current.then(props.onBack)}>
      {trouble && <Notice kind="bad">{language() === "km" ? "មិនអាចរក្សាទុកបានទេ៖ ថេប្លេតអស់ទំហំ។" : "It cannot be kept: the tablet is full."}</Notice>}
      {meeting.problems?.map((one) => <Notice key={one} kind="bad">{one}</Notice>)}
      {parts.map((name) => (
        <button key={name} type="button" class="row" data-part={name} onClick={() => go(name)}><span>{w(name as "attendance")}</span><small>{about[name] ?? ""}</small></button>
      ))}
      {!meeting.days.includes(today()) && (
        <p><button type="button" onClick={() => change({ ...meeting, days: [...meeting.days, today()] })}>{w("today")}</button></p>
      )}
      <p><button type="button" class="quiet" data-part="handOver" onClick={() => go("handOver")}>{w("handOver")}</button></p>
    </Screen>
  );
}

interface Common {
  meeting: Meeting;
  round: Round;
  onChange: Change;
  onBack: () => void;
}

function Standards(props: Common) {
  const { meeting, round } = props;
  return (
    <Screen title={w("standards")} onBack={props.onBack} foot={
      <button type="button" class="main" onClick={() => { props.onChange({ ...meeting, readOut: true }); props.onBack(); }}>{w("readDone")}</button>
    }>
      <p>{w("readFirst")}</p>
      {!round.standards.length && <p class="hint">{w("noStandards")}</p>}
      <div class="standards-list">
        {round.standards.map((one, n) => (
          <article key={n} class="standard">
            <b>{both(one.name)} {one.option[0] !== "ធម្មតា" && <small>({both(one.option)})</small>}</b>
            <span>{w("price")}: {both(one.fee)}</span>
            {both(one.concession) && <span>{w("concession")}: {both(one.concession)}</span>}
            <span>{w("time")}: {both(one.days)}</span>
            {one.papers.length > 0 && <span>{w("papers")}: {one.papers.map(both).join(" · ")}</span>}
            {one.audio.length > 0 && <button type="button" data-listen={one.audio.length} onClick={() => void playAll(one.audio)}>🔊 {w("listen")}</button>}
          </article>
        ))}
      </div>
    </Screen>
  );
}

const ASPECTS = ["strengths", "problems", "suggestions"] as const;

function Notes(props: Common) {
  const { meeting } = props;
  const [at, setAt] = useState(0);
  const asked = kept(meeting);
  const one = asked[at];
  if (!one) return <Screen title={w("notes")} onBack={props.onBack}><p>{w("keepFirst")}</p></Screen>;
  const write = (aspect: (typeof ASPECTS)[number], text: string) => {
    const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
    props.onChange({ ...meeting, criteria: meeting.criteria.map((c) => (c.key === one.key ? { ...c, [aspect]: lines } : c)) });
  };
  return (
    <Screen title={w("notes")} onBack={props.onBack} foot={
      <>
        <button type="button" disabled={!at} onClick={() => setAt(at - 1)}>{w("backOne")}</button>
        <span class="count">{shown(`${at + 1} / ${asked.length}`)}</span>
        <button type="button" class="main" onClick={() => (at + 1 < asked.length ? setAt(at + 1) : props.onBack())}>{at + 1 < asked.length ? w("next") : w("done")}</button>
      </>
    }>
      <h2>{nameOf(one)}</h2>
      {ASPECTS.map((aspect) => (
        <p key={`${one.key}${aspect}`}>
          <label for={aspect}>{w(aspect)}</label>
          <textarea id={aspect} rows={3} placeholder={w("write")} defaultValue={one[aspect].join("\n")} onInput={(e) => write(aspect, e.currentTarget.value)} />
        </p>
      ))}
    </Screen>
  );
}

function Finish(props: Common & { onSent: () => void }) {
  const { meeting, round } = props;
  const [phones, setPhones] = useState(false);
  const left = missing(meeting, phones);
  return (
    <Screen title={w("finish")} onBack={props.onBack} foot={
      <button type="button" class="main" disabled={left.length > 0} onClick={() => void sendMeeting(meeting).then(props.onSent)}>{w("send")}</button>
    }>
      <p>{w("days")}: {[...new Set(meeting.days)].sort().map((day) => shown(day.split("-").reverse().join("/"))).join(" · ")}</p>
      {round.cards > 0 && <button type="button" class="choice choice--many" role="checkbox" aria-checked={phones} onClick={() => setPhones(!phones)}><span>{w("usePhones")}</span></button>}
      {left.length ? (
        <>
          <h2>{w("missing")}</h2>
          <ul class="missing" data-missing={left.length}>{left.map((one, n) => (
            <li key={n}>{w(`m_${one.what}`, { name: one.criterion ? nameOf(one.criterion) : "" })}</li>
          ))}</ul>
        </>
      ) : <Notice kind="good">{w("nothingMissing")} {w("willSend")}</Notice>}
    </Screen>
  );
}

function HandOver(props: Common & { settled: Promise<void>; onDone: () => void }) {
  const [number] = useState(newNumber);
  const [busy, setBusy] = useState(false);
  const hand = async () => {
    setBusy(true);
    await props.settled;
    await handOver(props.meeting, number);
    props.onDone();
  };
  return (
    <Screen title={w("handOver")} onBack={props.onBack} foot={<button type="button" class="main" disabled={busy} onClick={() => void hand()}>{w("handSure")}</button>}>
      <p>{w("handNumber")}</p>
      <p class="hand-number" data-number={number}>{shown(number)}</p>
      <p>{w("handHelp")}</p>
    </Screen>
  );
}
