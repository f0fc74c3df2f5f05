import { describe, expect, it, vi } from "vitest";
import { decrypt, encrypt, newNumber } from "../src/rounds/handover";
import { attendance, begin, count, emptied, mayTell, median, type Meeting, missing, nextVoter, type Round, sending } from "../src/rounds/model";

vi.stubGlobal("localStorage", { getItem: () => null });
const { WORDS } = await import("../src/rounds/words");

const CODES = ["CA-P1", "CA-P2", "CA-P3", "CA-P4", "CA-P5"];
const round = {
  code: "123456", core: CODES.map((key) => ({ key, name: [key, key] })), kept: [], cards: 0, voteAt: "http://x/vote/",
} as unknown as Round;

function meeting(people: number): Meeting {
  const made = begin(round, "community", "caf.dara");
  return {
    ...made, readOut: true,
    criteria: made.criteria.map((one) => ({ ...one, kept: true, suggestions: ["x"] })),
    attendees: Array.from({ length: people }, (_none, n) => ({
      sticker: n + 1, sex: n % 2 ? "women" as const : "men" as const, age: "adults" as const, poor_card: n === 0, disability: false, minority: false,
    })),
  };
}

const vote = (one: Meeting, sticker: number, score: number): Meeting =>
  count({ ...one, ballot: { sticker, at: CODES.length, scores: Object.fromEntries(CODES.map((key) => [key, score])) } });

describe("a ballot", () => {
  it("becomes counts and is forgotten", () => {
    const after = vote(vote(meeting(12), 7, 5), 2, 1);
    expect(after.ballot).toBeUndefined();
    expect(after.criteria[0]!.tablet).toEqual([1, 0, 0, 0, 1]);
    expect(after.criteria[0]!.groups.women).toEqual([1, 0, 0, 0, 0]);
    // by number, not by the order of voting
    expect(after.voted).toEqual([2, 7]);
    expect(nextVoter(after)?.sticker).toBe(1);
  });

  it("leaves no trace in what is sent: no sticker, nobody's profile, no small group", () => {
    let one = meeting(12);
    for (let sticker = 1; sticker <= 12; sticker++) one = vote(one, sticker, 1 + (sticker % 5));
    const said = JSON.stringify(sending(one));
    expect(said).not.toMatch(/sticker|ballot|voted|attendees/);
    const first = (sending(one).criteria as { tablet: number[]; groups: object }[])[0]!;
    expect(first.tablet.reduce((a, b) => a + b)).toBe(12);
    // one person alone has a card
    expect(Object.keys(first.groups).sort()).toEqual(["men", "women"]);
    expect(attendance(one)).toMatchObject({ people: 12, women: 6, men: 6, poor_card: 1 });
  });

  it("is gone from the tablet once the meeting is sent", () => {
    const after = emptied(vote(meeting(5), 1, 4));
    expect(JSON.stringify(after)).not.toContain('"sticker"');
    expect(after.criteria.flatMap((c) => [...c.tablet, ...c.cards]).every((n) => n === 0)).toBe(true);
  });
});

describe("a group", () => {
  it.each([
    [[5, 5, 0, 0, 0], [3, 2, 0, 0, 0], true],
    [[5, 4, 0, 0, 0], [3, 2, 0, 0, 0], false],
    [[5, 5, 0, 0, 0], [5, 0, 0, 0, 0], false],
    [[9, 5, 0, 0, 0], [5, 4, 0, 0, 0], true],
    [[4, 5, 0, 0, 0], [4, 1, 0, 0, 0], false],
  ] as const)("of %j in %j may be told: %s", (whole, inside, may) => {
    expect(mayTell([...whole], [...inside])).toBe(may);
  });
});

describe("what is missing", () => {
  it("names it all before a meeting is sent", () => {
    const empty = begin(round, "community", "x");
    expect(missing(empty, false).map((one) => one.what)).toEqual(["attendance", "readOut", "fewCriteria"]);
    expect(missing(meeting(3), false).filter((one) => one.what === "votes")).toHaveLength(5);
    expect(missing(meeting(3), true)).toEqual([]);
    expect(missing(vote(meeting(3), 1, 3), false)).toEqual([]);
  });
});

it("the median of two and three is two and a half", () => {
  expect(median([0, 1, 1, 0, 0])).toBe(2.5);
  expect(median([0, 0, 0, 0, 0])).toBeNull();
});

it("a meeting is handed over with its number only", async () => {
  const number = newNumber();
  expect(number).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/);
  const sealed = await encrypt(vote(meeting(12), 1, 5), number);
  expect(await decrypt(sealed, number.replace(/ /g, ""))).toMatchObject({ voted: [1] });
  expect(await decrypt(sealed, "0000 0000 0000 0001")).toBeNull();
  // as long with one vote as with many
  let many = meeting(12);
  for (let n = 1; n <= 12; n++) many = vote(many, n, 3);
  expect((await encrypt(many, number)).length).toBe(sealed.length);
});

it("both languages have all words", () => {
  expect(Object.keys(WORDS.en).sort()).toEqual(Object.keys(WORDS.km).sort());
  expect(Object.values(WORDS.km).every(Boolean)).toBe(true);
});
