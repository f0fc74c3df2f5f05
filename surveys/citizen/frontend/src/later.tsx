// Screens that nobody sees first, with their words: fetched once the first screen answers.
import "./fonts.css";
import { MyCommune } from "./ui/commune";
import { Danger } from "./ui/danger";
import { More } from "./ui/more";
import { OneRequest } from "./ui/request";
import { NewRequest, Requests } from "./ui/requests";
import { changeRefused, Tell } from "./ui/tell";
import { learn } from "./words";
import * as commitments from "./words/commitments";
import * as danger from "./words/danger";
import * as more from "./words/more";
import * as outcome from "./words/outcome";
import * as places from "./words/places";
import * as requests from "./words/requests";
import * as tell from "./words/tell";

export { changeRefused };
learn(commitments, danger, more, outcome, places, requests, tell);

export function screen(first: string, second: string, third: string) {
  if (first === "requests" && second === "new") return <NewRequest key={third} code={third} />;
  if (first === "requests" && second) return <OneRequest key={second} id={second} />;
  if (first === "requests") return <Requests />;
  if (first === "tell") return <Tell code={second} />;
  if (first === "danger") return <Danger />;
  if (first === "commune") return <MyCommune />;
  return <More />;
}
