// Commitments reported done in the commune: one tap answers, now or when there is a network again.
import { useState } from "preact/hooks";
import { queue } from "../send";
import { randomName, read, write } from "../store";
import { shown, t, type Word } from "../words";
import type { Commitment } from "../types";

const KINDS: [string, Word][] = [
  ["done", "commitmentDone"], ["half", "commitmentHalf"], ["not_done", "commitmentNot"], ["unknown", "commitmentUnknown"],
];
const nameOf = (one: Commitment): string => `${one.code}:${one.claim}`;
const monthOf = (one: Commitment): string => shown(one.month.split("-").reverse().join("/"));

export function Commitments({ list, all }: { list: Commitment[]; all?: string | null }) {
  const [answered, setAnswered] = useState<Record<string, string>>(() => read("answered", {}));
  const answer = (one: Commitment, kind: string) => {
    // a name made for this answer alone: nothing links it to others from this phone
    if (!queue("/app/commitments/answer", { code: one.code, kind }, { id: randomName() })) return;
    const next = { ...answered, [nameOf(one)]: kind };
    write("answered", next);
    setAnswered(next);
  };
  if (!list.length && !all) return null;
  return (
    <section class="card" id="commitments">
      <h2>{t("commitments")}</h2>
      {list.length > 0 && <p class="quiet">{t("commitmentsHelp")}</p>}
      {list.map((one) => {
        const given = KINDS.find(([kind]) => kind === answered[nameOf(one)]);
        return (
          <div key={nameOf(one)} class="commitment">
            <p><strong>{one.text || t("commitmentUnchecked", { n: one.number })}</strong><br />
              <small>{one.office && `${one.office} · `}{t("commitmentPromised", { month: monthOf(one) })}</small></p>
            {given ? <p role="status">{t("commitmentThanks", { kind: t(given[1]) })}</p> : (
              <p class="actions">{KINDS.map(([kind, word]) => (
                <button key={kind} type="button" class="chip" onClick={() => answer(one, kind)}>{t(word)}</button>
              ))}</p>
            )}
          </div>
        );
      })}
      {all && <p><a href={all}>{t("commitmentsAll")}</a></p>}
    </section>
  );
}
