// Options of a select as they are shown: label, sound and picture in the language of the screen.

import type { Offer } from "./engine/lists";
import type { Choice, Row } from "./types";
import type { Interview } from "./xform";

export interface Offered {
  name: string;
  label: string;
  audio?: string;
  image?: string;
}

export function offeredBy(on: Interview, offers: Offer[]): Offered[] {
  const media = (files?: Record<string, string>) => files?.[on.language] ?? Object.values(files ?? {})[0];
  return offers.map(({ name, row }) => {
    if (typeof row.label !== "object") return { name, label: (row as Row)[`label_${on.language}`] || String(row.label ?? name) };
    const own = row as Choice;
    return { name, label: on.text(own.label), audio: media(own.audio), image: media(own.image) };
  });
}
