import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepTrying, timeLimit, type Result } from "../network";

// A page of the browser's, as far as the module looks at it.
const page = { visibilityState: "visible", addEventListener: vi.fn(), removeEventListener: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  page.visibilityState = "visible";
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

// When (in seconds) an attempt was made within ten minutes, if each ends like this.
async function attempts(result: () => Promise<Result | null>): Promise<number[]> {
  const start = Date.now();
  const when: number[] = [];
  const { stop } = keepTrying(() => {
    when.push(Math.round((Date.now() - start) / 1000));
    return result();
  });
  await vi.advanceTimersByTimeAsync(600_000);
  stop();
  return when;
}

it("waits twice as long each time, at most two minutes", async () => {
  expect(await attempts(async () => ({ sent: 0, left: 1 }))).toEqual([0, 10, 30, 70, 150, 270, 390, 510]);
});

it("counts an error as nothing sent", async () => {
  expect((await attempts(() => Promise.reject(new Error("no network")))).slice(0, 3)).toEqual([0, 10, 30]);
});

it("stops when nothing is left", async () => {
  expect(await attempts(async () => ({ sent: 3, left: 0 }))).toEqual([0]);
});

it("begins anew after a success", async () => {
  let number = 0;
  const when = await attempts(async () => ({ sent: ++number === 3 ? 1 : 0, left: 1 }));
  expect(when.slice(0, 5)).toEqual([0, 10, 30, 40, 60]);
});

it("does not try in a page that nobody sees", async () => {
  page.visibilityState = "hidden";
  expect(await attempts(async () => ({ sent: 0, left: 1 }))).toEqual([]);
});

it("a time limit ends a request that takes longer", async () => {
  const signal = timeLimit(1000);
  await vi.advanceTimersByTimeAsync(999);
  expect(signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(signal.aborted).toBe(true);
});
