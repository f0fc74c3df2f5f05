// Sending on an unreliable network, for both apps: a time limit, and trying again.

// A signal that ends a request after so many milliseconds, the reading of its body included.
// (`AbortSignal.timeout` is missing in the browsers of older tablets.)
export function timeLimit(milliseconds: number): AbortSignal {
  const control = new AbortController();
  setTimeout(() => control.abort(), milliseconds);
  return control.signal;
}

export interface Result {
  sent: number;
  left: number;
}

const FIRST = 10_000;
const LONGEST = 120_000;

// Send what waits for as long as something waits and the page is visible: at once, then after ten
// seconds, then after twice as long each time, at most two minutes; a success starts again at ten
// seconds.
//
// `navigator.onLine` and its events only bring a try forward. Chromium says "online" of a page that
// was reloaded without a network, and Wi-Fi without internet, a captive portal or a weak 2G line
// never fire an event.
//
// `attempt` returns null when another page is sending. Call `heard` with every result, also those
// of others.
export function keepTrying(attempt: () => Promise<Result | null>) {
  let wait = FIRST;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  const heard = ({ sent, left }: Result): void => {
    clearTimeout(timer);
    if (sent || !left) wait = FIRST;
    if (left) timer = setTimeout(later, wait);
  };
  const run = async (): Promise<void> => {
    if (busy || document.visibilityState !== "visible") return;
    busy = true;
    const result = await attempt().catch(() => null);
    busy = false;
    heard(result ?? { sent: 0, left: 1 });
  };
  const later = (): void => {
    wait = Math.min(2 * wait, LONGEST);
    void run();
  };
  const now = (): void => {
    wait = FIRST;
    void run();
  };
  addEventListener("online", now);
  document.addEventListener("visibilitychange", now);
  now();
  const stop = (): void => {
    clearTimeout(timer);
    removeEventListener("online", now);
    document.removeEventListener("visibilitychange", now);
  };
  return { heard, stop };
}
