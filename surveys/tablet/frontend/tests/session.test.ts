import { describe, expect, it } from "vitest";
import { openForm, loadInstance, checkForm } from "../src/engine";
import type { Compiled } from "../src/engine/form";
import before from "./draft-before.json";
import { form, question, repeat, select } from "./forms";

const options = { now: "2026-11-30T09:00:00.000+07:00", uuid: () => "1" };
const DISTRICTS = {
  prov: [{ name: "north" }, { name: "south" }],
  dist: [{ name: "lake", up: "north" }, { name: "hill", up: "north" }, { name: "coast", up: "south" }],
};

describe("relevance", () => {
  const sums = form({
    instance: "<extra/><tea/><fee/><total/>",
    binds: {
      "/data/tea": { type: "int", relevant: "/data/extra = 'yes'" }, "/data/fee": { type: "int" },
      "/data/total": { calculate: "coalesce(/data/tea, 0) + /data/fee" },
    },
    body: [question("/data/extra"), question("/data/tea", "integer"), question("/data/fee", "integer")],
  });

  it("takes hidden answers out of every expression and what is sent, and keeps them in the draft", () => {
    const session = openForm(sums, options);
    session.set("/data/extra", "yes");
    session.set("/data/tea", "500");
    session.set("/data/fee", "1000");
    expect(session.at("/data/total")!.raw).toBe("1500");
    session.set("/data/extra", "no");
    expect(session.at("/data/total")!.raw).toBe("1000");
    expect(session.xml()).toContain("<tea>500</tea>");
    expect(session.xml(true)).toContain("<tea/>");
    session.set("/data/extra", "yes");
    expect(session.at("/data/total")!.raw).toBe("1500");
  });

  it("gives hidden answers of a draft back", () => {
    const session = openForm(sums, options);
    session.set("/data/extra", "yes");
    session.set("/data/tea", "500");
    session.set("/data/extra", "no");
    const again = loadInstance(sums, session.xml(), options);
    again.set("/data/extra", "yes");
    expect(again.at("/data/tea")!.raw).toBe("500");
  });
});

describe("choices", () => {
  const places = form({
    instance: "<p/><d/><both/><said/>",
    binds: { "/data/said": { calculate: "concat(/data/d, '!')" } }, lists: DISTRICTS,
    body: [select("/data/p", "prov"), select("/data/d", "dist", "up = current()/../p"), select("/data/both", "dist", "up = current()/../p or name = 'coast'", "select_multiple")],
  });

  it("clears a choice that is no longer offered, and what was computed of it", () => {
    const session = openForm(places, options);
    session.set("/data/p", "north");
    session.set("/data/d", "lake");
    session.set("/data/both", "lake coast");
    session.set("/data/p", "south");
    expect(session.at("/data/d")!.raw).toBe("");
    expect(session.at("/data/both")!.raw).toBe("coast");
    expect(session.at("/data/said")!.raw).toBe("!");
    expect(session.look("/data/d")).toEqual(["coast"]);
  });

  it("does not clear a draft's choice when it is opened, whatever became of the list", () => {
    const session = loadInstance(places, "<data id='t'><p>north</p><d>gone</d><both/><said/></data>", options);
    expect(session.at("/data/d")!.raw).toBe("gone");
  });
});

describe("repeats", () => {
  const people = form({
    instance: "<n/><person><age/></person><ages/><many/>",
    binds: { "/data/n": { type: "int" }, "/data/person/age": { type: "int" }, "/data/ages": { calculate: "sum(/data/person/age)" }, "/data/many": { calculate: "count(/data/person)" } },
    body: [question("/data/n", "integer"), repeat("/data/person", "<person><age/></person>", [question("/data/person/age", "integer")], "/data/n")],
  });

  it("sends only the turns that a lowered count leaves, and keeps the others", () => {
    const session = openForm(people, options);
    session.set("/data/n", "3");
    [10, 20, 30].forEach((age, i) => session.set(`/data/person[${i + 1}]/age`, String(age)));
    session.set("/data/n", "1");
    expect([session.at("/data/ages")!.raw, session.at("/data/many")!.raw]).toEqual(["10", "1"]);
    expect(session.xml(true).match(/<person>/g)).toHaveLength(1);
    const again = loadInstance(people, session.xml(), options);
    expect(again.at("/data/many")!.raw).toBe("1");
    again.set("/data/n", "2");
    expect(again.at("/data/ages")!.raw).toBe("30");
  });

  it("stops at a count that no tablet could hold", () => {
    const session = openForm(people, options);
    session.set("/data/n", "999999999");
    expect(session.at("/data/many")!.raw).toBe("1000");
    expect(session.errors).toHaveLength(1);
  });

  const visits = form({
    instance: "<visit><on/><what/></visit><days/>",
    binds: { "/data/visit/on": { type: "date" }, "/data/days": { calculate: "join(' ', /data/visit/on)" } },
    actions: [{ path: "/data/visit/on", value: "today()", events: ["odk-instance-first-load", "odk-new-repeat"], trigger: null }],
    body: [repeat("/data/visit", "<visit><on/><what/></visit>", [question("/data/visit/on", "date"), question("/data/visit/what")])],
  });

  it("fills defaults in added turns, and removes any turn", () => {
    const session = openForm(visits, options);
    session.add("/data/visit");
    session.add("/data/visit");
    expect(session.at("/data/days")!.raw).toBe("2026-11-30 2026-11-30 2026-11-30");
    session.set("/data/visit[1]/what", "a");
    session.set("/data/visit[2]/what", "b");
    session.set("/data/visit[3]/what", "c");
    session.remove("/data/visit[2]");
    expect(session.leaves().filter((leaf) => leaf.path.endsWith("what")).map((leaf) => leaf.value)).toEqual(["a", "c"]);
  });

  it("is no question when a group has lost its last turn", () => {
    const inside = form({
      instance: "<g><r><v/></r></g>",
      body: [{ kind: "group", path: "/data/g", children: [repeat("/data/g/r", "<r><v/></r>", [question("/data/g/r/v")])] }],
    });
    const session = openForm(inside, options);
    session.remove("/data/g/r[1]");
    expect(session.leaves().map((leaf) => leaf.path)).toEqual(["/data/meta/instanceID"]);
    session.add("/data/g/r");
    expect(session.leaves().map((leaf) => leaf.path)).toContain("/data/g/r[1]/v");
  });

  it("puts a first turn where the form has it, after all were removed", () => {
    const session = openForm(visits, options);
    session.remove("/data/visit[1]");
    session.add("/data/visit");
    expect(session.xml().indexOf("<visit>")).toBeLessThan(session.xml().indexOf("<days>"));
  });
});

describe("triggers", () => {
  it("set the node of their own turn, with or without a value", () => {
    const lamps = form({
      instance: "<lamp><watts/><twice/><note/></lamp>",
      actions: [
        { path: "/data/lamp/twice", value: "../watts * 2", events: ["xforms-value-changed"], trigger: "/data/lamp/watts" },
        { path: "/data/lamp/note", value: "", events: ["xforms-value-changed"], trigger: "/data/lamp/watts" },
      ],
      binds: { "/data/lamp/watts": { type: "int" } },
      body: [repeat("/data/lamp", "<lamp><watts/><twice/><note/></lamp>", [question("/data/lamp/watts", "integer"), question("/data/lamp/note")])],
    });
    const session = openForm(lamps, options);
    session.add("/data/lamp");
    session.set("/data/lamp[1]/note", "kept");
    session.set("/data/lamp[2]/note", "old");
    session.set("/data/lamp[2]/watts", "7");
    expect(session.leaves().slice(0, 6).map((leaf) => leaf.value)).toEqual(["", "", "kept", "7", "14", ""]);
  });
});

describe("trouble", () => {
  const broken = form({
    instance: "<a/><b/><c/>",
    binds: {
      "/data/b": { calculate: "date(/data/a)" }, "/data/c": { relevant: "regex(/data/a, '[')", constraint: "nosuch(.)", required: "1 +" },
    },
    body: [question("/data/a"), question("/data/c")],
  });

  it("never throws: what fails is listed, and answers stay", () => {
    const session = openForm(broken, options);
    session.set("/data/a", "no date");
    session.set("/data/c", "kept");
    expect(session.at("/data/a")!.raw).toBe("no date");
    expect(session.leaves().find((leaf) => leaf.path === "/data/c")).toEqual(
      { path: "/data/c", value: "kept", relevant: true, required: false, constraintHolds: true });
    expect(session.errors.map((error) => error.what).sort()).toEqual(["calculate", "constraint", "relevant", "required"]);
    session.set("/data/a", "2026-01-01");
    expect(session.errors.map((error) => error.what)).not.toContain("calculate");
  });

  it("is found before publishing, with what and where", () => {
    const found = checkForm(broken, options).map(({ path, what, why }) => `${path} ${what} ${why}`);
    expect(found).toContain("/data/c required syntax");
    expect(found).toContain("/data/c constraint function");
    expect(found).toContain("/data/c relevant run");
  });

  it("tells a circle", () => {
    const circle = form({ instance: "<k/><a/><b/>", binds: { "/data/a": { calculate: "coalesce(/data/b, 0) + 1" }, "/data/b": { calculate: "/data/a + 1" } } });
    expect(checkForm(circle, options).map((problem) => problem.why)).toContain("cycle");
    expect(openForm(circle, options).at("/data/k")!.raw).toBe("");
  });
});

describe("a draft that the app wrote before it had this engine", () => {
  const old = before.form as unknown as Compiled;

  it("opens with every answer, the hidden ones too", () => {
    const session = loadInstance(old, before.draft, options);
    expect(session.errors).toEqual([]);
    expect(session.at("/data/money/tea")!.raw).toBe("500");
    expect(session.at("/data/total")!.raw).toBe("1");
    session.set("/data/extra", "yes");
    expect(session.at("/data/total")!.raw).toBe("501");
    expect(session.at("/data/money/why")!.raw).toBe('a <b> & "c"');
    expect(session.at("/data/visit[2]/what")!.raw).toBe("second");
    expect(session.at("/data/meta/instanceName")!.raw).toBe("r 501");
    session.add("/data/visit");
    expect(session.at("/data/visit[3]/on")!.raw).toBe("2026-11-30");
  });

  it("is written again as it was, but for what is computed", () => {
    const written = loadInstance(old, before.draft, options).xml();
    const plain = (xml: string) => xml.replace(/<(total|[^>]*instanceName)[^>]*>[^<]*<[^>]*>/g, "");
    expect(plain(written)).toBe(plain(before.draft));
  });
});

describe("records", () => {
  const small = form({
    instance: "<a/><g><b/><c>5</c></g><r><v/></r>",
    body: [question("/data/a"), question("/data/g/b"), question("/data/g/c"), repeat("/data/r", "<r><v/></r>", [question("/data/r/v")])],
    binds: { "/data/g/c": { relevant: "/data/a = 'yes'" } },
  });

  it("are completed where a client has left hidden questions out", () => {
    const session = loadInstance(small, "<data id='t' version='1'><a>no</a><g><b>1</b></g><meta><orx:instanceID xmlns:orx='http://openrosa.org/xforms'>uuid:9</orx:instanceID></meta></data>", options);
    session.set("/data/a", "yes");
    session.set("/data/g/c", "7");
    expect(session.xml()).toContain("<g><b>1</b><c>7</c></g>");
    expect(session.xml()).not.toContain("<r>");
    expect(session.xml()).toContain("uuid:9");
  });

  it("keep text as it was written: signs, spaces, lines", () => {
    const text = ' <b> & "x" \n\'y\' ';
    const session = openForm(small, options);
    session.set("/data/a", text);
    expect(loadInstance(small, session.xml(), options).at("/data/a")!.raw).toBe(text);
  });

  it("that cannot be read are told apart from an empty one", () => {
    expect(() => loadInstance(small, "<data><a></data>", options)).toThrow(/cannot be read/);
  });
});
