import { useEffect, useState } from "preact/hooks";
import type { Person } from "../store";
import { Notice, Screen, useLoaded } from "../ui/parts";
import { shown } from "../words";
import { type Asked, type Counts, countsOf, followUp, keepCounts, nameOf, refreshFollowUp, sendCounts, sum } from "./followUp";
import { w, type Word } from "./words";

const KINDS: [keyof Counts, Word][] = [["done", "f_done"], ["half", "f_half"], ["notDone", "f_notDone"], ["unknown", "f_unknown"]];

// Ask a village about commitments reported done: people are counted, never named.
export function FollowUp(props: { person: Person; onBack: () => void }) {
  const [again, setAgain] = useState(0);
  const list = useLoaded(followUp, [again]);
  useEffect(() => void refreshFollowUp().then((fresh) => fresh && setAgain((n) => n + 1)), []);
  const mine = (list?.questions ?? []).filter((one) => !props.person.places || props.person.places.some((place) => one.commune.startsWith(place)));
  return (
    <Screen title={w("followUp")} onBack={props.onBack}>
      <p class="hint">{w("followUpHelp")}</p>
      {list && <p class="hint">{w("followUpOld", { day: list.fetchedOn })}</p>}
      {list && !mine.length && <Notice>{w("followUpNone")}</Notice>}
      {mine.map((one) => <Question key={nameOf(one)} one={one} person={props.person} />)}
    </Screen>
  );
}

function Question({ one, person }: { one: Asked; person: Person }) {
  const kept = useLoaded(() => countsOf(one), []);
  const [now, setNow] = useState<Counts | null>(null);
  const counts = now ?? kept?.counts;
  const [sent, setSent] = useState(false);
  if (!counts) return null;
  const change = (kind: keyof Counts, by: number) => {
    const next = { ...counts, [kind]: Math.max(0, counts[kind] + by) };
    setNow(next);
    void keepCounts(one, next);
  };
  const save = async () => {
    await sendCounts(one, counts, person.username);
    setSent(true);
  };
  return (
    <section class="turn-block" data-question={one.code}>
      <h3>{one.text || w("followUpUnchecked", { n: one.number })}</h3>
      <p class="hint">{one.office && `${one.office} · `}{w("followUpPromised", { day: one.due })}</p>
      {kept?.problems && !sent && <Notice kind="bad">{w("refused")} {kept.problems.join(" ")}</Notice>}
      {sent || kept?.sent ? <Notice>{w("followUpKept")}</Notice> : (
        <>
          <div class="follow-up">{KINDS.map(([kind, word]) => (
            <div key={kind}>
              <button type="button" data-say={kind} onClick={() => change(kind, 1)}><span>{w(word)}</span> <strong>{shown(counts[kind])}</strong></button>
              <button type="button" class="quiet" aria-label={`${w("oneLess")}: ${w(word)}`} disabled={!counts[kind]} onClick={() => change(kind, -1)}>−</button>
            </div>
          ))}</div>
          {sum(counts) > 0 && <button type="button" class="main" onClick={() => void save()}>{w("followUpSave", { n: sum(counts) })}</button>}
        </>
      )}
    </section>
  );
}
