/** The order of randomize(): with a seed the same on every device (Park and Miller's generator). */
const MODULUS = 2147483647;

function generator(seed: number): () => number {
  let state = Math.trunc(seed) % MODULUS;
  if (state <= 0) state += MODULUS - 1;
  return () => {
    state = Number((BigInt(state) * 16807n) % BigInt(MODULUS));
    return (state - 1) / (MODULUS - 1);
  };
}

/** A copy of `list` in random order; `from` is a seed, or what gives random numbers. */
export function shuffled<T>(list: readonly T[], from: number | (() => number)): T[] {
  const next = typeof from === "number" ? generator(Number.isNaN(from) ? 0 : from) : from;
  const order: T[] = [];
  list.forEach((item, i) => {
    const j = Math.floor(next() * (i + 1));
    if (j !== i) order[i] = order[j]!;
    order[j] = item;
  });
  return order;
}
