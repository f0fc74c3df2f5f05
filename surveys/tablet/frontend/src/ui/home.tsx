import { rowsOf } from "../lists";
import { personNamed } from "../people";
import type { Person } from "../store";
import { recordsOf, rows, setting } from "../store";
import { bundle } from "../sync";
import type { Bundle } from "../types";
import { day, language, shown, t } from "../words";
import { Notice, Screen, useLoaded } from "./parts";

interface Room {
  free: number;
  persisted: boolean;
}

async function room(): Promise<Room> {
  const estimate = (await navigator.storage?.estimate?.()) ?? {};
  const persisted = (await navigator.storage?.persisted?.()) ?? false;
  return { free: (estimate.quota ?? 0) - (estimate.usage ?? 0), persisted };
}

async function lastSync(): Promise<number> {
  return Math.max((await setting<number>("sentAt")) ?? 0, (await setting<number>("fetchedAt")) ?? 0);
}

const LOW = 50 * 1024 * 1024;

export function Home(props: {
  person: Person;
  again: number;
  busy: boolean;
  message?: string;
  bad: boolean;
  gone: boolean;
  onForm: (form: Bundle["forms"][number]) => void;
  onQueue: () => void;
  onRounds: () => void;
  onSync: () => void;
  onLeave: () => void;
  onEnrol: () => void;
}) {
  const got = useLoaded(bundle, [props.again]);
  const mine = useLoaded(() => recordsOf(props.person.username), [props.again]) ?? [];
  const every = useLoaded(() => rows("communes"), [props.again]) ?? [];
  const me = useLoaded(() => personNamed(props.person.username), [props.again]) ?? props.person;
  const communes = rowsOf("communes", every, me);
  const synced = useLoaded(lastSync, [props.again]);
  const space = useLoaded(room, [props.again]);
  const returned = mine.filter((r) => r.state === "returned");
  const waiting = mine.filter((r) => r.state === "ready" || r.state === "sending" || r.state === "refused");
  const drafts = mine.filter((r) => r.state === "draft");
  return (
    <Screen title={props.person.name} foot={
      <>
        <button type="button" class="quiet" onClick={props.onLeave}>{t("leave")}</button>
        <button type="button" class="main" disabled={props.busy} onClick={props.onSync}>
          {props.busy ? t("syncing") : t("syncNow")}
        </button>
      </>
    }>
      {props.message && <Notice kind={props.bad ? "bad" : "plain"}>{props.message}</Notice>}
      {props.gone && <button type="button" onClick={props.onEnrol}>{t("enrolAgain")}</button>}
      <section>
        <h2>{t("tasks")}</h2>
        {returned.length > 0 && (
          <button type="button" class="row row--warn" onClick={props.onQueue}>
            <span>{t("returnedTitle")}</span><b>{shown(returned.length)}</b>
          </button>
        )}
        {got?.forms.map((form) => (
          <button type="button" class="row" disabled={!form.tablet} onClick={() => props.onForm(form)}>
            <span>{form.name}</span><small>{form.tablet ? t("newRecord") : t("onlyCollect")}</small>
          </button>
        ))}
        {!got?.forms.length && <Notice>{t("noForms")}</Notice>}
      </section>
      <button type="button" class="row" onClick={props.onRounds} data-rounds><span>{t("rounds")}</span></button>
      <button type="button" class="row" onClick={props.onQueue} data-unsent={waiting.length}>
        <span>{t("queue")}</span>
        <span><b>{shown(waiting.length)}</b> {t("unsent")} · <b>{shown(drafts.length)}</b> {t("drafts")}</span>
      </button>
      <dl class="facts">
        <dt>{t("communes")}</dt>
        <dd>{communes.length ? communes.slice(0, 6).map((c) => c[`label_${language()}`] || c.label).join(" · ") + (communes.length > 6 ? ` … (${shown(communes.length)})` : "") : "–"}</dd>
        <dt>{t("lastSync")}</dt><dd>{synced ? day(synced) : t("never")}</dd>
        <dt>{t("storage")}</dt>
        <dd>{space ? `${shown(Math.floor(space.free / 1024 / 1024))} MB · ${t(space.persisted ? "persisted" : "notPersisted")}` : "…"}</dd>
      </dl>
      {space && space.free < LOW && <Notice kind="bad">{t("storageLow")}</Notice>}
    </Screen>
  );
}
