/** Try a form before it is published: everything in it is parsed, and run on the opened form. */
import { XPathError } from "./errors";
import { type Compiled, type Item, type Problem, plainPath, parentPath, type Text } from "./form";
import { FUNCTION_NAMES, wrongCall } from "./functions";
import { type Call, parse, visit } from "./parse";
import { type Options, Session } from "./session";
import { TreeNode } from "./tree";

interface Written { path: string; what: string; expression: string; language?: string }

/** Every expression of a form, with the node it belongs to. */
export function expressionsOf(form: Compiled): Written[] {
  const written: Written[] = [];
  const say = (path: string, what: string, expression?: string | null, language?: string) => {
    if (expression?.trim()) written.push({ path: plainPath(path), what, expression, language });
  };
  const words = (path: string, what: string, text?: Text) => {
    for (const [language, parts] of Object.entries(text ?? {})) for (const part of parts) if (typeof part !== "string") say(path, what, part.value, language);
  };
  for (const [path, bind] of Object.entries(form.binds)) {
    for (const what of ["calculate", "relevant", "constraint", "required", "readonly"] as const) say(path, what, bind[what]);
    words(path, "constraint_message", bind.constraintMsg);
    words(path, "required_message", bind.requiredMsg);
  }
  for (const action of form.actions) say(action.path, action.trigger ? "trigger" : "default", action.value);
  const items = (list: Item[]) => {
    for (const item of list) {
      words(item.path ?? form.root, "label", item.label);
      if (item.kind === "question") {
        words(item.path, "hint", item.hint);
        words(item.path, "guidance_hint", item.guidance);
        say(item.path, "choice_filter", item.items?.filter);
        say(item.path, "parameters", item.items?.seed);
      } else items(item.children);
      if (item.kind === "repeat") say(item.path, "repeat_count", item.count);
    }
  };
  items(form.body);
  return written;
}

/** List the faults of a form, each with its expression; empty when the tablet can run it. */
export function checkForm(form: Compiled, options: Options = {}): Problem[] {
  const problems: Problem[] = [];
  const readable = expressionsOf(form).filter((written) => syntax(written, problems));
  let session: Session;
  try {
    session = new Session(form, options).begin();
  } catch (error) {
    return [...problems, { path: "", what: "instance", expression: "", message: (error as Error).message, why: "syntax" }];
  }
  problems.push(...session.model.problems.filter(({ why }) => why === "cycle"));
  for (const item of session.model.repeats.values())
    if (!item.count) for (const parent of session.all(parentPath(plainPath(item.path)))) session.addTurn(item, parent);
  for (const written of readable) run(session, written, problems);
  problems.push(...session.errors.map((error) => ({ ...error, why: "run" as const })));
  const seen = new Set<string>();
  return problems.filter(({ path, expression, message }) => {
    const key = `${path} ${expression} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

function syntax(written: Written, problems: Problem[]): boolean {
  try {
    let wrong: Call | undefined;
    visit(parse(written.expression), (part) => {
      if (part.kind === "call" && wrongCall(part)) wrong ??= part;
    });
    if (!wrong) return true;
    const isFunction = FUNCTION_NAMES.includes(wrong.name);
    problems.push({ ...written, message: wrongCall(wrong), why: isFunction ? "run" : "function", name: wrong.name });
  } catch (error) {
    problems.push(because(written, error, "syntax"));
  }
  return false;
}

function because(written: Written, error: unknown, why: Problem["why"]): Problem {
  const { message, position } = error as XPathError;
  return { ...written, message, position, why };
}

function run(session: Session, written: Written, problems: Problem[]): void {
  const { path, what, expression } = written;
  for (const node of session.all(path)) {
    const item = session.model.questions.get(path);
    if (what === "choice_filter") {
      if (item) session.offered(item, node);
      continue;
    }
    try {
      session.result(expression, what === "repeat_count" ? beside(node) : node);
    } catch (error) {
      problems.push(because(written, error, "run"));
    }
  }
}

function beside(node: TreeNode): TreeNode {
  const made = new TreeNode(node.name);
  made.path = node.path;
  made.parent = node.parent;
  return made;
}
