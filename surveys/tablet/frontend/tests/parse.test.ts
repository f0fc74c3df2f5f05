import { describe, expect, it } from "vitest";
import { XPathError } from "../src/engine/errors";
import { functionsUsed, parse } from "../src/engine/parse";

describe("parse", () => {
  it.each([
    "1 + 2 * 3", "-(5)", "--3", "../a", ".", "/data/a[b = 1]/c", "current()/../a", "instance('x')/root/item[name = current()/../k]/label",
    "if(a > 1, 'x', \"y\")", "jr:choice-name(/data/a, '/data/a')", "/data/ការ", "a-b", "/data/a -1", "not(a) and b or c", "div div div",
  ])("reads %s", (expression) => {
    expect(parse(expression)).toBeTypeOf("object");
  });

  it.each([
    ["selected(${a}, 'yes'", 10], ["selected(/data/a, 'yes'", 23], ["1 +", 3], ["(1", 2], ["1)", 1], ["'abc", 0], ["a b", 2], ["1e3", 1], ["//a", 0], ["a | b", 2],
    ["/data/*", 6], ["", 0], ["(a)[1]", 3], ["a[1", 3], ["foo(1,)", 6],
  ])("refuses %s at %i", (expression, position) => {
    let error: unknown;
    try {
      parse(expression);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(XPathError);
    expect((error as XPathError).position).toBe(position);
    expect((error as XPathError).expression).toBe(expression);
  });

  it("refuses what is nested without end instead of breaking", () => {
    expect(() => parse("(".repeat(5000) + "1" + ")".repeat(5000))).toThrow(XPathError);
  });

  it("keeps trees: the same text is the same tree", () => {
    expect(parse("1 + 1")).toBe(parse("1 + 1"));
  });

  it("names the functions that are called", () => {
    expect(functionsUsed("if(foo(a), sum(b[bar(c)]), 1)").sort()).toEqual(["bar", "foo", "if", "sum"]);
  });
});
