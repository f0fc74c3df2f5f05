import { useEffect, useRef, useState } from "preact/hooks";
import { khmer, latin, number, visible } from "../../../../../frontend/shared/digits";
import { oneSpelling } from "../../../../../frontend/shared/spelling";
import { db, file, keepFile } from "../store";
import { shrink } from "../sync";
import type { Question } from "../types";
import { language, shown, t } from "../words";
import type { Offered } from "../choices";
import type { Interview, TreeNode } from "../xform";
import { Notice } from "./parts";

export interface Asked {
  interview: Interview;
  item: Question;
  node: TreeNode;
  recordId: string;
  problem: string;
  onAnswer: (value: string) => void;
  onProblem: (problem: string) => void;
}

const FACES = ["", "😠", "🙁", "😐", "🙂", "😀"];
const MANY = 12;

export function Asking(props: Asked) {
  const { interview, item, node } = props;
  const id = `q${item.path.replace(/\W/g, "-")}`;
  const label = interview.text(item.label, node);
  const hint = interview.text(item.hint, node);
  const sound = item.audio?.[interview.language] ?? Object.values(item.audio ?? {})[0];
  const picture = item.image?.[interview.language] ?? Object.values(item.image ?? {})[0];
  const single = ["select_one", "select_multiple", "faces", "image", "audio", "geopoint", "note", "acknowledge"].includes(item.control);
  return (
    <div class="question" role={single ? "group" : undefined} aria-labelledby={`${id}-label`} data-path={item.path}>
      <label id={`${id}-label`} class="question__label" for={single ? undefined : id}>
        {label}{interview.required(node) && <span class="needed" aria-hidden="true"> *</span>}
      </label>
      {sound && <Listen form={interview.form.formId} name={sound} />}
      {picture && <Picture form={interview.form.formId} name={picture} />}
      {hint && <p class="hint">{hint}</p>}
      {props.problem && <Notice kind="bad">{props.problem}</Notice>}
      {interview.readonly(node) && item.control !== "note" && item.control !== "acknowledge"
        ? <p class="fixed">{interview.value(node)}</p>
        : <Control {...props} id={id} />}
    </div>
  );
}

function Control(props: Asked & { id: string }) {
  switch (props.item.control) {
    case "note": return null;
    case "integer": return <NumberField {...props} decimal={false} />;
    case "decimal": return <NumberField {...props} decimal />;
    case "date": return <DateField {...props} />;
    case "select_one": return <One {...props} />;
    case "select_multiple": return <Several {...props} />;
    case "faces": return <Faces {...props} />;
    case "image": return <Photo {...props} />;
    case "audio": return <Sound {...props} />;
    case "geopoint": return <Point {...props} />;
    case "acknowledge": return <Agree {...props} />;
    default: return <TextField {...props} />;
  }
}

// Drawn, because not every tablet's font has the sign.
const Speaker = () => (
  <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2">
    <path d="M4 9v6h4l5 4V5L8 9z" fill="currentColor" /><path d="M16 8.5a5 5 0 0 1 0 7M18.5 6a8.5 8.5 0 0 1 0 12" />
  </svg>
);

function Listen(props: { form: string; name: string; what?: string }) {
  async function play() {
    const kept = await (await db()).get("media", [props.form, props.name]);
    if (!kept) return;
    const audio = new Audio(URL.createObjectURL(kept.blob));
    audio.onended = () => URL.revokeObjectURL(audio.src);
    await audio.play().catch(() => undefined);
  }
  return <button type="button" class="listen" onClick={play} aria-label={props.what ? `${t("listen")}: ${props.what}` : t("listen")}><Speaker /></button>;
}

function Picture(props: { form: string; name: string }) {
  const [address, keep] = useState("");
  useEffect(() => {
    let made = "";
    void db().then((store) => store.get("media", [props.form, props.name]))
      .then((kept) => kept && keep((made = URL.createObjectURL(kept.blob))));
    return () => URL.revokeObjectURL(made);
  }, [props.form, props.name]);
  return address ? <img class="photo" src={address} alt="" /> : null;
}

// One choice, and next to it (never inside: listening is not choosing) the button that plays it.
function Choose(props: { form: string; offered: Offered; kind: "radio" | "checkbox"; chosen: boolean; look: string; face?: string; onTap: () => void }) {
  const { offered, face } = props;
  const button = (
    <button type="button" role={props.kind} aria-checked={props.chosen} class={props.look} data-value={offered.name} onClick={props.onTap}>
      {face && <span class="face__picture" aria-hidden="true">{face}</span>}
      {offered.image && <Picture form={props.form} name={offered.image} />}
      <span>{offered.label}</span>
    </button>
  );
  return offered.audio ? <div class="spoken">{button}<Listen form={props.form} name={offered.audio} what={offered.label} /></div> : button;
}

function TextField({ interview, node, id, onAnswer }: Asked & { id: string }) {
  return (
    <textarea id={id} rows={3} value={interview.value(node)}
      onInput={(e) => onAnswer(e.currentTarget.value)} />
  );
}

function NumberField(props: Asked & { id: string; decimal: boolean }) {
  const kept = props.interview.value(props.node);
  const spoken = (value: string) => (language() === "km" ? khmer(value) : value);
  const [text, setText] = useState(spoken(kept));
  // another answer may have changed this one
  useEffect(() => {
    if (kept !== (number(text, props.decimal) ?? "")) setText(spoken(kept));
  }, [kept]);
  function change(typed: string) {
    setText(typed);
    if (!typed.trim()) return props.onAnswer("");
    const value = number(typed, props.decimal);
    if (value === null) return props.onProblem(t("notNumber"));
    props.onAnswer(value);
  }
  return (
    <input id={props.id} class="big" inputMode={props.decimal ? "decimal" : "numeric"} autocomplete="off"
      value={text} onInput={(e) => change(e.currentTarget.value)} />
  );
}

function localDay(ago: number): string {
  const d = new Date(Date.now() - ago * 86_400_000);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
}

// Day, month and year apart: a date picker of the browser speaks the browser's language, not Khmer.
function DateField(props: Asked & { id: string }) {
  const kept = props.interview.value(props.node);
  const [parts, setParts] = useState(split(kept));
  function change(next: [string, string, string]) {
    setParts(next);
    const [d, m, y] = next.map((p) => latin(p).trim());
    if (!d && !m && !y) return props.onAnswer("");
    // half a date is told when the person goes on, not while it is typed
    if (!d || !m || y?.length !== 4) return;
    const iso = `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`;
    const real = new Date(`${iso}T00:00:00Z`);
    if (Number.isNaN(real.getTime()) || real.toISOString().slice(0, 10) !== iso) return props.onProblem(t("notDate"));
    props.onAnswer(iso);
  }
  function left(event: FocusEvent) {
    if ((event.currentTarget as Element).contains(event.relatedTarget as Node | null)) return;
    const [d, m, y] = parts.map((p) => p.trim());
    if ((d || m || y) && !(d && m && y?.length === 4)) props.onProblem(t("notDate"));
  }
  const set = (iso: string) => {
    setParts(split(iso));
    props.onAnswer(iso);
  };
  return (
    <>
      <div class="buttons">
        <button type="button" aria-pressed={kept === localDay(0)} onClick={() => set(localDay(0))}>{t("today")}</button>
        <button type="button" aria-pressed={kept === localDay(1)} onClick={() => set(localDay(1))}>{t("yesterday")}</button>
      </div>
      <div class="date" onFocusOut={left}>
        {([t("dayOfDate"), t("monthOfDate"), t("yearOfDate")]).map((name, i) => (
          <input id={i === 0 ? props.id : undefined} class="big" inputMode="numeric" placeholder={name} aria-label={name}
            maxLength={i === 2 ? 4 : 2} value={parts[i]}
            onInput={(e) => change(parts.map((p, j) => (j === i ? e.currentTarget.value : p)) as [string, string, string])} />
        ))}
      </div>
    </>
  );
}

function split(iso: string): [string, string, string] {
  const [y = "", m = "", d = ""] = iso ? iso.split("-") : [];
  return [shown(d), shown(m), shown(y)];
}

function useSearch(all: Offered[]): [Offered[], preact.JSX.Element | null] {
  const [text, setText] = useState("");
  if (all.length <= MANY) return [all, null];
  const fold = (s: string) =>
    oneSpelling(visible(latin(s)).normalize("NFC").replace(/\s/g, "").toLowerCase());
  const wanted = fold(text);
  const matches = all.filter((o) => fold(o.label).includes(wanted) || o.name.startsWith(wanted));
  const field = (
    <>
      <input class="big" type="search" aria-label={t("search")} placeholder={t("search")} value={text}
        onInput={(e) => setText(e.currentTarget.value)} />
      <p class="hint" role="status">{t("matches", { n: matches.length })}</p>
    </>
  );
  // a list of all communes would freeze a cheap tablet: the first ones, and search
  return [matches.slice(0, 40), field];
}

// Keep the chosen options on screen during a search.
function withChosen(matches: Offered[], all: Offered[], values: string[]): Offered[] {
  return [...all.filter((o) => values.includes(o.name) && !matches.includes(o)), ...matches];
}

function One(props: Asked & { id: string }) {
  const value = props.interview.value(props.node);
  const all = props.interview.offered(props.item, props.node);
  const [matches, field] = useSearch(all);
  const list = withChosen(matches, all, [value]);
  return (
    <>
      {field}
      <div class="choices">
        {list.map((o) => (
          <Choose key={o.name} form={props.interview.form.formId} offered={o} kind="radio" look="choice"
            chosen={o.name === value} onTap={() => props.onAnswer(o.name === value ? "" : o.name)} />
        ))}
      </div>
    </>
  );
}

function Several(props: Asked & { id: string }) {
  const values = props.interview.value(props.node).split(" ").filter(Boolean);
  const all = props.interview.offered(props.item, props.node);
  const [matches, field] = useSearch(all);
  const toggle = (name: string) =>
    props.onAnswer((values.includes(name) ? values.filter((v) => v !== name) : [...values, name]).join(" "));
  return (
    <>
      {field}
      <div class="choices">
        {withChosen(matches, all, values).map((o) => (
          <Choose key={o.name} form={props.interview.form.formId} offered={o} kind="checkbox" look="choice choice--many"
            chosen={values.includes(o.name)} onTap={() => toggle(o.name)} />
        ))}
      </div>
    </>
  );
}

function Faces(props: Asked & { id: string }) {
  const value = props.interview.value(props.node);
  return (
    <div class="faces">
      {props.interview.offered(props.item, props.node).map((o) => (
        <Choose key={o.name} form={props.interview.form.formId} offered={o} kind="radio" look="face" face={FACES[Number(o.name)] ?? o.name}
          chosen={o.name === value} onTap={() => props.onAnswer(o.name)} />
      ))}
    </div>
  );
}

function Agree(props: Asked & { id: string }) {
  const agreed = props.interview.value(props.node) === "OK";
  return (
    <button type="button" role="checkbox" aria-checked={agreed} class="choice choice--many"
      onClick={() => props.onAnswer(agreed ? "" : "OK")}><span>{t("acknowledge")}</span></button>
  );
}

function useFile(recordId: string, name: string): string {
  const [address, keep] = useState("");
  useEffect(() => {
    let made = "";
    if (name) void file(recordId, name).then((blob) => blob && keep((made = URL.createObjectURL(blob))));
    else keep("");
    return () => URL.revokeObjectURL(made);
  }, [recordId, name]);
  return address;
}

function Photo(props: Asked & { id: string }) {
  const name = props.interview.value(props.node);
  const picture = useFile(props.recordId, name);
  async function take(chosen: File | undefined) {
    if (!chosen) return;
    const small = await shrink(chosen);
    const kept = `${Date.now()}.${small.type === "image/png" ? "png" : "jpg"}`;
    await keepFile(props.recordId, kept, small);
    props.onAnswer(kept);
  }
  return (
    <>
      {picture && <img class="photo" src={picture} alt="" />}
      <label class="button" for={props.id}>{t("takePhoto")}</label>
      <input id={props.id} class="hidden-file" type="file" accept="image/*" capture="environment"
        onChange={(e) => void take(e.currentTarget.files?.[0])} />
      {name && <button type="button" class="quiet" onClick={() => props.onAnswer("")}>{t("removePhoto")}</button>}
    </>
  );
}

function Sound(props: Asked & { id: string }) {
  const name = props.interview.value(props.node);
  const heard = useFile(props.recordId, name);
  const recorder = useRef<MediaRecorder | null>(null);
  const [on, setOn] = useState(false);
  // going on during a recording ends it and keeps it
  useEffect(() => () => {
    if (recorder.current?.state === "recording") recorder.current.stop();
  }, []);
  async function toggle() {
    if (on) return recorder.current?.stop();
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      return props.onProblem(t("noMicrophone"));
    }
    const parts: Blob[] = [];
    // a voice needs no more, and a minute of it must pass through a slow network
    const made = new MediaRecorder(stream, { audioBitsPerSecond: 24_000 });
    made.ondataavailable = (e) => parts.push(e.data);
    made.onstop = async () => {
      stream.getTracks().forEach((track) => track.stop());
      setOn(false);
      const kept = `${Date.now()}.${made.mimeType.includes("mp4") ? "m4a" : "webm"}`;
      await keepFile(props.recordId, kept, new Blob(parts, { type: made.mimeType }));
      props.onAnswer(kept);
    };
    recorder.current = made;
    made.start();
    setOn(true);
  }
  return (
    <>
      <button type="button" aria-pressed={on} onClick={() => void toggle()}>{on ? `■ ${t("stopSound")}` : `● ${t("recordSound")}`}</button>
      {heard && <audio controls src={heard} aria-label={t("hearIt")} />}
    </>
  );
}

function Point(props: Asked & { id: string }) {
  const value = props.interview.value(props.node);
  const [waiting, setWaiting] = useState(false);
  function find() {
    setWaiting(true);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setWaiting(false);
        props.onAnswer(`${coords.latitude} ${coords.longitude} ${coords.altitude ?? 0} ${Math.round(coords.accuracy)}`);
      },
      () => {
        setWaiting(false);
        props.onProblem(t("whereFailed"));
      },
      { enableHighAccuracy: true, timeout: 60_000, maximumAge: 30_000 },
    );
  }
  return (
    <>
      <button type="button" disabled={waiting} onClick={find}>{waiting ? t("whereWait") : t("where")}</button>
      {value && <p class="fixed">✓ {t("accuracy", { n: value.split(" ")[3] ?? "?" })}</p>}
    </>
  );
}

