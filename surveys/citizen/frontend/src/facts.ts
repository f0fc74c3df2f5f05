// The terms of a service in the reader's words, which the server made for all channels.
import { book } from "./state";
import { day, own, t } from "./words";
import type { Promise_, Service } from "./types";

export const fee = (row: Promise_): string => own(row.words?.fee);
export const concession = (row: Promise_): string => own(row.words?.concession);
export const time = (row: Promise_): string => own(row.words?.days);
export const papersNote = (row: Promise_): string => own(row.words?.documents);

export const option = (code: string): string => own(book().options[code]) || code;

export function asText(service: Service, url: string): string {
  const lines = [own(service.name)];
  for (const row of service.options) {
    if (service.options.length > 1) lines.push("", option(row.option));
    lines.push(`${t("fee")}: ${fee(row)}`);
    if (row.concession !== null) lines.push(`${t("concession")}: ${concession(row)}`);
    lines.push(`${t("time")}: ${time(row)}`);
    const papers = row.papers.map((paper) => `- ${own([paper[1], paper[2]])}`);
    lines.push(`${t("papers")}:`, ...papers, ...(papersNote(row) ? [papersNote(row)] : []));
    if (own(row.basis)) lines.push(`${t("basis")}: ${own(row.basis)}`);
    if (row.checked) lines.push(t("checked", { day: day(row.checked) }));
  }
  return [...lines, url].join("\n");
}
