/**
 * Judging a record that was sent: which answers its form does not allow, lacks, or should not have asked for.
 *
 * The record is taken as it is. What cannot be evaluated is no fault of the record, except that an
 * expression which takes too long leaves it unjudged.
 */
import { type Compiled, type Question, takesSeveral } from "./form";
import { TOO_LONG } from "./regex";
import { type Options, Session } from "./session";
import { TreeNode } from "./tree";

export interface Finding { kind: "irrelevant" | "required" | "constraint" | "not_a_choice" | "not_judged"; path: string; value: string }

export const MOST_FINDINGS = 50;

/** Findings in the order of the form, one of each kind for each question. Throws XPathError for XML that cannot be read. */
export function judge(form: Compiled, xml: string, options: Options = {}): Finding[] {
  const session = new Session(form, { ...options, recalculate: false }, xml).weigh();
  const findings = new Map<string, Finding>();
  const say = (kind: Finding["kind"], path: string, value: string) => {
    const key = `${kind} ${path}`;
    if (findings.size < MOST_FINDINGS && !findings.has(key)) findings.set(key, { kind, path, value: value.slice(0, 200) });
  };
  for (const node of session.root.all()) {
    if (node === session.root) continue;
    const value = node.leaf ? node.raw.trim() : "";
    if (!node.relevant) {
      if (value && !session.model.binds.get(node.path)?.calculate) say("irrelevant", node.path, value);
      continue;
    }
    if (!node.leaf) continue;
    const question = session.model.questions.get(node.path);
    if (!value) {
      if (question && session.required(node)) say("required", node.path, "");
      continue;
    }
    if (!session.constraintHolds(node)) say("constraint", node.path, value);
    if (question?.items && !chosenWell(session, question, node, value)) say("not_a_choice", node.path, value);
  }
  for (const { path, expression, message } of session.errors) if (message === TOO_LONG) say("not_judged", path, expression);
  return [...findings.values()];
}

function chosenWell(session: Session, question: Question, node: TreeNode, value: string): boolean {
  const names = takesSeveral(question) ? value.split(/\s+/) : [value];
  // the choices of a list that is not known here (a file for ODK Collect) are not judged
  if (!session.lists.has(question.items!.list)) return true;
  const offered = session.offeredOf(names, question, node);
  return names.every((name) => offered.has(name));
}
