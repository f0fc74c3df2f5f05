import { expect, it } from "vitest";
import { oneSpelling } from "../spelling";

// Pairs that look the same on the screen; the server's rules are compared in test_phone_arithmetic.py.
it.each([
  ["ខ្មែរ", "ខ្មែរ"],
  ["កោះ", "ក\u17c1\u17b6ះ"], // a vowel typed in two parts
  ["បន្ទាយ\u17d2ត", "បន្ទាយ\u17d2ដ"], // the subscripts of ត and ដ are one shape
  ["ស្រី", "ស\u17d2រ\u17b8"],
])("%s is spelled like %s", (one, other) => {
  expect(oneSpelling(other)).toBe(oneSpelling(one));
});

it("keeps names apart that look different", () => {
  expect(oneSpelling("កក")).not.toBe(oneSpelling("កខ"));
  expect(oneSpelling("Phnom Penh")).toBe("Phnom Penh");
});
