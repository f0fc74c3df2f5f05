// One service given to somebody else: as text, as a QR code, as a picture, on paper.
import { useEffect, useState } from "preact/hooks";
import { read } from "../store";
import { pieces } from "../text";
import { own, t } from "../words";
import type { Service } from "../types";

async function giveText(text: string): Promise<string> {
  if (navigator.share) {
    try {
      await navigator.share({ text });
      return "";
    } catch (trouble) {
      if ((trouble as Error).name === "AbortError") return "";
    }
  }
  try {
    await navigator.clipboard.writeText(text);
    return t("copied");
  } catch {
    return t("notCopied");
  }
}

function lines(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const words = pieces(text);
  const out: string[] = [];
  let line = "";
  for (const word of words) {
    if (line && context.measureText(line + word).width > width) {
      out.push(line);
      line = word.trimStart();
    } else line += word;
  }
  return [...out, line];
}

async function picture(text: string): Promise<Blob> {
  // a canvas does not load fonts by itself
  await Promise.all([400, 700].map((weight) => document.fonts.load(`${weight} 40px "Noto Sans Khmer"`, text)));
  const width = 1080;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d")!;
  const font = (size: number, weight = 400) => `${weight} ${size}px "Noto Sans Khmer", sans-serif`;
  context.font = font(40);
  const all = text.split("\n").flatMap((line, index) => {
    context.font = index ? font(40) : font(56, 700);
    return lines(context, line, width - 120).map((one) => ({ one, first: index === 0 }));
  });
  canvas.width = width;
  canvas.height = 160 + all.length * 72;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, canvas.height);
  context.fillStyle = "#12466b";
  context.fillRect(0, 0, width, 24);
  all.forEach(({ one, first }, index) => {
    context.font = first ? font(56, 700) : font(40);
    context.fillStyle = first ? "#12466b" : "#1c1b1a";
    context.fillText(one, 60, 120 + index * 72);
  });
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("canvas"))), "image/png"));
}

async function givePicture(text: string, name: string): Promise<void> {
  const file = new File([await picture(text)], `${name}.png`, { type: "image/png" });
  if (navigator.canShare?.({ files: [file] })) {
    try {
      await navigator.share({ files: [file] });
      return;
    } catch (trouble) {
      if ((trouble as Error).name === "AbortError") return;
    }
  }
  save(file, file.name);
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function Qr({ url }: { url: string }) {
  const [path, setPath] = useState<{ d: string; size: number } | null>(null);
  useEffect(() => {
    void import("uqr").then(({ encode }) => {
      const { data, size } = encode(url, { border: 2 });
      let d = "";
      data.forEach((row, y) => row.forEach((on, x) => { if (on) d += `M${x} ${y}h1v1h-1z`; }));
      setPath({ d, size });
    });
  }, [url]);
  if (!path) return null;
  return (
    <svg class="qr" role="img" aria-label={`QR: ${url}`} viewBox={`0 0 ${path.size} ${path.size}`}>
      <rect width="100%" height="100%" fill="#fff" /><path d={path.d} fill="#000" />
    </svg>
  );
}

export function Share({ service, text, url }: { service: Service; text: string; url: string }) {
  const [message, setMessage] = useState("");
  const [qr, setQr] = useState(false);
  const officials = read("officials", false);
  return (
    <section class="share">
      <h2 class="screen-only">{t("share")}</h2>
      <p class="actions screen-only">
        <button type="button" class="chip" onClick={() => void giveText(text).then(setMessage)}>{t("shareText")}</button>
        <button type="button" class="chip" onClick={() => void givePicture(text, service.code)}>{t("shareImage")}</button>
        <button type="button" class="chip" aria-expanded={qr} onClick={() => setQr(!qr)}>{t("shareQr")}</button>
        {officials && <button type="button" class="button" onClick={() => print()}>{t("print")}</button>}
      </p>
      <p role="status" class="screen-only">{message}</p>
      {(qr || officials) && (
        <div class={qr ? "handout" : "handout print-only"}>
          <Qr url={url} />
          <p class="screen-only">{t("qrHelp")}</p>
          <p class="print-only">{t("printedFrom")}<br />{own(service.name)} · {url}</p>
        </div>
      )}
    </section>
  );
}
