import { useEffect, useState } from "preact/hooks";
import { latin } from "../../../../../frontend/shared/digits";
import { enrol, fetchEverything, SyncError } from "../sync";
import { t } from "../words";
import { Notice, Screen } from "./parts";

const CODE = /^[0-9]{6}$/;

export function Enrol(props: { onDone: () => void }) {
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");

  async function go(digits: string) {
    if (!CODE.test(digits)) return setProblem(t("enrolWrong"));
    setBusy(true);
    setProblem("");
    try {
      await enrol(digits);
      // the tablet is enrolled even where the forms do not arrive now: they are fetched later
      await fetchEverything().catch(() => undefined);
      props.onDone();
    } catch (error) {
      const trouble = error instanceof SyncError ? error : new SyncError("server");
      setProblem(trouble.trouble === "enrol" ? t(trouble.detail === "429" ? "enrolWait" : "enrolWrong") : t(trouble.trouble));
    } finally {
      setBusy(false);
    }
  }

  // opened by a QR code, …/tablet/#code=123456, also where this screen is open already
  useEffect(() => {
    const scan = () => {
      const scanned = /code=([0-9]{6})/.exec(location.hash)?.[1];
      if (!scanned) return;
      history.replaceState(null, "", location.pathname);
      void go(scanned);
    };
    scan();
    addEventListener("hashchange", scan);
    return () => removeEventListener("hashchange", scan);
  }, []);

  return (
    <Screen title={t("enrolTitle")}>
      <p>{t("enrolHelp")}</p>
      {problem && <Notice kind="bad">{problem}</Notice>}
      <form onSubmit={(event) => { event.preventDefault(); void go(latin(code).replace(/\D/g, "")); }}>
        <label for="code">{t("enrolCode")}</label>
        <input id="code" class="big" inputMode="numeric" autocomplete="one-time-code" maxLength={12}
          value={code} onInput={(e) => setCode(e.currentTarget.value)} />
        <button class="main" disabled={busy}>{t("enrol")}</button>
      </form>
    </Screen>
  );
}
