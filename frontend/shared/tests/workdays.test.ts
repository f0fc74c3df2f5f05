import { describe, expect, it } from "vitest";
import { promised, workdays } from "../workdays";

const NEW_YEAR = new Set(["2026-04-14", "2026-04-15", "2026-04-16"]);

describe("the promised day", () => {
  it.each([
    ["2026-04-13", 0, "working", "2026-04-13"], // the same day
    ["2026-04-13", 1, "working", "2026-04-17"], // Monday before the Khmer New Year
    ["2026-04-10", 2, "working", "2026-04-17"], // over a weekend and the holidays
    ["2026-04-11", 1, "working", "2026-04-13"], // handed in on a Saturday
    ["2026-04-13", 3, "calendar", "2026-04-16"], // calendar days know no holidays
    ["2026-12-31", 1, "calendar", "2027-01-01"],
  ])("%s and %s %s days is %s", (asked, days, kind, expected) => {
    expect(promised(asked, days, kind, NEW_YEAR)).toBe(expected);
  });

  it("is unknown where no time was published or no day is given", () => {
    expect(promised("2026-04-13", null, "working", NEW_YEAR)).toBeNull();
    expect(promised("", 3, "working", NEW_YEAR)).toBeNull();
  });
});

describe("working days passed", () => {
  it("count the last day and not the first", () => {
    expect(workdays("2026-04-13", "2026-04-17", NEW_YEAR)).toBe(1);
    expect(workdays("2026-04-13", "2026-04-13", NEW_YEAR)).toBe(0);
    expect(workdays("2026-04-17", "2026-04-13", NEW_YEAR)).toBe(0);
  });

  it("are one less than needed on the day before the promised day", () => {
    const last = promised("2026-01-05", 10, "working", new Set())!;
    expect(workdays("2026-01-05", last, new Set())).toBe(10);
  });
});
