// The engine of one interview: the XForm's own instance as a DOM, its expressions evaluated by
// openrosa-xpath-evaluator, and the steps one walks through. The same instance is sent as ODK
// Collect would send it.

// @ts-expect-error the library has no types
import evaluator from "openrosa-xpath-evaluator";
import { offered, type Offered } from "./choices";
import { now } from "./clock";
import { type Step, stepsOf } from "./steps";
import type { Bind, Choice, Form, Item, Items, Part, Question, Repeat, Row, Text } from "./types";

const engine = evaluator();
const evaluate: (expression: string, node: Node, names: null, type: number) => XPathResult = (
  expression, node, names, type,
) => engine.evaluate(expression, node, names, type);
const XMLNS = "http://www.w3.org/2000/xmlns/";
export const OPENROSA = "http://openrosa.org/xforms";

export class Interview {
  readonly model: XMLDocument;
  readonly root: Element;
  private readonly irrelevant = new Set<Element>();
  readonly lists: Record<string, (Choice | Row)[]>;

  constructor(
    readonly form: Form,
    houseLists: Record<string, Row[]>,
    readonly language: string,
    private readonly username: string,
    xml?: string,
  ) {
    this.lists = { ...houseLists, ...form.lists };
    const parser = new DOMParser();
    this.model = parser.parseFromString("<model><instance/></model>", "text/xml");
    const data = parser.parseFromString(xml ?? form.instance, "text/xml").documentElement;
    this.root = this.model.importNode(data, true);
    this.model.querySelector("instance")!.append(this.root);
    this.addLists();
    if (!xml) this.begin();
    this.recompute();
  }

  // Lists that some expression reads by instance('…') become instances of the model.
  private addLists(): void {
    const text = JSON.stringify([this.form.binds, this.form.body, this.form.actions]);
    for (const [name, rows] of Object.entries(this.lists)) {
      if (!text.includes(`instance('${name}')`) && !text.includes(`instance(\\"${name}\\")`)) continue;
      const holder = this.model.createElement("instance");
      holder.setAttribute("id", name);
      const root = this.model.createElement("root");
      for (const row of rows) root.append(this.element(row));
      holder.append(root);
      this.model.documentElement.append(holder);
    }
  }

  private element(row: Choice | Row): Element {
    const item = this.model.createElement("item");
    const columns: Row = "columns" in row || typeof row.label === "object"
      ? { name: String(row.name), label: this.text((row as Choice).label), ...((row as Choice).columns ?? {}) }
      : (row as Row);
    for (const [column, value] of Object.entries(columns)) {
      const cell = this.model.createElement(column);
      cell.textContent = value ?? "";
      item.append(cell);
    }
    return item;
  }

  private begin(): void {
    for (const preload of this.form.preloads) {
      const value = this.preload(preload.preload, preload.params);
      if (value) this.set(this.at(preload.path), value);
    }
    this.set(this.at(this.form.meta.instanceID), `uuid:${crypto.randomUUID()}`);
    this.act("odk-instance-first-load");
  }

  private preload(kind: string, params: string): string {
    if (kind === "timestamp" && params === "start") return now().stamp;
    if (kind === "date" && params === "today") return now().day;
    if (kind === "property" && params === "username") return this.username;
    return "";
  }

  private act(event: string, trigger?: string): void {
    for (const action of this.form.actions) {
      if (!action.events.includes(event) || (action.trigger ?? undefined) !== trigger) continue;
      for (const node of this.all(action.path)) this.set(node, this.string(action.value, node));
    }
  }

  // --- expressions ---------------------------------------------------------------------------

  private prepared(expression: string, node: Element): string {
    return expression
      .replace(/jr:choice-name\(\s*([^,]+),\s*'([^']+)'\s*\)/g, (_all, value: string, path: string) =>
        this.quoted(this.choiceName(this.string(value, node), path.trim())))
      .replace(/instance\(\s*['"]([^'"]+)['"]\s*\)/g, "/model/instance[@id='$1']")
      .replace(/current\(\)\/\.\//g, "./")
      .replace(/current\(\)/g, ".")
      .replace(new RegExp(`(^|[^\\w./\\]])${this.form.root}(?=/|$|[^\\w-])`, "g"), `$1/model/instance[1]${this.form.root}`);
  }

  private quoted(text: string): string {
    return text.includes("'") ? `"${text.replace(/"/g, "")}"` : `'${text}'`;
  }

  private choiceName(value: string, path: string): string {
    const item = this.find(path);
    if (!item?.items) return value;
    const names = value.split(/\s+/).filter(Boolean);
    const rows = this.lists[item.items.list] ?? [];
    return names.map((n) => this.labelOf(rows.find((r) => r.name === n)) || n).join(", ");
  }

  private find(path: string, items: Item[] = this.form.body): Question | undefined {
    for (const item of items) {
      if (item.kind === "question" && item.path === path) return item;
      const inside = item.kind === "question" ? undefined : this.find(path, item.children);
      if (inside) return inside;
    }
    return undefined;
  }

  string(expression: string, node: Element): string {
    const found = evaluate(this.prepared(expression, node), node, null, XPathResult.STRING_TYPE);
    return String(found.stringValue ?? "");
  }

  truth(expression: string, node: Element): boolean {
    return Boolean(evaluate(this.prepared(expression, node), node, null, XPathResult.BOOLEAN_TYPE).booleanValue);
  }

  text(text: Text | undefined, node: Element = this.root): string {
    if (!text) return "";
    const parts: Part[] = text[this.language] ?? Object.values(text)[0] ?? [];
    return parts.map((p) => (typeof p === "string" ? p : this.string(p.value, node))).join("");
  }

  // --- nodes ---------------------------------------------------------------------------------

  private names(path: string): string[] {
    return path.slice(this.form.root.length).split("/").filter(Boolean);
  }

  all(path: string, from: Element = this.root, under: string = this.form.root): Element[] {
    let found = [from];
    for (const name of path.slice(under.length).split("/").filter(Boolean)) {
      const local = name.split(":").pop();
      found = found.flatMap((e) => [...e.children].filter((c) => c.localName === local));
    }
    return found;
  }

  at(path: string): Element {
    const [found] = this.all(path);
    if (found) return found;
    // the instance a form brings may leave out what its meta names
    let node = this.root;
    for (const name of this.names(path)) {
      const local = name.split(":").pop()!;
      let next = [...node.children].find((c) => c.localName === local);
      if (!next) {
        next = this.model.createElementNS(node.namespaceURI, local);
        node.append(next);
      }
      node = next;
    }
    return node;
  }

  pathOf(node: Element): string {
    const names: string[] = [];
    for (let e: Element | null = node; e && e !== this.root; e = e.parentElement) names.unshift(e.nodeName);
    return [this.form.root, ...names].join("/");
  }

  bind(node: Element): Bind {
    return this.form.binds[this.pathOf(node)] ?? {};
  }

  value(node: Element): string {
    return node.textContent ?? "";
  }

  private set(node: Element, value: string): void {
    if (node.childElementCount === 0 && node.textContent !== value) node.textContent = value;
  }

  answer(node: Element, value: string): void {
    this.set(node, value);
    this.act("xforms-value-changed", this.pathOf(node));
    this.recompute();
  }

  // --- relevance, calculation, rules -----------------------------------------------------------

  relevant(node: Element): boolean {
    for (let e: Element | null = node; e && e !== this.root; e = e.parentElement) {
      if (this.irrelevant.has(e)) return false;
    }
    return true;
  }

  recompute(): void {
    const binds = Object.entries(this.form.binds);
    for (let round = 0; round < 8; round++) {
      let changed = false;
      for (const [path, bind] of binds) {
        if (!bind.relevant && !bind.calculate) continue;
        for (const node of this.all(path)) {
          if (bind.relevant) {
            const hidden = !this.truth(bind.relevant, node);
            if (hidden !== this.irrelevant.has(node)) {
              changed = true;
              if (hidden) this.irrelevant.add(node);
              else this.irrelevant.delete(node);
            }
          }
          if (bind.calculate && this.relevant(node)) {
            const value = this.string(bind.calculate, node);
            if (value !== this.value(node)) {
              changed = true;
              this.set(node, value);
            }
          }
        }
      }
      if (!changed) return;
    }
  }

  required(node: Element): boolean {
    const rule = this.bind(node).required;
    return Boolean(rule && this.truth(rule, node));
  }

  readonly(node: Element): boolean {
    const rule = this.bind(node).readonly;
    return Boolean(rule && this.truth(rule, node));
  }

  // "" when the answer may stand, otherwise "required" or "constraint".
  wrong(node: Element): "" | "required" | "constraint" {
    const bind = this.bind(node);
    if (this.value(node) === "") return this.required(node) ? "required" : "";
    return bind.constraint && !this.truth(bind.constraint, node) ? "constraint" : "";
  }

  message(node: Element, wrong: "required" | "constraint"): string {
    const bind = this.bind(node);
    return this.text(wrong === "required" ? bind.requiredMsg : bind.constraintMsg, node);
  }

  // --- choices -------------------------------------------------------------------------------

  labelOf(row: Choice | Row | undefined): string {
    if (!row) return "";
    if (typeof row.label === "object") return this.text((row as Choice).label);
    const own = (row as Row)[`label_${this.language}`];
    return own || String(row.label ?? row.name);
  }

  offered(items: Items, node: Element): Offered[] {
    return offered(this, items, node);
  }

  // Does a filter, which is a predicate on a choice, leave this one?
  leaves(filter: string, row: Choice | Row, node: Element): boolean {
    const item = this.element(row);
    this.model.documentElement.append(item);
    try {
      const rule = this.prepared(filter.replace(/current\(\)/g, this.position(node)), node);
      return Boolean(evaluate(`boolean(self::node()[${rule}])`, item, null, XPathResult.BOOLEAN_TYPE).booleanValue);
    } finally {
      item.remove();
    }
  }

  // The absolute path of one node, repeats by number.
  private position(node: Element): string {
    const steps: string[] = [];
    for (let e: Element | null = node; e && e !== this.root.parentElement; e = e.parentElement) {
      const same = [...(e.parentElement?.children ?? [])].filter((c) => c.nodeName === e!.nodeName);
      steps.unshift(`*[local-name()='${e.localName}'][${same.indexOf(e) + 1}]`);
    }
    return `/model/instance[1]/${steps.join("/")}`;
  }

  // --- the way through -------------------------------------------------------------------------

  steps(): Step[] {
    return stepsOf(this);
  }

  add(item: Repeat, parent: Element): void {
    const parsed = new DOMParser().parseFromString(item.template, "text/xml").documentElement;
    // the template is written without the instance's own namespace
    const copy = this.renamed(parsed);
    const parentPath = item.path.slice(0, item.path.lastIndexOf("/"));
    const last = this.all(item.path, parent, parentPath).pop();
    if (last) last.after(copy);
    else parent.append(copy);
    this.recompute();
  }

  private renamed(element: Element): Element {
    const space = this.root.namespaceURI;
    const made = this.model.createElementNS(element.namespaceURI ?? space, element.nodeName);
    for (const { name, value } of [...element.attributes]) if (!name.startsWith("xmlns")) made.setAttribute(name, value);
    if (element.childElementCount) for (const child of element.children) made.append(this.renamed(child));
    else made.textContent = element.textContent;
    return made;
  }

  remove(item: Repeat, parent: Element): void {
    const parentPath = item.path.slice(0, item.path.lastIndexOf("/"));
    this.all(item.path, parent, parentPath).pop()?.remove();
    this.recompute();
  }

  // --- out -------------------------------------------------------------------------------------

  get instanceId(): string {
    return this.value(this.at(this.form.meta.instanceID));
  }

  // An edit of a record the server has: a new name, and the name it replaces beside it.
  replace(current: string): void {
    const id = this.at(this.form.meta.instanceID);
    const meta = id.parentElement!;
    const old = [...meta.children].find((c) => c.localName === "deprecatedID")
      ?? meta.appendChild(this.model.createElementNS(id.namespaceURI, id.nodeName.replace("instanceID", "deprecatedID")));
    old.textContent = current;
    id.textContent = `uuid:${crypto.randomUUID()}`;
  }

  finish(): void {
    for (const { path, preload, params } of this.form.preloads) {
      if (preload === "timestamp" && params === "end") this.set(this.at(path), now().stamp);
    }
    this.recompute();
  }

  // The record as it is kept (everything entered) or sent (only what has sense).
  xml(sent = false): string {
    const data = this.root.cloneNode(true) as Element;
    if (sent) {
      const originals = [this.root, ...this.root.querySelectorAll("*")];
      const copies = [data, ...data.querySelectorAll("*")];
      originals.forEach((original, i) => {
        if (original.childElementCount === 0 && !this.relevant(original)) copies[i]!.textContent = "";
      });
    }
    const written = new XMLSerializer().serializeToString(data);
    return written.replaceAll(` xmlns:xmlns="${XMLNS}"`, "");
  }

  files(): string[] {
    const kinds = new Set(["image", "audio"]);
    const names: string[] = [];
    const visit = (items: Item[]) => {
      for (const item of items) {
        if (item.kind !== "question") visit(item.children);
        else if (kinds.has(item.control)) {
          for (const node of this.all(item.path)) if (this.value(node) && this.relevant(node)) names.push(this.value(node));
        }
      }
    };
    visit(this.form.body);
    return names;
  }

  // What is entered under a group, by name: for the standard shown beside the questions.
  known(group: string | null, near: Element): Row {
    if (!group) return {};
    let holder: Element | null = near;
    while (holder && this.pathOf(holder) !== group) holder = holder === this.root ? null : holder.parentElement;
    const node = holder ?? this.all(group)[0];
    if (!node) return {};
    return Object.fromEntries([...node.querySelectorAll("*")].filter((e) => !e.childElementCount).map((e) => [e.localName, e.textContent ?? ""]));
  }
}
