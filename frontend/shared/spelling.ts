// One spelling of Khmer text that looks the same however it was typed: the rules of
// platform/khmer/spelling.py, which explains them; a test compares the two on many names.

const SYLLABLES = /[\u1780-\u17b3\u25cc][\u17b6-\u17d3\u17dd\u1780-\u17b3]*/g;
const PART = /\u17d2+[\u1780-\u17b3]|[^]/g;
const DEPRECATED: Record<string, string> = {
  "\u17a3": "\u17a2", "\u17a4": "\u17a2\u17b6", "\u17a8": "\u17a7\u1780", "\u17b2": "\u17b1",
  "\u17b4": "", "\u17b5": "", "\u17dd": "\u17d1",
};
const COMPOUNDS: [RegExp, string][] = [
  [/\u17be\u17b6/g, "\u17c4\u17b8"],
  [/\u17c1([\u17bb-\u17bd]?)\u17b8/g, "\u17be$1"],
  [/\u17c1([\u17bb-\u17bd]?)\u17b6/g, "\u17c4$1"],
  [/\u17c1\u17c1/g, "\u17c2"],
  [/[\u17c9\u17ca](?=[\u17be\u17bf\u17b7-\u17ba\u17d0]|\u17b6\u17c6)/g, "\u17bb"],
  [/([\u17be\u17bf])\u17bb/g, "\u17bb$1"],
  [/(\u17d2\u179a)((?:\u17d2[\u1780-\u17b3])+)/g, "$2$1"],
  [/\u17d2\u178a/g, "\u17d2\u178f"],
];

function order(sign: string): number {
  if (sign === "\u17cc") return 1;
  if (sign === "\u17c9" || sign === "\u17ca") return 3;
  if (sign >= "\u17be" && sign <= "\u17c5") return 4;
  if (sign >= "\u17bb" && sign <= "\u17bd") return 5;
  if (sign >= "\u17b7" && sign <= "\u17ba") return 6;
  if (sign === "\u17b6") return 7;
  return sign === "\u17c7" || sign === "\u17c8" ? 9 : 8;
}

// A compound may be the beginning of another one.
function sorted(run: string): string {
  for (let time = 0; time < 6; time += 1) {
    const before = run;
    run = sortedOnce(run);
    if (run === before) break;
  }
  return run;
}

function sortedOnce(run: string): string {
  const syllables: [number, string][][] = [];
  for (const part of run.match(PART) ?? []) {
    if (part[0] === "\u17d2" && part.length > 1) {
      syllables[syllables.length - 1]!.push([2, "\u17d2" + part[part.length - 1]]);
    } else if ((part >= "\u1780" && part <= "\u17b3") || part === "\u25cc") {
      syllables.push([[0, part]]);
    } else if (part !== "\u17d2") {  // one without a letter would join the next syllable when sorted last
      syllables[syllables.length - 1]!.push([order(part), part]);
    }
  }
  return syllables.map((parts) => COMPOUNDS.reduce(
    (text, [from, to]) => text.replace(from, to),
    parts.sort((a, b) => a[0] - b[0]).map((part) => part[1]).join(""),
  )).join("");
}

export function oneSpelling(text: string): string {
  const plain = text.replace(/[\u17a3\u17a4\u17a8\u17b2\u17b4\u17b5\u17dd]/g, (sign) => DEPRECATED[sign]!);
  return plain.replace(SYLLABLES, sorted);
}
