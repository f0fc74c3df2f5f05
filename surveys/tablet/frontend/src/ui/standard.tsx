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
  const said = (kind: string) => one[`${kind}_words_${language()}`] ?? "";
  const listed = one.listed as unknown as string[] | string | null;
  const codes = Array.isArray(listed) ? listed : (listed ?? "").split(" ").filter(Boolean);
  const name = (code: string) => {
    const row = papers?.find((p) => p.name === code);
    return row?.[`label_${language()}`] || row?.label || code;
  };
  return (
    <aside class="standard" aria-label={t("standard")}>
      <b>{t("standard")}</b>
      <span>{t("fee")}: {said("fee")}</span>
      {said("concession") && <span>{t("concession")}: {said("concession")}</span>}
      <span>{t("time")}: {said("days")}</span>
      <span>{t("papers")}: {[codes.map(name).join(" · "), said("documents")].filter(Boolean).join(" · ")}</span>
      {one.checked_on && <small>{t("checked", { day: shown(one.checked_on.split("-").reverse().join("/")) })}</small>}
    </aside>
  );
}
