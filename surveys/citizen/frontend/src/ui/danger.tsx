// The page for dangerous reports: encrypted on this phone for the organisation's key; nothing is
// kept here.
import { useState } from "preact/hooks";
import { book } from "../state";
import { post, queue, Refused } from "../send";
import { t, type Word } from "../words";
import { Problems } from "./asking";
import { Screen } from "./parts";

const FIELDS: [string, Word, number][] = [["what", "dangerWhat", 6], ["where", "dangerWhere", 2], ["when", "dangerWhen", 1], ["contact", "dangerContact", 2]];
type Stage = "before" | "writing" | "sealing" | "sent" | "queued";

const leave = () => location.replace("#/");

export function Danger() {
  const [stage, setStage] = useState<Stage>("before");
  const [report, setReport] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState("");
  const [refused, setRefused] = useState<Record<string, string[]> | null>(null);
  const key = book().report_key;
  const send = async (event: Event) => {
    event.preventDefault();
    setRefused(null);
    if (!key || !report.what?.trim()) return setProblem(t("dangerEmpty"));
    setStage("sealing");
    let body: Record<string, unknown>;
    try {
      const { seal } = await import("../seal");
      body = { key: key.id, ciphertext: await seal(report, key.recipient) };
    } catch {
      setProblem(t("dangerFailed"));
      return setStage("writing");
    }
    try {
      await post("/app/sealed", body);
      setStage("sent");
    } catch (trouble) {
      if (trouble instanceof Refused && trouble.status < 500 && trouble.status !== 429) {
        setRefused(trouble.sentences);
        return setStage("writing");
      }
      if (!queue("/app/sealed", body)) {
        setProblem(t("notKept"));
        return setStage("writing");
      }
      setStage("queued");
    }
    setReport({});
  };
  return (
    <Screen title={t("dangerTitle")}>
      <p class="leave"><button type="button" class="button button--danger" onClick={leave}>{t("dangerLeave")}</button></p>
      {!key ? <p class="notice">{t("dangerClosed")}</p> : stage === "before" ? (
        <>
          <p>{t("dangerIntro")}</p>
          <p>{t("dangerWho")}</p>
          <p class="notice">{t("dangerNow")}</p>
          <h2>{t("dangerBefore")}</h2>
          <ul>{(["dangerBefore1", "dangerBefore2", "dangerBefore3"] as Word[]).map((word) => <li key={word}>{t(word)}</li>)}</ul>
          <p><button type="button" class="button" onClick={() => setStage("writing")}>{t("dangerBegin")}</button></p>
        </>
      ) : stage === "sent" || stage === "queued" ? (
        <>
          <p role="status" class="done">{t(stage === "sent" ? "dangerSent" : "dangerQueued")}</p>
          <h2>{t("dangerAfter")}</h2>
          <ul>{(["dangerAfter1", "dangerAfter2", "dangerAfter3", "dangerAfter4"] as Word[]).map((word) => <li key={word}>{t(word)}</li>)}</ul>
        </>
      ) : (
        <form onSubmit={send} autocomplete="off">
          {FIELDS.map(([name, word, rows]) => (
            <div class="field" key={name}>
              <label for={`danger-${name}`}>{t(word)}</label>
              <textarea id={`danger-${name}`} rows={rows} maxLength={name === "what" ? 8000 : 500} spellcheck={false} autocomplete="off"
                value={report[name] ?? ""} onInput={(e) => setReport({ ...report, [name]: e.currentTarget.value })} />
            </div>
          ))}
          {problem && <p class="problem" role="alert">{problem}</p>}
          {refused && <Problems sentences={refused} />}
          <p><button class="button" disabled={stage === "sealing"}>{t(stage === "sealing" ? "dangerSealing" : "dangerSend")}</button></p>
        </form>
      )}
    </Screen>
  );
}
