// One thing on screen: the questions of a form, each answer kept at once.

import { Component, type ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Person } from "../store";
import { houseLists } from "../lists";
import { form as loadForm, keepRecord } from "../store";
import type { Form, Saved } from "../types";
import { language, shown, t } from "../words";
import type { Step } from "../steps";
import { Interview, type TreeNode } from "../xform";
import { Notice, Screen } from "./parts";
import { Asking } from "./question";
import { Standard } from "./standard";

// A new interview of a form, or the one whose XML was kept. Throws when that cannot be read.
export async function interviewOf(form: Form, person: Person, xml?: string): Promise<Interview> {
  return new Interview(form, await houseLists(form, person), languageOf(form), person.username, xml);
}

export async function openInterview(saved: Saved, person: Person): Promise<Interview | null> {
  const form = await loadForm(saved.formId, saved.version);
  return form ? interviewOf(form, person, saved.xml || undefined) : null;
}

function languageOf(form: Form): string {
  return form.languages.find((l) => l.code === language())?.code ?? form.languages[0]?.code ?? "default";
}

interface Filling {
  interview: Interview;
  saved: Saved;
  onClose: () => void;
  onFinished: () => void;
}

// If something in the form cannot be shown, the person is told, and what was entered stays.
export class Fill extends Component<Filling, { failed: boolean }> {
  state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  render(): ComponentChildren {
    const { interview, onClose } = this.props;
    if (!this.state.failed) return <Pages {...this.props} />;
    return <Screen title={interview.form.title} onBack={onClose}><Notice kind="bad">{t("broken")}</Notice></Screen>;
  }
}

function Pages(props: Filling) {
  const { interview } = props;
  const saved = useRef({ ...props.saved });
  const [, redraw] = useState(0);
  const [step, setStep] = useState(props.saved.step);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [full, setFull] = useState(false);
  const [failed, setFailed] = useState(false);
  const steps = interview.steps();
  const here = Math.min(step, steps.length);
  const now = steps[here];

  const finishing = useRef(false);
  // Writes follow one another, so that the last answer is the one that stays.
  const writing = useRef(Promise.resolve());
  function keep(change: Partial<Saved> = {}): Promise<void> {
    // a late answer (a recording that ends by itself) must not make a draft of a finished record
    if (finishing.current) return writing.current;
    Object.assign(saved.current, change, { xml: interview.xml() });
    const copy = { ...saved.current };
    writing.current = writing.current.then(() => keepRecord(copy)).then(
      () => setFull(false),
      () => setFull(true),
    );
    return writing.current;
  }

  useEffect(() => {
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>("main")?.focus();
  }, [here]);

  // Whatever the form's rules do, the answer is kept and the person can continue.
  function change(how: () => void) {
    try {
      how();
    } catch {
      setFailed(true);
    }
    redraw((n) => n + 1);
    void keep();
  }

  const answer = (node: TreeNode, path: string) => (value: string) => {
    setProblems({ ...problems, [path]: "" });
    change(() => interview.answer(node, value));
  };

  function wrong(at: Step | undefined): Record<string, string> {
    if (at?.kind !== "question") return {};
    const messages: Record<string, string> = {};
    for (const { item, node } of at.nodes) {
      const rule = interview.wrong(node);
      if (rule) messages[item.path] = interview.message(node, rule) || t(rule);
      else if (problems[item.path]) messages[item.path] = problems[item.path]!;
    }
    return messages;
  }

  function go(to: number) {
    if (to > here) {
      const messages = wrong(now);
      if (Object.keys(messages).length) return setProblems(messages);
    }
    setProblems({});
    const next = Math.max(0, to);
    setStep(next);
    return void keep({ step: next });
  }

  // Finished once, however often the button is tapped before the screen has changed: a second
  // time would write other bytes under the same id.
  async function finish() {
    if (finishing.current) return;
    const bad = steps.findIndex((s) => Object.keys(wrong(s)).length > 0);
    if (bad >= 0) {
      setProblems(wrong(steps[bad]));
      return setStep(bad);
    }
    finishing.current = true;
    if (saved.current.replaces) interview.replace(saved.current.replaces);
    interview.finish();
    const { id } = saved.current;
    Object.assign(saved.current, { files: interview.files(), sentFiles: [], comment: undefined });
    await writing.current;
    // from here on the record is frozen: what is sent never changes under its name
    try {
      await keepRecord({ ...saved.current, id, state: "ready", problem: undefined, xml: interview.xml(true) });
    } catch {
      finishing.current = false;
      return setFull(true);
    }
    props.onFinished();
  }

  return (
    <Screen title={interview.form.title} onBack={async () => { await keep(); props.onClose(); }} foot={
      <>
        <button type="button" class="quiet" disabled={here === 0} onClick={() => go(here - 1)}>{t("back")}</button>
        <span class="count" aria-live="polite">{t("stepOf", { n: shown(Math.min(here + 1, steps.length)), m: shown(steps.length) })}</span>
        {now
          ? <button type="button" class="main" onClick={() => go(here + 1)}>{t("next")}</button>
          : <button type="button" class="main" onClick={() => void finish()}>{t("finishDone")}</button>}
      </>
    }>
      <progress max={steps.length} value={here} aria-hidden="true" />
      {full && <Notice kind="bad">{t("notKept")}</Notice>}
      {failed && <Notice kind="bad">{t("broken")}</Notice>}
      {interview.troubles.length > 0 && (
        <Notice kind="bad">{t("formTrouble")} <small lang="en">{interview.troubles[0]}</small></Notice>
      )}
      {props.saved.comment && <Notice kind="bad">{t("comment")}: {props.saved.comment}</Notice>}
      {!now && <><h2>{t("finish")}</h2><p>{t("finishHelp")}</p>
        <button type="button" class="quiet" onClick={async () => { await keep(); props.onClose(); }}>{t("keepDraft")}</button></>}
      {now?.kind === "question" && (
        <>
          {now.title && <p class="section">{now.title}</p>}
          {now.nodes[0] && <Standard interview={interview} node={now.nodes[0].node} />}
          {now.nodes.map(({ item, node }) => (
            <Asking key={`${here}${item.path}`} interview={interview} item={item} node={node} recordId={saved.current.id}
              problem={problems[item.path] ?? ""} onAnswer={answer(node, item.path)}
              onProblem={(problem) => setProblems({ ...problems, [item.path]: problem })} />
          ))}
        </>
      )}
      {now?.kind === "repeat" && <Turns interview={interview} step={now} onChange={change} />}
    </Screen>
  );
}

// The turns of a repeat so far: any of them can be taken away, and one more begun.
function Turns(props: { interview: Interview; step: Step & { kind: "repeat" }; onChange: (how: () => void) => void }) {
  const { interview, step, onChange } = props;
  const [sure, ask] = useState<TreeNode | null>(null);
  const label = interview.text(step.item.label, step.parent);
  const name = (turn: TreeNode) => `${label} ${shown(step.turns.indexOf(turn) + 1)}`;
  return (
    <div class="question">
      <h2>{label}</h2>
      <p>{t("soFar", { n: step.turns.length })}</p>
      <ul class="list">
        {step.turns.map((turn) => (
          <li class="turn">
            <span>{name(turn)}<small>{interview.sign(step.item, turn)}</small></span>
            <button type="button" class="quiet" aria-label={`${t("removeTurn")}: ${name(turn)}`} onClick={() => ask(turn)}>{t("removeTurn")}</button>
          </li>
        ))}
      </ul>
      {sure && step.turns.includes(sure) && (
        <div class="notice notice--bad" role="alertdialog" aria-label={t("removeTurn")}>
          <p>{t("removeTurnSure", { name: name(sure) })}</p>
          <div class="buttons">
            <button type="button" onClick={() => ask(null)}>{t("cancel")}</button>
            <button type="button" class="warn" onClick={() => { ask(null); onChange(() => interview.remove(sure)); }}>{t("removeTurn")}</button>
          </div>
        </div>
      )}
      <div class="buttons">
        <button type="button" onClick={() => onChange(() => interview.add(step.item, step.parent))}>{t("addAnother")}</button>
      </div>
    </div>
  );
}
