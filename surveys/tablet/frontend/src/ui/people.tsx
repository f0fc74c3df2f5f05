import { useState } from "preact/hooks";
import { latin } from "../../../../../frontend/shared/digits";
import { choosePin, people, tryPin } from "../people";
import type { Person } from "../store";
import { shown, t } from "../words";
import { Notice, Screen, useLoaded } from "./parts";

export function People(props: { onPerson: (person: Person) => void; onSync: () => void; again: number }) {
  const all = useLoaded(people, [props.again]);
  const [chosen, choose] = useState<Person>();
  if (chosen) return <Pin person={chosen} onBack={() => choose(undefined)} onDone={props.onPerson} />;
  return (
    <Screen title={t("who")}>
      <ul class="list">
        {all?.map((person) => (
          <li><button class="row" type="button" onClick={() => choose(person)}>{person.name}</button></li>
        ))}
      </ul>
      {all?.length === 0 && <Notice>{t("noForms")}</Notice>}
      <button type="button" class="quiet" onClick={props.onSync}>{t("syncNow")}</button>
    </Screen>
  );
}

function Pin(props: { person: Person; onBack: () => void; onDone: (person: Person) => void }) {
  const isNew = !props.person.pin;
  const [pin, setPin] = useState("");
  const [first, setFirst] = useState("");
  const [problem, setProblem] = useState("");

  async function go(event: Event) {
    event.preventDefault();
    const digits = latin(pin);
    setPin("");
    if (!/^[0-9]{4,12}$/.test(digits)) return setProblem(t("pinShort"));
    if (!isNew) {
      const answer = await tryPin(props.person.username, digits);
      if (answer === "ok") return props.onDone(props.person);
      return setProblem(answer === "wrong" ? t("pinWrong") : t("pinWait", { n: Math.ceil(answer / 1000) }));
    }
    if (!first) {
      setProblem("");
      return setFirst(digits);
    }
    if (first !== digits) {
      setFirst("");
      return setProblem(t("pinDiffers"));
    }
    return props.onDone(await choosePin(props.person, digits));
  }

  const label = isNew ? t(first ? "pinAgain" : "pinChoose") : t("pin");
  return (
    <Screen title={props.person.name} onBack={props.onBack}>
      {problem && <Notice kind="bad">{problem}</Notice>}
      <form onSubmit={go}>
        <label for="pin">{label}</label>
        <input id="pin" class="big" type="password" inputMode="numeric" autocomplete="off" maxLength={12}
          value={pin} onInput={(e) => setPin(e.currentTarget.value)} />
        <div class="pad" aria-hidden="true">
          {[..."1234567890"].map((d) => (
            <button type="button" tabIndex={-1} onClick={() => setPin(pin + d)}>{shown(d)}</button>
          ))}
          <button type="button" tabIndex={-1} onClick={() => setPin(pin.slice(0, -1))}>⌫</button>
        </div>
        <button class="main">{t("next")}</button>
      </form>
    </Screen>
  );
}
