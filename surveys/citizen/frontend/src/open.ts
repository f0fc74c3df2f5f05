// The organisation's page: sealed reports are opened here, in the browser, with a private key
// that is read from a file or pasted, never sent anywhere and forgotten when the page closes.
import { Decrypter } from "age-encryption";

const form = document.querySelector<HTMLFormElement>("#open-reports");
const statusLine = document.querySelector<HTMLElement>("#open-said");

function words(name: string): string {
  return form?.dataset[name] ?? "";
}

function keyIn(text: string): string | null {
  return /AGE-SECRET-KEY-1[0-9A-Z]+/i.exec(text)?.[0].toUpperCase() ?? null;
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function show(card: HTMLElement, report: Record<string, unknown>): void {
  const place = card.querySelector<HTMLElement>(".report__opened")!;
  place.replaceChildren();
  const list = document.createElement("dl");
  for (const field of ["what", "where", "when", "contact"]) {
    const text = typeof report[field] === "string" ? (report[field] as string) : "";
    if (!text) continue;
    const term = document.createElement("dt");
    term.textContent = words(field);
    const value = document.createElement("dd");
    value.textContent = text; // as text, whatever it holds
    list.append(term, value);
  }
  place.append(list);
  place.hidden = false;
}

async function openAll(secret: string): Promise<void> {
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(secret);
  } catch {
    statusLine!.textContent = words("nokey");
    return;
  }
  let opened = 0;
  let closed = 0;
  for (const card of document.querySelectorAll<HTMLElement>("[data-sealed]")) {
    try {
      const text = await decrypter.decrypt(bytes(card.dataset.sealed!), "text");
      show(card, JSON.parse(text) as Record<string, unknown>);
      opened += 1;
    } catch {
      closed += 1;
    }
  }
  statusLine!.textContent = opened ? `${words("opened")} ${opened}` : words("wrong");
  if (opened && closed) statusLine!.textContent += ` · ${words("others")} ${closed}`;
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void (async () => {
    const file = form.querySelector<HTMLInputElement>("input[type=file]")!.files?.[0];
    const pasted = form.querySelector<HTMLTextAreaElement>("textarea")!;
    const secret = keyIn(file ? await file.text() : pasted.value);
    form.reset(); // the key is not left on the screen
    if (secret) await openAll(secret);
    else statusLine!.textContent = words("nokey");
  })();
});
