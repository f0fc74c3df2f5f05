// The calls that the server makes of FormEngine (surveys/tablet/frontend/src/engine).
//
// answerCall takes a request as JSON and returns {"value": ...}, {"failed": "error", "message": ...}
// or {"failed": "unknown", "name": ...}: a form or list that was not given to this process, or long
// ago; the caller gives it and asks again.
"use strict";

const kept = new Map();
const MOST_KEPT = 200;

class UnknownError extends Error {}

function keep({ name, content }) {
  kept.delete(name);
  kept.set(name, { content, prepared: new Map() });
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  return true;
}

function keptAs(name) {
  const entry = kept.get(name);
  if (!entry) throw new UnknownError(name);
  return entry;
}

// The lists that a form of this name sees, prepared once: house is {list: name under which it is kept}.
function listsOf(form, house) {
  const key = JSON.stringify(house);
  const { content, prepared } = keptAs(form);
  let lists = prepared.get(key);
  if (!lists) {
    const rows = {};
    for (const [list, name] of Object.entries(house)) rows[list] = keptAs(name).content;
    prepared.clear(); // of an earlier state of the lists
    prepared.set(key, (lists = new FormEngine.Lists(content, rows)));
  }
  return lists;
}

const calls = {
  keep,
  check: ({ compiled, lists, now }) => FormEngine.checkForm(compiled, { lists, now }),
  // each record by itself: {findings: [...]}, or {error: "..."} for one that cannot be read
  judge: ({ form, house, records }) => {
    const { content } = keptAs(form);
    const lists = listsOf(form, house);
    return records.map(({ xml, now }) => {
      try {
        return { findings: FormEngine.judge(content, xml, { lists, now }) };
      } catch (error) {
        return { error: String(error && error.message) };
      }
    });
  },
  // one expression at a node of a new record: for tests against other engines
  evaluate: ({ compiled, expression, path, now }) =>
    FormEngine.openForm(compiled, { now }).evaluate(expression, path),
  // the steps of a person who fills in a form: for tests against other engines
  fill: ({ compiled, steps, now }) => {
    const session = FormEngine.openForm(compiled, { now });
    const looks = [];
    for (const { do: what, path, value } of steps) {
      if (what === "set") session.set(path, value);
      else if (what === "add") session.add(path);
      else if (what === "remove") session.remove(path);
      else looks.push(session.look(path));
    }
    const errors = [...session.errors, ...session.model.problems];
    return { looks, leaves: session.leaves(), errors, sent: session.xml(true) };
  },
  // the leaves of a record as it was sent
  weigh: ({ compiled, xml, now }) => {
    const session = new FormEngine.Session(compiled, { now, recalculate: false }, xml).weigh();
    return { leaves: session.leaves(), errors: session.errors };
  },
};

function answerCall(text) {
  const request = JSON.parse(text);
  try {
    return JSON.stringify({ value: calls[request.call](request) });
  } catch (error) {
    if (error instanceof UnknownError) return JSON.stringify({ failed: "unknown", name: error.message });
    return JSON.stringify({ failed: "error", message: String(error && error.message) });
  }
}
