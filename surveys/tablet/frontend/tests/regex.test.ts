import { describe, expect, it } from "vitest";
import { XPathError } from "../src/engine/errors";
import { matches } from "../src/engine/regex";

describe("matches", () => {
  it.each([
    ["abc", "abc", true], ["xabc", "abc", false], ["ABC", "(?i)abc", true], ["", "a*", true], ["012345678", "0[1-9][0-9]{7,8}", true],
    ["ខ្មែរ", "[ក-៓]+", true], ["ខ្មែរ", "[\\p{L}\\p{M}]+", true], ["d", "[a-z&&[^abc]]", true], ["b", "[a-z&&[^abc]]", false],
    ["foobar", "foo(?!bar).*", false], ["foobar", ".*(?<=foo)bar", true], ["a.b", "a\\Q.\\Eb", true], ["😀", ".", true], ["ab", "a|b", false],
  ])("%s against %s is %s", (value, pattern, expected) => {
    expect(matches(value, pattern)).toBe(expected);
  });

  // patterns on which a search that tries one way after the other never ends
  it.each([
    ["abcdefghijklmnopqrstuvwxyz1", "(([a-z]+)[ -]?)*"],
    [`${"a".repeat(40)}!`, "(a+)+"],
    [`${"a".repeat(40)}!`, "(a|aa)*"],
    [`${"x".repeat(2000)}y`, "(x*)*(x*)*z"],
    [`${"0".repeat(60)}x`, "(\\d+\\d+)+\\d"],
  ])("comes to an end for %s against %s", (value, pattern) => {
    expect(matches(value, pattern)).toBe(false);
  });

  it.each(["[", "(a", "a)", "*a", "a{2,1}", "[z-a]", "(a)\\1", "a++", "\\", "(?<n", "a{30000}", "((a{100}){100}){100}"])("refuses %s with a message", (pattern) => {
    expect(() => matches("a", pattern)).toThrow(XPathError);
  });

  it("refuses a value that would take too long", () => {
    expect(() => matches("a".repeat(200_000), `(${"a?".repeat(900)})*b`)).toThrow(/too long/);
  });
});
