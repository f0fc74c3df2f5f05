import { useState } from "preact/hooks";
import { Notice, Screen } from "../ui/parts";
import { type Criterion, kept, type Meeting, ownCriterion } from "./model";
import { play, record } from "./sound";
import { both, w } from "./words";

export const nameOf = (one: Criterion): string => (one.name ? both(one.name) : one.text || w("byVoice"));

export function Hear({ one }: { one: Criterion }) {
  return <Voice voice={one.voice} name={nameOf(one)} />;
}

// A criterion as it was recorded in the village's language; nothing where nobody recorded it.
export function Voice({ voice, name }: { voice: string; name: string }) {
  if (!voice) return null;
  return <button type="button" class="listen" data-hear aria-label={`${w("listen")}: ${name}`} onClick={() => play(`data:audio/webm;base64,${voice}`)}>🔊</button>;
}

// The fixed core and the village's own, by text or voice; five or six are kept.
export function Criteria(props: { meeting: Meeting; onChange: (next: Meeting) => void; onBack: () => void }) {
  const { meeting } = props;
  const [text, setText] = useState("");
  const [recording, setRecording] = useState<{ key: string; stop: () => void } | null>(null);
  const [problem, setProblem] = useState("");
  const chosen = kept(meeting).length;
  const change = (key: string, next: Partial<Criterion>) =>
    props.onChange({ ...meeting, criteria: meeting.criteria.map((c) => (c.key === key ? { ...c, ...next } : c)) });
  const addText = () => {
    if (!text.trim()) return;
    props.onChange({ ...meeting, criteria: [...meeting.criteria, ownCriterion(text.trim().slice(0, 300))] });
    setText("");
  };
  // a recording says a criterion in the village's language, or is a criterion of its own
  async function listen(to: Criterion | null) {
    if (recording) return recording.stop();
    try {
      const { stop, voice } = await record();
      setRecording({ key: to?.key ?? "", stop });
      const heard = await voice;
      setRecording(null);
      if (to) change(to.key, { voice: heard });
      else props.onChange({ ...meeting, criteria: [...meeting.criteria, { ...ownCriterion(""), voice: heard }] });
    } catch {
      setProblem(w("noMicrophone"));
    }
  }
  const votes = (one: Criterion) => [...one.tablet, ...one.cards].some((n) => n > 0);
  return (
    <Screen title={`${w("criteria")} · ${w("chosen", { n: chosen })}`} onBack={props.onBack}>
      <p>{w("chooseCriteria")}</p>
      {problem && <Notice kind="bad">{problem}</Notice>}
      <div class="choices">
        {meeting.criteria.map((one) => (
          <div key={one.key} class="spoken">
            <button type="button" role="checkbox" class="choice choice--many" data-key={one.key} aria-checked={one.kept} disabled={one.kept && votes(one)}
              onClick={() => change(one.key, { kept: !one.kept })}><span>{nameOf(one)}</span></button>
            <Hear one={one} />
            <button type="button" class="listen" data-record={one.key} aria-label={`${w("addVoice")}: ${nameOf(one)}`} onClick={() => void listen(one)}>{recording?.key === one.key ? "■" : "●"}</button>
          </div>
        ))}
      </div>
      <h2>{w("ownCriterion")}</h2>
      <form onSubmit={(event) => { event.preventDefault(); addText(); }}>
        <label for="own">{w("addText")}</label>
        <input id="own" maxLength={300} value={text} onInput={(e) => setText(e.currentTarget.value)} />
        <div class="buttons">
          <button type="submit">{w("add")}</button>
          <button type="button" data-record="" aria-pressed={recording?.key === ""} onClick={() => void listen(null)}>{recording?.key === "" ? w("stop") : w("addVoice")}</button>
        </div>
        <p class="hint">{w("whoRecords")}</p>
      </form>
    </Screen>
  );
}
