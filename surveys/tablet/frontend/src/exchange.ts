// "Export everything unsent to a file", for a coordinator to import when a tablet cannot send.

import { filesOf, unsent } from "./store";
import type { Saved } from "./types";

const base64 = async (blob: Blob): Promise<string> =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });

export async function exported(only: Saved[]): Promise<Blob> {
  const records = [];
  for (const one of only) {
    const attachments = [];
    for (const { name, blob } of await filesOf(one.id)) {
      // a retaken photo leaves the first one behind: only files that the answers name are exported
      if (one.xml.includes(name)) attachments.push({ name, type: blob.type, base64: await base64(blob) });
    }
    const { id, person, formId, version, title, state, xml, created } = one;
    records.push({ id, person, formId, version, title, state, created, xml, attachments });
  }
  const text = JSON.stringify({ kind: "tablet-records", schema: 1, exported: new Date().toISOString(), records });
  return new Blob([text], { type: "application/json" });
}

export async function exportUnsent(person?: string): Promise<Blob> {
  const all = await unsent();
  return exported(person ? all.filter((r) => r.person === person) : all);
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
