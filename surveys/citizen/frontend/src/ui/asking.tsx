// Questions: one tap, a day, a commune; and the server's messages about the answers.
import { useEffect, useState } from "preact/hooks";
import { places } from "../state";
import { fold } from "../text";
import { before, today } from "../../../../../frontend/shared/workdays";
import { own, t, type Word } from "../words";
import type { Place } from "../types";
import { Ear } from "./parts";

export interface Choice<T> {
  value: T;
  label: string;
  say?: string[]; // the sounds by which it is heard, where they are recorded
}

// Words, with the button that plays their recording.
export function Heard({ say, words }: { say?: string; words: string }) {
  return <span class="heard">{words}{say && <Ear names={[say]} words={words} />}</span>;
}

// A question answered by one tap.
export function Choices<T extends string | number | boolean | null>(props: {
  legend: string;
  say?: string;
  choices: Choice<T>[];
  value: T | undefined;
  onPick: (value: T) => void;
}) {
  return (
    <fieldset class="choices">
      <legend><Heard say={props.say} words={props.legend} /></legend>
      <div class="choices__all">
        {props.choices.map((choice) => (
          <span class="heard" key={String(choice.value)}>
            <button type="button" class="chip" aria-pressed={props.value === choice.value}
              onClick={() => props.onPick(choice.value)}>{choice.label}</button>
            {choice.say && <Ear names={choice.say} words={choice.label} />}
          </span>
        ))}
      </div>
    </fieldset>
  );
}

const AGO: [Word, number, string][] = [["today", 0, "say:app.today"], ["yesterday", 1, "say:app.yesterday"], ["weekAgo", 7, "say:app.week"], ["monthAgo", 30, "say:app.month"]];

export function DayField(props: { label: string; say?: string; value: string; quick?: number; problem?: string; onChange: (iso: string) => void }) {
  const id = `day-${props.label.length}-${props.quick ?? 4}`;
  return (
    <div class="field">
      <div class="heard"><label for={id}>{props.label}</label>{props.say && <Ear names={[props.say]} words={props.label} />}</div>
      <input id={id} type="date" max={today()} value={props.value} aria-invalid={Boolean(props.problem)}
        aria-describedby={props.problem ? `${id}-problem` : undefined}
        onInput={(event) => props.onChange(event.currentTarget.value)} />
      <div class="choices__all">
        {AGO.slice(0, props.quick ?? 4).map(([word, days, say]) => (
          <span class="heard" key={word}>
            <button type="button" class="chip chip--small" aria-pressed={props.value === before(days)}
              onClick={() => props.onChange(before(days))}>{t(word)}</button>
            {props.say && <Ear names={[say]} words={t(word)} />}
          </span>
        ))}
      </div>
      {props.problem && <p class="problem" id={`${id}-problem`}>{props.problem}</p>}
    </div>
  );
}

export interface Chosen {
  code: string;
  name: string;
}

interface Found extends Chosen {
  above: string;
  rank: number;
}

function search(tree: Place[], query: string): Found[] {
  const words = fold(query);
  const hits: Found[] = [];
  if (words.length < 2) return hits;
  for (const province of tree) {
    for (const district of province[3]) {
      for (const place of district[3]) {
        const names = [place[1], place[2]].map(fold);
        const code = place[0].startsWith(words.replace(/ /g, ""));
        if (!code && !names.some((name) => name.includes(words))) continue;
        const rank = names.some((name) => name.replace(/^(ឃុំ|សង្កាត់)/, "").startsWith(words)) ? 0 : 1;
        const above = `${own([district[1], district[2]])} · ${own([province[1], province[2]])}`;
        hits.push({ code: place[0], name: own([place[1], place[2]]), above, rank });
      }
    }
  }
  return hits.sort((a, b) => a.rank - b.rank).slice(0, 30);
}

// Choosing a commune without a network: by typing, or from the province down.
export function CommunePicker({ onPick }: { onPick: (chosen: Chosen) => void }) {
  const [tree, setTree] = useState<Place[] | null>(null);
  const [missing, setMissing] = useState(false);
  const [query, setQuery] = useState("");
  const [path, setPath] = useState<Place[]>([]);
  useEffect(() => {
    places().then(setTree, () => setMissing(true));
  }, []);
  if (missing) return <p class="notice">{t("placesMissing")}</p>;
  if (!tree) return <p role="status">{t("loading")}</p>;
  const hits = search(tree, query);
  const inside = path.length ? path[path.length - 1]![3] : tree;
  const pick = (place: Place) =>
    path.length === 2 ? onPick({ code: place[0], name: own([place[1], place[2]]) }) : setPath([...path, place]);
  return (
    <div class="places">
      <label class="search">
        <span class="hidden">{t("searchPlace")}</span>
        <input type="search" value={query} placeholder={t("searchPlace")} onInput={(e) => setQuery(e.currentTarget.value)} />
      </label>
      {query && !hits.length && <p role="status">{t("nothingFound")}</p>}
      {hits.length > 0 ? (
        <ul class="rows">
          {hits.map((hit) => (
            <li key={hit.code}>
              <button type="button" onClick={() => onPick(hit)}><strong>{hit.name}</strong> <small>{hit.above}</small></button>
            </li>
          ))}
        </ul>
      ) : (
        <>
          {path.length > 0 && (
            <button type="button" class="link" onClick={() => setPath(path.slice(0, -1))}>‹ {own([path[path.length - 1]![1], path[path.length - 1]![2]])}</button>
          )}
          <ul class="rows">
            {inside.map((place) => (
              <li key={place[0]}><button type="button" onClick={() => pick(place)}>{own([place[1], place[2]])}</button></li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

// Sentences of the server ("All the same when ..."), shown at the questions they are about.
export function Problems({ sentences }: { sentences: Record<string, string[]> }) {
  return <ul class="problem">{Object.values(sentences).flat().map((one) => <li key={one}>{one}</li>)}</ul>;
}
