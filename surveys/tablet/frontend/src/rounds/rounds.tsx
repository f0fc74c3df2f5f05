import { useEffect, useState } from "preact/hooks";
import { latin } from "../../../../../frontend/shared/digits";
import "./style.css";
import type { Person } from "../store";
import { onSent } from "../sync";
import { language, shown } from "../words";
import { Notice, Screen, useLoaded } from "../ui/parts";
import { FollowUp } from "./followUpScreen";
import { decrypt } from "./handover";
import { fetchRound, forgetOut, keepMeeting, meetingsOf, outOf, rounds } from "./keep";
import { MeetingScreen } from "./meeting";
import { begin, type Kind, type Meeting, type Round } from "./model";
import { Projector } from "./projector";
import { SessionForm } from "./session";
import { keepSounds, soundsKept, soundsOf } from "./sounds";
import { both, w } from "./words";

type Where = "list" | "session" | "followUp" | { meeting: Meeting; round: Round } | { take: Kind; round: Round } | { show: Round };
const NONE: Round[] = [];
const KINDS: Kind[] = ["community", "self_assessment"];

export function Rounds(props: { person: Person; onBack: () => void }) {
  const [where, go] = useState<Where>("list");
  const [again, setAgain] = useState(0);
  const changed = () => setAgain((n) => n + 1);
  useEffect(() => onSent(changed), []);
  const back = () => { go("list"); changed(); };
  if (where === "session") return <SessionForm person={props.person} onDone={back} />;
  if (where === "followUp") return <FollowUp person={props.person} onBack={back} />;
  if (typeof where === "object" && "meeting" in where) return <MeetingScreen {...where} onBack={back} />;
  if (typeof where === "object" && "take" in where) {
    return <TakeOver {...where} person={props.person} onBack={back} onTaken={(meeting) => go({ meeting, round: where.round })} />;
  }
  if (typeof where === "object") return <Projector round={where.show} onClose={back} />;
  return <List person={props.person} again={again} onBack={props.onBack} onGo={go} onChanged={changed} />;
}

function List(props: { person: Person; again: number; onBack: () => void; onGo: (where: Where) => void; onChanged: () => void }) {
  const stored = useLoaded(rounds, [props.again]) ?? NONE;
  const mine = useLoaded(() => meetingsOf(props.person.username), [props.again]) ?? [];
  const out = useLoaded(() => outOf(props.person.username), [props.again]) ?? [];
  const [sounds, setSounds] = useState(0);
  useEffect(() => { if (stored.length) void keepSounds(stored).catch(() => undefined).then(() => setSounds((n) => n + 1)); }, [stored]);
  const [code, setCode] = useState("");
  const [problems, setProblems] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  async function open(asked: string) {
    setBusy(true);
    setProblems([]);
    try {
      const got = await fetchRound(latin(asked).replace(/\D/g, ""));
      if (Array.isArray(got)) setProblems(got);
      else setCode("");
    } catch {
      setProblems([language() === "km" ? "គ្មានអ៊ីនធឺណិត។ សូមសាកម្តងទៀត។" : "No network. Try again."]);
    }
    setBusy(false);
    props.onChanged();
  }
  async function start(round: Round, kind: Kind) {
    const meeting = begin(round, kind, props.person.username);
    await keepMeeting(meeting);
    props.onGo({ meeting, round });
  }
  return (
    <Screen title={w("title")} onBack={props.onBack}>
      <form onSubmit={(event) => { event.preventDefault(); void open(code); }}>
        <label for="round-code">{w("openRound")}</label>
        <input id="round-code" class="code-field" inputMode="numeric" autocomplete="off" maxLength={7} value={code} placeholder="000000" onInput={(e) => setCode(e.currentTarget.value)} />
        <button type="submit" class="main" disabled={busy}>{w("open")}</button>
      </form>
      {problems.map((one) => <Notice key={one} kind="bad">{one}</Notice>)}
      <p><button type="button" class="row" onClick={() => props.onGo("session")}><span>{w("session")}</span></button></p>
      <p><button type="button" class="row" data-follow-up onClick={() => props.onGo("followUp")}><span>{w("followUp")}</span></button></p>
      <h2>{w("opened")}</h2>
      {!stored.length && <p class="hint">{w("none")}</p>}
      {stored.map((round) => (
        <section key={round.code} class="turn-block" data-round={round.code}>
          <h3>{both(round.provider.name)} · {shown(round.period)}</h3>
          {KINDS.map((kind) => (
            <Kindly key={kind} round={round} kind={kind} meeting={mine.find((one) => one.code === round.code && one.kind === kind)}
              onStart={() => void start(round, kind)} onOpen={(meeting) => props.onGo({ meeting, round })} onTake={() => props.onGo({ take: kind, round })}
              onChanged={props.onChanged} />
          ))}
          <Sounds round={round} again={sounds} />
          <button type="button" class="row" data-interface onClick={() => props.onGo({ show: round })}><span>{w("interface")}</span></button>
          <button type="button" class="quiet" disabled={busy} onClick={() => void open(round.code)}>{w("refresh")}</button>
        </section>
      ))}
      {out.length > 0 && <h2>{w("myOut")}</h2>}
      {out.map((one) => (
        <div key={one.id} class={`row row--${one.state}`} data-out={one.state}>
          <span>{one.path.endsWith("/meeting") ? w("community") : one.path.endsWith("/handover") ? w("handOver") : one.path === "follow-up" ? w("followUp") : w("session")}
            {one.problems?.map((p) => <small key={p}>{p}</small>)}</span>
          {one.state === "refused" && <button type="button" class="warn" onClick={() => void forgetOut(one.id).then(props.onChanged)}>{w("remove")}</button>}
        </div>
      ))}
    </Screen>
  );
}

// Whether the standards can already be heard without a network.
function Sounds({ round, again }: { round: Round; again: number }) {
  const all = soundsOf(round).length;
  const here = useLoaded(() => soundsKept(round), [again, round]) ?? 0;
  if (!all) return null;
  return <small class="hint" data-sounds={here === all ? "all" : "some"}>{w(here === all ? "soundsHere" : "soundsLeft", { n: here, m: all })}</small>;
}

function Kindly(props: { round: Round; kind: Kind; meeting?: Meeting; onStart: () => void; onOpen: (meeting: Meeting) => void; onTake: () => void; onChanged: () => void }) {
  const { round, kind, meeting } = props;
  const sent = round.sent.includes(kind);
  const waiting = round.handovers[kind] && !sent && (!meeting || meeting.state === "handed");
  return (
    <>
      {!(sent && !meeting) && (
        <button type="button" class={`row${meeting?.problems ? " row--refused" : ""}`} data-kind={kind} data-state={meeting?.state ?? "new"}
          disabled={meeting && meeting.state !== "open"} onClick={() => (meeting ? props.onOpen(meeting) : props.onStart())}>
          <span>{w(kind)}</span><small>{meeting ? w(`state_${meeting.state}`) : w("begin")}</small>
        </button>
      )}
      {sent && !meeting && <p class="row"><span>{w(kind)}</span><small>{w("state_sent")}</small></p>}
      {meeting?.problems && <Notice kind="bad">{w("refused")} {meeting.problems.join(" ")}</Notice>}
      {waiting && <button type="button" class="row" data-take={kind} onClick={props.onTake}><span>{w("takeOver")}</span></button>}
      {meeting?.state === "handed" && !sent && (
        <button type="button" class="quiet" onClick={() => void keepMeeting({ ...meeting, state: "open" }).then(props.onChanged)}>{w("takeBack")}</button>
      )}
    </>
  );
}

function TakeOver(props: { take: Kind; round: Round; person: Person; onBack: () => void; onTaken: (meeting: Meeting) => void }) {
  const [number, setNumber] = useState("");
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  async function take() {
    setBusy(true);
    const plain = await decrypt(props.round.handovers[props.take]!, latin(number));
    setBusy(false);
    if (!plain) return setWrong(true);
    const meeting = { ...plain, person: props.person.username, state: "open" as const };
    await keepMeeting(meeting);
    props.onTaken(meeting);
  }
  return (
    <Screen title={w("takeOver")} onBack={props.onBack}>
      <form onSubmit={(event) => { event.preventDefault(); void take(); }}>
        <label for="hand">{w("takeNumber")}</label>
        <input id="hand" class="code-field" inputMode="numeric" autocomplete="off" maxLength={24} value={number} onInput={(e) => { setNumber(e.currentTarget.value); setWrong(false); }} />
        {wrong && <Notice kind="bad">{w("wrongNumber")}</Notice>}
        <button type="submit" class="main" disabled={busy}>{w("open")}</button>
      </form>
    </Screen>
  );
}
