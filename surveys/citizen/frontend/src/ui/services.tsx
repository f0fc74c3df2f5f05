// Services, and the page of one: price, days, papers, where, law, and the day it was checked.
import { useEffect, useState } from "preact/hooks";
import { asText, concession, fee, option, papersNote, time } from "../facts";
import { Icon } from "../icons";
import { book, commune, service as find } from "../state";
import { read, requests, write } from "../store";
import { today } from "../../../../../frontend/shared/workdays";
import { day, own, t } from "../words";
import { anyVoice } from "../voice";
import type { Commune, Office, Promise_, Service } from "../types";
import { Ear, Screen, ServiceList } from "./parts";
import { Install } from "./install";
import { Share } from "./share";

const DOORS = [
  ["#/requests", "requests", "myRequests"],
  ["#/tell", "tell", "tellUs"],
  ["#/commune", "place", "myCommune"],
  ["#/more", "more", "more"],
] as const;

export function Home() {
  useEffect(() => {
    document.title = t("app");
  }, []);
  return (
    <>
      <h1 tabIndex={-1}>{t("servicesHelp")}</h1>
      <Due />
      <Install />
      <ServiceList to={(code) => `#/s/${code}`} />
      {!anyVoice() && <p class="quiet">{t("notRecorded")}</p>}
      <nav class="doors" aria-label={t("home")}>
        {DOORS.map(([to, icon, word]) => (
          <a class="door" href={to} key={to}><Icon name={icon} /><span>{t(word)}</span></a>
        ))}
      </nav>
      <a class="door door--danger" href="#/danger"><Icon name="danger" /><span>{t("dangerShort")}</span></a>
    </>
  );
}

// Load the details of a commune: of this one, or of the one chosen under "My commune".
export function useCommune(code?: string): Commune | null {
  const wanted = code ?? read<{ code: string } | null>("commune", null)?.code;
  const [details, setDetails] = useState<Commune | null>(null);
  useEffect(() => {
    if (wanted) commune(wanted).then(setDetails, () => undefined);
  }, [wanted]);
  return details;
}

// Requests whose promised day has come: seen on opening, whether or not the phone may remind.
function Due() {
  const due = requests().filter((kept) => kept.state === "open" && kept.promised && kept.promised <= today());
  return (
    <>
      {due.map((kept) => {
        const asked = find(kept.service);
        return (
          <a class="door door--due" href={`#/requests/${kept.id}`} key={kept.id}>
            <Icon name={kept.service} other={asked?.kind} />
            <span><strong>{t("reminderTitle")}</strong><br />{asked ? own(asked.name) : kept.service} · {day(kept.promised!)}</span>
          </a>
        );
      })}
    </>
  );
}

export function ServicePage({ code }: { code: string }) {
  const service = find(code);
  const here = useCommune();
  if (!service) return <Screen title={t("nothingFound")}><p><a href="#/">{t("home")}</a></p></Screen>;
  const offices = here?.offices.filter((office) => office.kind === service.kind) ?? [];
  const posted = offices.flatMap((office) =>
    office.posted.filter((row) => row.service === code).map((row) => ({ office, row })));
  return (
    <Screen title={own(service.name)}>
      <p class="picture"><Icon name={service.code} other={service.kind} /> <Ear names={[`service:${code}`]} words={own(service.name)} /></p>
      {own(service.note) && <p>{own(service.note)}</p>}
      {service.posted && <p class="notice">{t("posted")} {!here && <a href="#/commune">{t("chooseForPosted")}</a>}</p>}
      {posted.map(({ office, row }) => (
        <Facts key={`${office.code}${row.option}`} service={service} row={row} title={own(office.name)} voiced={false} />
      ))}
      {!posted.length && service.options.map((row) => (
        <Facts key={row.option} service={service} row={row} title={service.options.length > 1 ? option(row.option) : ""} voiced />
      ))}
      {!posted.length && !service.options.length && (
        <dl class="facts">
          <div><dt>{t("fee")}</dt><dd><strong>{t("noFee")}</strong><p>{t("noFeeHelp")}</p></dd></div>
          <div><dt>{t("time")}</dt><dd>{t("noTime")}</dd></div>
          <div><dt>{t("papers")}</dt><dd>{t("noPapers")}</dd></div>
        </dl>
      )}
      <Where service={service} offices={offices} />
      <Telephone code={here?.code} />
      <p class="actions screen-only">
        <a class="button" href={`#/requests/new/${code}`}>{t("follow")}</a>
        <a class="button button--quiet" href={`#/tell/${code}`}>{t("tellUs")}</a>
      </p>
      <Share service={service} text={asText(service, link(code))} url={link(code)} />
    </Screen>
  );
}

// The same by telephone: its number, and the code of the commune that a caller is asked for.
export function Telephone({ code }: { code: string | undefined }) {
  const number = book().telephone;
  return (
    <>
      {number ? <p>{t("telephone")}: <a class="big" href={`tel:${number}`}>{number}</a></p>
        : <p class="quiet">{t("noTelephone")}</p>}
      {code ? <p>{t("communeCode")}: <strong class="code">{code}</strong></p>
        : <p><a href="#/commune">{t("chooseForCode")}</a></p>}
    </>
  );
}

export const link = (code: string): string => `${location.origin}/app/#/s/${code}`;

function Facts({ service, row, title, voiced }: { service: Service; row: Promise_; title: string; voiced: boolean }) {
  const name = `${service.code}:${row.option}`;
  const ear = (kind: string, words: string) => voiced && <Ear names={[`${kind}:${name}`]} words={words} />;
  return (
    <section class="card">
      {title && <h2>{title}</h2>}
      <dl class="facts">
        <div>
          <dt>{t("fee")} {ear("fee", `${t("fee")}: ${fee(row)}`)}</dt>
          <dd>
            <strong class={row.fee === null ? "" : "big"}>{fee(row)}</strong>
            {row.fee === null && <p>{t("noFeeHelp")}</p>}
            {row.concession !== null && <p>{t("concession")}: <strong>{concession(row)}</strong></p>}
          </dd>
        </div>
        <div>
          <dt>{t("time")} {ear("days", `${t("time")}: ${time(row)}`)}</dt>
          <dd><strong class={row.days === null ? "" : "big"}>{time(row)}</strong></dd>
        </div>
        <div>
          <dt>{t("papers")} {ear("papers", papersText(row))}</dt>
          <dd><Papers name={name} row={row} /></dd>
        </div>
        {row.years !== null && <div><dt>{t("valid")}</dt><dd>{t("years", { n: row.years })}</dd></div>}
        <div><dt>{t("basis")}</dt><dd>{own(row.basis) || t("noBasis")}</dd></div>
      </dl>
      {own(row.missing) && <p class="quiet">{own(row.missing)}</p>}
      <p class="quiet">{row.checked ? t("checked", { day: day(row.checked) }) : t("notChecked")}</p>
    </section>
  );
}

const papersText = (row: Promise_): string =>
  [t("papers"), ...row.papers.map((paper) => own([paper[1], paper[2]])), papersNote(row)].filter(Boolean).join(", ");

// A checklist whose ticks stay on the phone.
function Papers({ name, row }: { name: string; row: Promise_ }) {
  const [have, setHave] = useState<string[]>(() => read(`have:${name}`, []));
  if (!row.papers.length) return <p>{papersNote(row)}</p>;
  const tick = (code: string, on: boolean) => {
    const now = on ? [...have, code] : have.filter((one) => one !== code);
    setHave(now);
    write(`have:${name}`, now);
  };
  return (
    <fieldset class="papers">
      <legend class="quiet screen-only">{t("papersTick")}</legend>
      {row.papers.map(([code, km, en]) => (
        <div class="paper" key={code}>
          <label>
            <input type="checkbox" checked={have.includes(code)} onChange={(e) => tick(code, e.currentTarget.checked)} />
            <span>{own([km, en])}</span>
          </label>
          <Ear names={[`paper:${code}`]} words={own([km, en])} />
        </div>
      ))}
      {papersNote(row) && <p class="quiet">{papersNote(row)}</p>}
    </fieldset>
  );
}

function Where({ service, offices }: { service: Service; offices: Office[] }) {
  return (
    <section class="card">
      <h2>{t("where")}</h2>
      <p><Icon name={service.kind} /> <strong>{own(book().kinds[service.kind])}</strong></p>
      {offices.map((office) => <OfficeLines key={office.code} office={office} />)}
      {!offices.some((office) => office.hours) && <p>{t("hours")}: {t("noHours")}</p>}
    </section>
  );
}

export function OfficeLines({ office }: { office: Office }) {
  return (
    <p>
      {own(office.name)}
      {office.hours && <><br />{t("hours")}: {office.hours}</>}
      {office.phone && <><br /><a href={`tel:${office.phone}`}>{office.phone}</a></>}
    </p>
  );
}

