import { useState } from "preact/hooks";
import { download, exported, exportUnsent } from "../exchange";
import type { Person } from "../store";
import { changeRecord, forgetRecord, recordsOf } from "../store";
import type { Saved } from "../types";
import { day, t } from "../words";
import { Notice, Screen, useLoaded } from "./parts";

const MARK: Record<Saved["state"], string> = {
  draft: "✎", ready: "●", sending: "↑", sent: "✓", refused: "✕", returned: "↩",
};

export function Queue(props: {
  person: Person;
  again: number;
  onBack: () => void;
  onOpen: (saved: Saved) => void;
  onChanged: () => void;
}) {
  const mine = useLoaded(() => recordsOf(props.person.username), [props.again]);
  const [viewed, view] = useState<string>();
  const one = mine?.find((r) => r.id === viewed);
  if (one) {
    return <One saved={one} onBack={() => view(undefined)} onOpen={props.onOpen}
      onChanged={() => { view(undefined); props.onChanged(); }} />;
  }
  return (
    <Screen title={t("queue")} onBack={props.onBack} foot={
      <button type="button" class="quiet" onClick={async () =>
        download(await exportUnsent(props.person.username), `unsent-${props.person.username}.json`)}>{t("exportAll")}</button>
    }>
      {mine?.length === 0 && <Notice>{t("noRecords")}</Notice>}
      <ul class="list">
        {mine?.map((saved) => (
          <li>
            <button type="button" class={`row row--${saved.state}`} data-state={saved.state} onClick={() => view(saved.id)}>
              <span>{saved.title}<small>{day(saved.created)}</small></span>
              <span><span aria-hidden="true">{MARK[saved.state]}</span> {t(`state_${saved.state}`)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Screen>
  );
}

function One(props: { saved: Saved; onBack: () => void; onOpen: (saved: Saved) => void; onChanged: () => void }) {
  const { saved } = props;
  const [sure, ask] = useState(false);
  const problem = saved.problem && saved.problem in { offline: 1, server: 1, portal: 1 }
    ? t(saved.problem as "offline") : saved.problem === "enrol" ? t("enrolGone") : saved.problem;
  const root = new DOMParser().parseFromString(saved.xml, "text/xml").documentElement;
  const leaves = [...root.querySelectorAll("*")].filter((e) => !e.childElementCount && e.textContent);
  return (
    <Screen title={saved.title} onBack={props.onBack}>
      <p><span aria-hidden="true">{MARK[saved.state]}</span> {t(`state_${saved.state}`)} · {day(saved.updated)}</p>
      {saved.comment && <Notice kind="bad">{t("comment")}: {saved.comment}</Notice>}
      {problem && saved.state !== "sent" && <Notice kind="bad">{problem}</Notice>}
      <div class="buttons">
        {(saved.state === "draft" || saved.state === "returned") && (
          <button type="button" class="main" onClick={() => props.onOpen(saved)}>{t("open")}</button>
        )}
        {saved.state === "refused" && (
          <button type="button" class="main" onClick={async () => {
            await changeRecord(saved.id, ["refused"], { state: "ready", problem: undefined, sentFiles: [] });
            props.onChanged();
          }}>{t("tryAgain")}</button>
        )}
        <button type="button" onClick={async () => download(await exported([saved]), `record-${saved.id.slice(-8)}.json`)}>{t("exportOne")}</button>
        {saved.state !== "sending" && <button type="button" class="warn" onClick={() => ask(true)}>{t("delete")}</button>}
      </div>
      {sure && (
        <div class="notice notice--bad" role="alertdialog" aria-label={t("delete")}>
          <p>{t(saved.state === "sent" ? "deleteSentSure" : "deleteSure")}</p>
          <div class="buttons">
            <button type="button" onClick={() => ask(false)}>{t("cancel")}</button>
            <button type="button" class="warn" onClick={async () => { await forgetRecord(saved.id); props.onChanged(); }}>{t("delete")}</button>
          </div>
        </div>
      )}
      <dl class="facts">
        {leaves.map((leaf) => <><dt>{leaf.localName}</dt><dd>{leaf.textContent}</dd></>)}
      </dl>
    </Screen>
  );
}
