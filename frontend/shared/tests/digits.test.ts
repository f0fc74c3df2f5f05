import { describe, expect, it } from "vitest";
import { khmer, latin, number, visible } from "../digits";

describe("digits", () => {
  it("are exchanged and nothing else is touched", () => {
    expect(latin("ថ្ងៃទី ០១២៣៤៥៦៧៨៩ a7")).toBe("ថ្ងៃទី 0123456789 a7");
    expect(khmer("ថ្ងៃទី 0123456789 ៧")).toBe("ថ្ងៃទី ០១២៣៤៥៦៧៨៩ ៧");
  });

  it("signs without width are removed", () => {
    expect(visible("\ufeff៥\u200b០\u200e០\u202c\u00ad")).toBe("៥០០");
  });
});

describe("numbers as people type them", () => {
  it.each([
    ["៤០០០", "4000"], ["4,000", "4000"], ["៤.០០០", "4000"], ["4 000", "4000"], ["1.234.567", "1234567"], ["-5", "-5"], ["007", "007"],
    ["\u200b12", "12"], ["", null], ["abc", null], ["4.5", null], ["0,500", null], ["1,00", null], ["1e3", null], ["1234567890123456", null],
  ])("whole: %s is %s", (text, expected) => {
    expect(number(text, false)).toBe(expected);
  });

  it.each([
    ["3,5", "3.5"], ["3.5", "3.5"], ["0,500", "0.500"], ["1,000", "1000"], ["1,000.5", "1000.5"], ["១,៥", "1.5"], ["-0.25", "-0.25"],
    [".5", null], ["5.", null], ["1,000,5", null], ["1.000,5", null],
  ])("decimal: %s is %s", (text, expected) => {
    expect(number(text, true)).toBe(expected);
  });
});
