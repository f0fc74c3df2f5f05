// Questions about an experience: the amount paid, the number of visits. Unknown stays unknown.
import { useState } from "preact/hooks";
import { fee, option as optionName } from "../facts";
import { number } from "../text";
import { book, service } from "../state";
import { own, shown, t } from "../words";
import type { Office, Promise_ } from "../types";
import { Choices, type Choice } from "./asking";

export type Paid = "nothing" | "official" | "less" | "more" | "unknown";

export interface PaidAnswer {
  paid?: Paid;
  amount: string;
}

export function standard(code: string, option: string, offices: Office[] = [], provider = ""): Promise_ | undefined {
  const own_ = offices.find((office) => office.code === provider)?.posted.find((row) => row.service === code && (!option || row.option === option));
  return own_ ?? service(code)?.options.find((row) => !option || row.option === option);
}

// The amount that was said, null where it is not known, undefined where it cannot be read.
export function amountOf(answer: PaidAnswer, row: Promise_ | undefined): number | null | undefined {
  if (answer.paid === "nothing") return 0;
  if (answer.paid === "official") return row?.fee ?? null;
  if (answer.paid === "less" || answer.paid === "more") {
    const amount = number(answer.amount);
    return amount === null ? undefined : amount;
  }
  return null;
}

export function PaidField(props: { row: Promise_ | undefined; value: PaidAnswer; onChange: (value: PaidAnswer) => void; problem: string }) {
  const { row, value } = props;
  const unit = row?.unit && row.fee ? own(book().units[row.unit]) : "";
  const hasFee = row?.fee !== undefined && row.fee !== null && row.fee > 0;
  const choices: Choice<Paid>[] = [
    { value: "nothing", label: t("paidNothing"), say: ["say:app.paid.nothing"] },
    ...(hasFee ? [
      { value: "official" as Paid, label: t("paidOfficial", { fee: fee(row!) }), say: ["say:app.paid.official"] },
      { value: "less" as Paid, label: t("paidLess"), say: ["say:app.paid.less"] },
    ] : []),
    { value: "more", label: t(hasFee || row?.fee === 0 ? "paidMore" : "paidOther"), say: ["say:app.paid.more"] },
    { value: "unknown", label: t("dontKnow"), say: ["say:app.unknown"] },
  ];
  const asks = value.paid === "less" || value.paid === "more";
  return (
    <>
      <Choices say="say:app.paid" legend={unit ? t("paidPer", { unit }) : t("paid")} choices={choices} value={value.paid}
        onPick={(paid) => props.onChange({ ...value, paid })} />
      {asks && (
        <div class="field">
          <label for="amount">{t("amount")} ({t(row?.currency === "USD" ? "dollars" : "riel", { n: "" }).trim()})</label>
          <input id="amount" inputMode="numeric" autocomplete="off" value={value.amount} aria-invalid={Boolean(props.problem)}
            onInput={(e) => props.onChange({ ...value, amount: e.currentTarget.value })} />
          {props.problem && <p class="problem" role="alert">{props.problem}</p>}
        </div>
      )}
    </>
  );
}

export function VisitsField({ value, onPick }: { value: number | null; onPick: (value: number | null) => void }) {
  const choices = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ value: n as number | null, label: shown(n), say: [`number:${n}`] }));
  return <Choices say="say:app.visits" legend={t("visits")} choices={[...choices, { value: null, label: t("dontKnow"), say: ["say:app.unknown"] }]} value={value} onPick={onPick} />;
}

export function ReceiptField({ value, onPick }: { value: boolean | null; onPick: (value: boolean | null) => void }) {
  return (
    <Choices<boolean | null> say="say:app.receipt" legend={t("receipt")} value={value} onPick={onPick}
      choices={[
        { value: true, label: t("yes"), say: ["say:app.yes"] },
        { value: false, label: t("no"), say: ["say:app.no"] },
        { value: null, label: t("dontKnow"), say: ["say:app.unknown"] },
      ]} />
  );
}

export function OptionField({ code, value, onPick }: { code: string; value: string; onPick: (value: string) => void }) {
  const options = service(code)?.options ?? [];
  if (options.length < 2) return null;
  return <Choices say="say:option.choose" legend={t("chooseOption")} value={value} onPick={onPick} choices={options.map((row) => ({ value: row.option, label: optionName(row.option), say: [`option:${row.option}`] }))} />;
}

export function useMoney() {
  const [paid, setPaid] = useState<PaidAnswer>({ amount: "" });
  const [problem, setProblem] = useState("");
  return { paid, problem, setProblem, setPaid: (value: PaidAnswer) => { setPaid(value); setProblem(""); } };
}
