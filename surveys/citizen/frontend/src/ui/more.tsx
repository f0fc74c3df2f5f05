// Officials' mode, recordings, and deleting everything from the phone.
import { useState } from "preact/hooks";
import { changed } from "../state";
import { forgetAll, read, write } from "../store";
import { anyVoice, keepAll } from "../voice";
import { t } from "../words";
import { Install } from "./install";
import { Screen } from "./parts";

export function More() {
  const [officials, setOfficials] = useState(() => read("officials", false));
  const [message, setMessage] = useState("");
  const turn = (on: boolean) => {
    setOfficials(on);
    write("officials", on);
  };
  const remove = () => {
    if (!confirm(t("deleteAllSure"))) return;
    forgetAll();
    setMessage(t("deleted"));
    setOfficials(false);
    changed();
  };
  return (
    <Screen title={t("more")}>
      <p>{t("about")}</p>
      <section class="card">
        <label class="switch">
          <input type="checkbox" checked={officials} onChange={(e) => turn(e.currentTarget.checked)} />
          <span><strong>{t("officials")}</strong><br />{t("officialsHelp")}</span>
        </label>
        {officials && <p><a href="/office/requests/">{t("officialsWaiting")}</a></p>}
      </section>
      {anyVoice() ? (
        <p><button type="button" class="chip" onClick={() => void keepAll().then(() => setMessage(t("voicesKept")))}>{t("keepVoices")}</button></p>
      ) : (
        <p>{t("notRecorded")}</p>
      )}
      <p><button type="button" class="chip" onClick={remove}>{t("deleteAll")}</button></p>
      <p role="status">{message}</p>
      <Install always />
      <p><a href="/">{t("websiteLink")}</a></p>
    </Screen>
  );
}
