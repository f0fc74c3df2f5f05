// The standard in force, shown while the facilitator asks about fee, days and papers.

import { rows } from "../store";
import type { Row } from "../types";
import { language, shown, t } from "../words";
import type { Interview, TreeNode } from "../xform";
import { useLoaded } from "./parts";

const SHOWN_AT = /\/(fee_paid|currency|units|received_on|documents_known|documents_asked|documents_other|receipt|visits|status)$/;

export function inForce(standards: Row[], answers: Row): Row | undefined {
  const on = answers.asked_on || new Date().toISOString().slice(0, 10);
  const option = answers.option || "standard";
  const fitting = standards.filter(
    (s) =>
      s.service === answers.service &&
      (s.option === option || !answers.option) &&
      (!s.provider || s.provider === answers.provider) &&
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
  const answers = interview.answersOf(interview.form.observes.case, node);
  const one = answers.service ? inForce(all, answers) : undefined;
  if (!one) return null;
  const text = (kind: string) => one[`${kind}_words_${language()}`] ?? "";
  const listed = one.listed as unknown as string[] | string | null;
  const codes = Array.isArray(listed) ? listed : (listed ?? "").split(" ").filter(Boolean);
  const name = (code: string) => {
    const row = papers?.find((p) => p.name === code);
    return row?.[`label_${language()}`] || row?.label || code;
  };
  return (
    <aside class="standard" aria-label={t("standard")}>
      <b>{t("standard")}</b>
      <span>{t("fee")}: {text("fee")}</span>
      {text("concession") && <span>{t("concession")}: {text("concession")}</span>}
      <span>{t("time")}: {text("days")}</span>
      <span>{t("papers")}: {[codes.map(name).join(" · "), text("documents")].filter(Boolean).join(" · ")}</span>
      {one.checked_on && <small>{t("checked", { day: shown(one.checked_on.split("-").reverse().join("/")) })}</small>}
    </aside>
  );
}
