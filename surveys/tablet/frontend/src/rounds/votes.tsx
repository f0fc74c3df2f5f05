import { useState } from "preact/hooks";
import { latin } from "../../../../../frontend/shared/digits";
import { renderSVG } from "uqr";
import { Screen } from "../ui/parts";
import { shown } from "../words";
import { Hear, nameOf } from "./criteria";
import { Face } from "./face";
import { ballotAddress, count, kept, type Meeting, nextVoter, type Round, type Scores } from "./model";
import { tone } from "./sound";
import { w } from "./words";

const SCORES = [1, 2, 3, 4, 5];

interface Props {
  meeting: Meeting;
  round: Round;
  onChange: (next: Meeting) => void;
  onBack: () => void;
}

// Three ways to vote, all possible in one meeting: this tablet passed round, raised cards, own
// phones.
export function Votes(props: Props) {
  const { meeting } = props;
  const [way, setWay] = useState<"tablet" | "cards" | "phones">("tablet");
  if (!kept(meeting).length) return <Screen title={w("votes")} onBack={props.onBack}><p>{w("keepFirst")}</p></Screen>;
  if (meeting.ballot) return <Ballot {...props} ballot={meeting.ballot} />;
  const ways = [["tablet", "passRound"], ["cards", "cards"], ["phones", "phones"]] as const;
  return (
    <Screen title={w("votes")} onBack={props.onBack}>
      <div class="toggles" role="tablist">
        {ways.map(([one, word]) => (meeting.kind === "community" || one !== "phones") && (
          <button key={one} type="button" role="tab" aria-selected={way === one} aria-pressed={way === one} data-way={one} onClick={() => setWay(one)}>{w(word)}</button>
        ))}
      </div>
      {way === "tablet" && <Pass {...props} />}
      {way === "cards" && <Cards {...props} />}
      {way === "phones" && <Phones {...props} />}
    </Screen>
  );
}

function Pass(props: Props) {
  const { meeting } = props;
  const next = nextVoter(meeting);
  const begin = (sticker: number) => props.onChange({ ...meeting, ballot: { sticker, at: 0, scores: {} } });
  if (!meeting.attendees.length) return <p>{w("noVoters")}</p>;
  return (
    <>
      <div class="pass" data-voted={meeting.voted.length}>
        <p>{w("votedOf", { n: meeting.voted.length, m: meeting.attendees.length })}</p>
        {next ? (
          <>
            <span class="pass__number">{shown(next.sticker)}</span>
            <button type="button" class="main" data-start={next.sticker} onClick={() => begin(next.sticker)}>{w("pass", { n: next.sticker })}: {w("start")}</button>
          </>
        ) : <b>{w("allVoted")}</b>}
        <p class="hint">{w("secret")}</p>
      </div>
      {next && (
        <details>
          <summary>{w("chooseOther")}</summary>
          <div class="stickers">
            {meeting.attendees.map((one) => (
              <button key={one.sticker} type="button" disabled={meeting.voted.includes(one.sticker)} class={meeting.voted.includes(one.sticker) ? "done" : ""}
                aria-label={w("sticker", { n: one.sticker })} onClick={() => begin(one.sticker)}>{shown(one.sticker)}</button>
            ))}
          </div>
        </details>
      )}
    </>
  );
}

function Ballot(props: Props & { ballot: NonNullable<Meeting["ballot"]> }) {
  const { meeting, ballot } = props;
  const asked = kept(meeting);
  const one = asked[ballot.at]!;
  const move = (scores: Record<string, number>, at: number) => {
    const next = { ...meeting, ballot: { ...ballot, scores, at } };
    props.onChange(at < asked.length ? next : count(next));
  };
  const vote = (score: number) => {
    tone(score);
    move({ ...ballot.scores, [one.key]: score }, ballot.at + 1);
  };
  const skip = () => {
    const { [one.key]: _left, ...others } = ballot.scores;
    move(others, ballot.at + 1);
  };
  return (
    <Screen title={w("sticker", { n: ballot.sticker })} foot={
      <>
        {ballot.at > 0
          ? <button type="button" class="quiet" onClick={() => move(ballot.scores, ballot.at - 1)}>{w("backOne")}</button>
          : <button type="button" class="quiet" onClick={() => props.onChange({ ...meeting, ballot: undefined })}>{w("backOne")}</button>}
        <span class="count">{shown(`${ballot.at + 1} / ${asked.length}`)}</span>
        <button type="button" class="quiet" onClick={skip}>{w("dontKnow")}</button>
      </>
    }>
      <div class="vote" data-criterion={one.key}>
        <div class="spoken"><h2>{nameOf(one)}</h2><Hear one={one} /></div>
        <div class="faces" role="group" aria-label={nameOf(one)}>
          {SCORES.map((score) => (
            <button key={score} type="button" class="face" data-score={score} onClick={() => vote(score)}>
              <Face score={score} /><span>{w(`faces${score}` as "faces1")}</span>
            </button>
          ))}
        </div>
      </div>
    </Screen>
  );
}

function Cards(props: Props) {
  const { meeting } = props;
  const set = (key: string, place: number, text: string) => {
    const n = Math.min(5000, Number(latin(text).replace(/\D/g, "")) || 0);
    const criteria = meeting.criteria.map((c) => (c.key === key ? { ...c, cards: c.cards.map((old, at) => (at === place ? n : old)) as Scores } : c));
    const votersCards = Math.max(0, ...criteria.map((c) => c.cards.reduce((a, b) => a + b, 0)));
    props.onChange({ ...meeting, criteria, votersCards });
  };
  return (
    <>
      <p>{w("howMany")} <b>{w("cardVoters")}: {shown(meeting.votersCards)}</b></p>
      {kept(meeting).map((one) => (
        <fieldset key={one.key} data-cards={one.key}>
          <legend>{nameOf(one)}</legend>
          <div class="counts">
            {SCORES.map((score, place) => (
              <p key={place}><label for={`${one.key}-${place}`}><Face score={score} /> {shown(score)}</label>
                <input id={`${one.key}-${place}`} inputMode="numeric" autocomplete="off" value={one.cards[place] ? String(one.cards[place]) : ""} onInput={(e) => set(one.key, place, e.currentTarget.value)} /></p>
            ))}
          </div>
        </fieldset>
      ))}
    </>
  );
}

function Phones({ meeting, round }: Props) {
  if (!round.cards) return <p>{w("noCards")}</p>;
  const address = ballotAddress(round, meeting);
  return (
    <>
      <p>{w("phoneHelp")}</p>
      <div class="qr" data-address={address} role="img" aria-label="QR" dangerouslySetInnerHTML={{ __html: renderSVG(address, { border: 2 }) }} />
    </>
  );
}
