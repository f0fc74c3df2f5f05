import { useState } from "preact/hooks";
import { download, exported, exportUnsent } from "../exchange";
import type { Person } from "../store";
import { changeRecord, forgetRecord, form as loadForm, recordsOf } from "../store";
import type { Form, Item, Question, Row, Saved, Text } from "../types";
import { day, language, shown, t } from "../words";
import { houseLists } from "../lists";
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

const plain = (text: Text | undefined) =>
  (text?.[language()] ?? Object.values(text ?? {})[0] ?? []).filter((part) => typeof part === "string").join("");

function find(items: Item[], name: string): Question | undefined {
  for (const item of items) {
    const match = item.kind !== "question" ? find(item.children, name) : item.path.endsWith(`/${name}`) ? item : undefined;
    if (match) return match;
  }
  return undefined;
}

interface AskedBy {
  form: Form;
  house: Record<string, Row[]>;
}

async function questions(saved: Saved): Promise<AskedBy | null> {
  const form = await loadForm(saved.formId, saved.version);
  return form ? { form, house: await houseLists(form) } : null;
}

function chosen({ form, house }: AskedBy, list: string, name: string): string {
  const row = house[list]?.find((r) => r.name === name);
  return (row && (row[`label_${language()}`] || row.label)) || plain(form.lists[list]?.find((c) => c.name === name)?.label) || name;
}

// An answer as it was asked and chosen; what no question asked (times, ids) is left out.
function inWords(asked: AskedBy, leaf: Element): { question: string; answer: string } | null {
  const item = find(asked.form.body, leaf.localName);
  if (!item) return null;
  const value = leaf.textContent ?? "";
  const { items } = item;
  const number = ["integer", "decimal", "date"].includes(item.control);
  const answer = items ? value.split(" ").map((name) => chosen(asked, items.list, name)).join(", ") : number ? shown(value) : value;
  return { question: plain(item.label) || leaf.localName, answer };
}

function One(props: { saved: Saved; onBack: () => void; onOpen: (saved: Saved) => void; onChanged: () => void }) {
  const { saved } = props;
  const [sure, ask] = useState(false);
  const problem = saved.problem && saved.problem in { offline: 1, server: 1, portal: 1 }
    ? t(saved.problem as "offline") : saved.problem === "enrol" ? t("enrolGone") : saved.problem;
  const asked = useLoaded(() => questions(saved), [saved.id]);
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
        {asked && leaves.map((leaf) => {
          const words = inWords(asked, leaf);
          return words && <><dt>{words.question}</dt><dd>{words.answer}</dd></>;
        })}
      </dl>
    </Screen>
  );
}
