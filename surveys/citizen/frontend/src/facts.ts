// A promise in the reader's words. What was never published is said so, never zero.
import { book } from "./state";
import { day, own, t } from "./words";
import type { Promise_, Service } from "./types";

export function money(amount: number, currency: string): string {
  if (amount === 0) return t("free");
  return t(currency === "USD" ? "dollars" : "riel", { n: amount });
}

export function fee(row: Promise_): string {
  if (row.fee === null) return t("noFee");
  const words = money(row.fee, row.currency);
  return row.fee && row.unit ? `${words} ${per(row)}` : words;
}

export const per = (row: Promise_): string => t("perUnit", { unit: own(book().units[row.unit]) || row.unit });

export function time(row: Promise_): string {
  if (row.days === null) return t("noTime");
  if (row.days === 0) return t("sameDay");
  const kind = row.dayKind === "calendar" ? "calendarDay" : "workingDay";
  return t(row.days === 1 ? kind : `${kind}s`, { n: row.days });
}

export const option = (code: string): string => own(book().options[code]) || code;

export function asText(service: Service, url: string): string {
  const lines = [own(service.name)];
  for (const row of service.options) {
    if (service.options.length > 1) lines.push("", option(row.option));
    lines.push(`${t("fee")}: ${fee(row)}`);
    if (row.concession !== null) lines.push(`${t("concession")}: ${money(row.concession, row.currency)}`);
    lines.push(`${t("time")}: ${time(row)}`);
    const papers = row.papers.map((paper) => `- ${own([paper[1], paper[2]])}`);
    lines.push(`${t("papers")}:`, ...(papers.length ? papers : [t(row.papersKnown ? "nonePapers" : "noPapers")]));
    if (own(row.basis)) lines.push(`${t("basis")}: ${own(row.basis)}`);
    if (row.checked) lines.push(t("checked", { day: day(row.checked) }));
  }
  return [...lines, url].join("\n");
}
