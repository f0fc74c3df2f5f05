import { language, shown } from "../words";
import type { Round, Side } from "./model";
import { Voice } from "./criteria";
import { both, w } from "./words";

const number = (value: number | null, digits = 1) => (value === null ? "–" : shown(value.toFixed(digits).replace(/\.0$/, "").replace(".", language() === "km" ? "," : ".")));

function One({ side }: { side: Side }) {
  return <><b>{number(side.median)}</b>{side.n > 0 && <small>{w("medianVotes", { n: side.n })} · {side.counts.map((n) => shown(n)).join("·")}</small>}</>;
}

// Both sides, compliance and inputs on one screen in large type; the largest difference first.
export function Projector({ round, onClose }: { round: Round; onClose: () => void }) {
  const shownNow = round.interface;
  return (
    <div class="projector" data-projector={round.code}>
      <header>
        <h1>{both(round.provider.name)} · {shown(round.period)}</h1>
        <button type="button" class="quiet" onClick={onClose}>{w("close")}</button>
      </header>
      {shownNow.criteria.length ? (
        <table>
          <thead><tr><th scope="col">{w("criterion")}</th><th scope="col" class="n">{w("communityShort")}</th><th scope="col" class="n">{w("provider")}</th><th scope="col" class="n">{w("difference")}</th></tr></thead>
          <tbody>
            {shownNow.criteria.map((one) => (
              <tr key={one.key} class={Math.abs(one.gap ?? 0) >= 1 ? "wide-gap" : ""}>
                <th scope="row">{both(one.name)} <Voice voice={round.kept.find((each) => each.key === one.key)?.voice ?? ""} name={both(one.name)} />{one.suggestions.length > 0 && <small>→ {one.suggestions.slice(0, 3).join(" · ")}</small>}</th>
                <td class="n"><One side={one.community} /></td>
                <td class="n"><One side={one.own} /></td>
                <td class="n"><b>{one.gap === null ? "–" : `${one.gap > 0 ? "+" : ""}${number(one.gap)}`}</b></td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : <p>{w("noResults")}</p>}
      <div class="sides">
        {shownNow.compliance.length > 0 && (
          <section>
            <h2>{w("compliance")}</h2>
            <ul>{shownNow.compliance.map((one) => <li key={one.name[0]}>{both(one.name)}: <b>{shown(Math.round(one.share * 100))}%</b> <small>({shown(Math.round(one.low * 100))}–{shown(Math.round(one.high * 100))}%)</small></li>)}</ul>
          </section>
        )}
        {shownNow.inputs.length > 0 && (
          <section>
            <h2>{w("inputs")}</h2>
            <ul>{shownNow.inputs.map((one) => <li key={one.name[0]}>{both(one.name)}: <b>{one.present === null ? w("notKnown") : w("of", { n: one.present, m: one.entitled, unit: both(one.unit) })}</b></li>)}</ul>
          </section>
        )}
      </div>
      <small>{w("fetched", { day: round.fetchedOn.split("-").reverse().join("/") })}</small>
    </div>
  );
}
