// Reminders while the app is closed: the browser's push service wakes the worker on the day.
// The server learns an address of this browser and a day, and not what the reminder is about.
import { book, changed } from "./state";
import { queue } from "./send";
import { changeRequest, request } from "./store";

const bytes = (key: string): Uint8Array<ArrayBuffer> => {
  const text = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
};

export const canPush = (): boolean =>
  Boolean(book().push) && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

// Ask for permission to notify and subscribe; false where the browser or its owner refuses.
export async function remindWhenClosed(id: string): Promise<boolean> {
  const kept = request(id);
  const key = book().push;
  if (!kept?.promised || !key || (await Notification.requestPermission()) !== "granted") return false;
  try {
    const worker = await navigator.serviceWorker.ready;
    const subscription =
      (await worker.pushManager.getSubscription()) ??
      (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }));
    if (!queue("/app/remind", { subscription: subscription.toJSON(), due_on: kept.promised })) return false;
    changeRequest(id, { pushed: true });
    changed();
    return true;
  } catch {
    return false; // no push service, or another key: the app still reminds when it is opened
  }
}

// The request is closed or deleted: the server deletes the day.
export async function remindNoMore(id: string): Promise<void> {
  const kept = request(id);
  if (!kept?.pushed || !kept.promised || !("serviceWorker" in navigator)) return;
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.getSubscription();
  if (subscription) queue("/app/remind/cancel", { endpoint: subscription.endpoint, due_on: kept.promised });
}
