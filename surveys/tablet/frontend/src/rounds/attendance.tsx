import { useState } from "preact/hooks";
import { Screen } from "../ui/parts";
import { shown } from "../words";
import { type Attendee, type Meeting, nextSticker } from "./model";
import { w } from "./words";

const SEXES = [["women", "woman"], ["men", "man"], ["other_sex", "otherSex"]] as const;
const AGES = ["children", "youth", "adults", "elders"] as const;
const MARKS = ["poor_card", "disability", "minority"] as const;

// Record attendance: one tap a person, by attributes and the number on a sticker; no names anywhere.
export function Attendance(props: { meeting: Meeting; onChange: (next: Meeting) => void; onBack: () => void }) {
  const { meeting } = props;
  const [at, setAt] = useState<number | null>(meeting.attendees[meeting.attendees.length - 1]?.sticker ?? null);
  const one = meeting.attendees.find((a) => a.sticker === at);
  const add = (sex: Attendee["sex"]) => {
    const sticker = nextSticker(meeting);
    const fresh: Attendee = { sticker, sex, age: "adults", poor_card: false, disability: false, minority: false };
    props.onChange({ ...meeting, attendees: [...meeting.attendees, fresh] });
    setAt(sticker);
  };
  const set = (change: Partial<Attendee>) =>
    props.onChange({ ...meeting, attendees: meeting.attendees.map((a) => (a.sticker === at ? { ...a, ...change } : a)) });
  const remove = () => {
    props.onChange({ ...meeting, attendees: meeting.attendees.filter((a) => a.sticker !== at) });
    setAt(null);
  };
  // attributes of a person who has voted stay as they were when the vote was counted
  const fixed = one && (meeting.voted.includes(one.sticker) || meeting.ballot?.sticker === one.sticker);
  return (
    <Screen title={`${w("attendance")} · ${w("came", { n: meeting.attendees.length })}`} onBack={props.onBack}>
      <p>{w("noNames")}</p>
      <div class="people-pad">
        {SEXES.map(([sex, word]) => <button key={sex} type="button" data-add={sex} onClick={() => add(sex)}>+ {w(word)}</button>)}
      </div>
      {one && (
        <section class="person-card" data-sticker={one.sticker} aria-live="polite">
          <h2>{w("writeSticker", { n: one.sticker })}</h2>
          <div class="toggles" role="radiogroup">
            {AGES.map((age) => <button key={age} type="button" role="radio" aria-checked={one.age === age} aria-pressed={one.age === age} disabled={fixed} onClick={() => set({ age })}>{w(age)}</button>)}
          </div>
          <div class="toggles">
            {MARKS.map((mark) => <button key={mark} type="button" data-mark={mark} aria-pressed={one[mark]} disabled={fixed} onClick={() => set({ [mark]: !one[mark] })}>{one[mark] ? "✓ " : ""}{w(mark)}</button>)}
          </div>
          {!fixed && <button type="button" class="warn" onClick={remove}>{w("remove")}</button>}
        </section>
      )}
      <div class="stickers">
        {meeting.attendees.map((a) => <button key={a.sticker} type="button" aria-label={w("sticker", { n: a.sticker })} aria-pressed={a.sticker === at} onClick={() => setAt(a.sticker)}>{shown(a.sticker)}</button>)}
      </div>
    </Screen>
  );
}
