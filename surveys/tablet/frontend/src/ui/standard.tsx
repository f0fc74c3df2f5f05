// The standard in force, shown while the facilitator asks about fee, days and papers.

import { rows } from "../store";
import type { Row } from "../types";
import { language, shown, t } from "../words";
import type { Interview, TreeNode } from "../xform";
import { useLoaded } from "./parts";

const SHOWN_AT = /\/(fee_paid|currency|units|received_on|documents_known|documents_asked|documents_other|receipt|visits|status)$/;

export function inForce(standards: Row[], known: Row): Row | undefined {
  const on = known.asked_on || new Date().toISOString().slice(0, 10);
  const option = known.option || "standard";
  const fitting = standards.filter(
    (s) =>
      s.service === known.service &&
      (s.option === option || !known.option) &&
      (!s.provider || s.provider === known.provider) &&
      (!s.valid_from || s.valid_from <= on) &&
      (!s.valid_to || s.valid_to >= on),
  );
  return fitting.find((s) => s.provider) ?? fitting[0];
}

export function Standard(props: { interview: Interview; node: TreeNode }) {
  const { interview, node } = props;
  const all = useLoaded(() => rows("standards"), []);
  const papers = useLoaded(() => rows("documents"), []);
  if (!all || !SHOWN_AT.test(interview.pathOf(node))) return null;
  const known = interview.known(interview.form.observes.case, node);
  const one = known.service ? inForce(all, known) : undefined;
  if (!one) return null;
  const number = (value: unknown) => (value === null || value === undefined || value === "" ? null : Number(value));
  const fee = number(one.fee);
  const days = number(one.days_max);
  const unit = t(one.currency === "USD" ? "dollar" : "riel");
  const listed = one.documents as unknown as string[] | string | null;
  const codes = Array.isArray(listed) ? listed : (listed ?? "").split(" ").filter(Boolean);
  const name = (code: string) => {
    const row = papers?.find((p) => p.name === code);
    return row?.[`label_${language()}`] || row?.label || code;
  };
  return (
    <aside class="standard" aria-label={t("standard")}>
      <b>{t("standard")}</b>
      <span>{fee === null ? t("noFee") : fee === 0 ? t("free") : `${t("fee")}: ${shown(fee)} ${unit}`}</span>
      <span>{days === null ? t("noDays") : `${t("days")} ${shown(days)} ${t(one.day_kind === "working" ? "working" : "calendar")}`}</span>
      {codes.length > 0 && <span>{t("papers")}: {codes.map(name).join(" · ")}</span>}
      {one.checked_on && <small>{t("checked", { day: shown(one.checked_on.split("-").reverse().join("/")) })}</small>}
    </aside>
  );
}
