// My commune: its offices, and its released scorecard.
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icons";
import { book, commune as load } from "../state";
import { read, write } from "../store";
import { own, t } from "../words";
import type { Commune } from "../types";
import { CommunePicker, type Chosen } from "./asking";
import { Commitments } from "./commitments";
import { Screen } from "./parts";
import { OfficeLines, Telephone } from "./services";

export function MyCommune() {
  const [chosen, setChosen] = useState<Chosen | null>(() => read("commune", null));
  const [details, setDetails] = useState<Commune | null>(null);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    setDetails(null);
    setMissing(false);
    if (chosen) load(chosen.code).then(setDetails, () => setMissing(true));
  }, [chosen?.code]);
  const officials = read("officials", false);
  const pick = (one: Chosen | null) => {
    write("commune", one && { code: one.code, name: one.name });
    setChosen(one);
  };
  if (!chosen) {
    return <Screen title={t("chooseCommune")}><p class="quiet">{t("communeHelp")}</p><CommunePicker onPick={pick} /></Screen>;
  }
  return (
    <Screen title={details ? own(details.name) : chosen.name}>
      <p><button type="button" class="link" onClick={() => pick(null)}>{t("other")}</button></p>
      <Telephone code={chosen.code} />
      {missing && <p class="notice">{t("communeOffline")}</p>}
      {details?.scorecard && (
        <a class="door" href={details.scorecard}>
          <Icon name="requests" /><span><strong>{t("scorecard")}</strong><br />{t("scorecardHelp")}</span>
        </a>
      )}
      {details && <Commitments list={details.commitments ?? []} all={details.allCommitments} />}
      {details && (
        <section class="card">
          <h2>{t("offices")}</h2>
          {details.offices.map((office) => (
            <div key={office.code} class="office">
              <Icon name={office.kind} />
              <div>
                <small>{own(book().kinds[office.kind])}</small>
                <OfficeLines office={office} />
                {officials && <p>{t("poster")}: {["a4", "a3"].map((size) => <a key={size} class="paper-size" href={`/posters/${office.code}-${size}.pdf`}>{size.toUpperCase()}</a>)}</p>}
              </div>
            </div>
          ))}
          {!details.offices.some((office) => office.hours) && <p class="quiet">{t("hours")}: {t("noHours")}</p>}
        </section>
      )}
    </Screen>
  );
}
