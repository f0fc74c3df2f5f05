import { useState } from "preact/hooks";
import { latin } from "../../../../../frontend/shared/digits";
import { rowsOf } from "../lists";
import { type Person, rows } from "../store";
import { Notice, Screen, useLoaded } from "../ui/parts";
import { language } from "../words";
import { sendSession } from "./keep";
import { today } from "./model";
import { w, type Word } from "./words";

const GROUPS: [string, Word][] = [
  ["women", "woman"], ["men", "man"], ["other_sex", "otherSex"], ["children", "children"], ["youth", "youth"], ["adults", "adults"], ["elders", "elders"],
  ["poor_card", "poor_card"], ["disability", "disability"], ["minority", "minority"],
];
const wholeNumber = (text: string) => Number(latin(text).replace(/\D/g, "")) || 0;

// An information session or training, recorded without a network; people are counted, never named.
export function SessionForm(props: { person: Person; onDone: () => void }) {
  const every = useLoaded(() => rows("communes"), []) ?? [];
  const communes = rowsOf("communes", every, props.person);
  const [id] = useState(() => `tablet-${crypto.randomUUID()}`);
  const [kind, setKind] = useState("information");
  const [values, setValues] = useState<Record<string, string>>({ heldOn: today(), trainer: props.person.name });
  const [handouts, setHandouts] = useState([{ name: "", pieces: "" }]);
  const [problem, setProblem] = useState("");
  const set = (name: string, text: string) => setValues({ ...values, [name]: text });
  const value = (name: string) => values[name] ?? "";
  const commune = value("commune") || (communes.length === 1 ? String(communes[0]!.name) : "");
  const counts = Object.fromEntries([["people", wholeNumber(value("people"))], ...GROUPS.map(([group]) => [group, wholeNumber(value(group))])]) as Record<string, number>;

  function wrong(): string {
    const needed: [boolean, Word][] = [[!commune, "commune"], [!value("heldOn"), "day"], [!value("topic").trim(), "topic"], [!value("trainer").trim(), "trainer"], [!counts.people, "people"]];
    const first = needed.find(([missing]) => missing);
    if (first) return w("needed", { what: w(first[1]) });
    const people = counts.people!;
    const total = (...names: string[]) => names.reduce((sum, name) => sum + counts[name]!, 0);
    const over = [total("women", "men", "other_sex"), total("children", "youth", "adults", "elders"), counts.poor_card!, counts.disability!, counts.minority!];
    return over.some((n) => n > people) ? w("moreThanCame") : "";
  }

  async function save() {
    const sentence = wrong();
    setProblem(sentence);
    if (sentence) return;
    await sendSession(id, props.person.username, {
      id, person: props.person.username, kind, commune, placeNote: value("place"), heldOn: value("heldOn"), topic: value("topic"), trainer: value("trainer"),
      follows: value("follows"), attendance: counts,
      handouts: handouts.filter((one) => one.name.trim() && wholeNumber(one.pieces)).map((one) => ({ name: one.name.trim(), pieces: wholeNumber(one.pieces) })),
      trained: value("trained").split("\n").map((line) => line.trim()).filter(Boolean),
    });
    props.onDone();
  }

  const field = (name: string, word: Word, more: Record<string, unknown> = {}) => (
    <p><label for={`s-${name}`}>{w(word)}</label><input id={`s-${name}`} autocomplete="off" value={value(name)} onInput={(e) => set(name, e.currentTarget.value)} {...more} /></p>
  );
  return (
    <Screen title={w("session")} onBack={props.onDone} foot={<button type="button" class="main" onClick={() => void save()}>{w("save")}</button>}>
      <div class="toggles" role="radiogroup" aria-label={w("sessionKind")}>
        {(["information", "training"] as const).map((one) => <button key={one} type="button" role="radio" aria-checked={kind === one} aria-pressed={kind === one} onClick={() => setKind(one)}>{w(one)}</button>)}
      </div>
      <p><label for="s-commune">{w("commune")}</label>
        <select id="s-commune" value={commune} onChange={(e) => set("commune", e.currentTarget.value)}>
          <option value="">–</option>
          {communes.map((one) => <option key={String(one.name)} value={String(one.name)}>{one[`label_${language()}`] || one.label}</option>)}
        </select></p>
      {field("place", "where")}
      {field("heldOn", "day", { type: "date", max: today() })}
      {field("topic", "topic", { maxLength: 300 })}
      {field("trainer", "trainer", { maxLength: 150 })}
      {kind === "information" && field("follows", "follows")}
      {field("people", "people", { inputMode: "numeric" })}
      <fieldset><legend>{w("ofThem")}</legend>
        <div class="groups-grid">{GROUPS.map(([group, word]) => (
          <p key={group}><label for={`s-${group}`}>{w(word)}</label><input id={`s-${group}`} inputMode="numeric" autocomplete="off" value={value(group)} onInput={(e) => set(group, e.currentTarget.value)} /></p>
        ))}</div>
      </fieldset>
      <fieldset><legend>{w("handouts")}</legend>
        {handouts.map((one, n) => (
          <div key={n} class="handout">
            <input aria-label={w("material")} placeholder={w("material")} value={one.name} onInput={(e) => setHandouts(handouts.map((h, at) => (at === n ? { ...h, name: e.currentTarget.value } : h)))} />
            <input aria-label={w("pieces")} placeholder={w("pieces")} inputMode="numeric" value={one.pieces} onInput={(e) => setHandouts(handouts.map((h, at) => (at === n ? { ...h, pieces: e.currentTarget.value } : h)))} />
          </div>
        ))}
        <button type="button" class="quiet" onClick={() => setHandouts([...handouts, { name: "", pieces: "" }])}>+ {w("material")}</button>
      </fieldset>
      {kind === "training" && <p><label for="s-trained">{w("trained")}</label><textarea id="s-trained" rows={3} value={value("trained")} onInput={(e) => set("trained", e.currentTarget.value)} /></p>}
      {problem && <Notice kind="bad">{problem}</Notice>}
    </Screen>
  );
}
