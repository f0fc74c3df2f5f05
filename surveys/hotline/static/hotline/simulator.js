// A telephone: executes the same TwiML as a telephone company's switch, through the same
// signed addresses. Keys stop the sound; digits of a longer entry are sent when complete or
// after two seconds of hesitation, as Somleng does.
const phone = document.querySelector("#phone");
const words = phone && JSON.parse(phone.dataset.words);
const HESITATION = 2000;
let call = null;

const screen = (text) => (phone.querySelector(".phone__screen").textContent = text);
const path = (address) => new URL(address, location.href).pathname;

function enable(on) {
  for (const key of phone.querySelectorAll(".phone__key")) key.disabled = !on;
  phone.querySelector(".phone__end").disabled = !on;
  phone.querySelector(".phone__dial").disabled = on;
}

function hangUp(text) {
  if (call) clearTimeout(call.timer);
  call = null;
  delete phone.dataset.waiting;
  phone.querySelector("audio").pause();
  enable(false);
  screen(text);
}

async function ask(address, fields) {
  const mine = call;
  const body = new URLSearchParams({
    ...fields,
    address,
    CallSid: call.sid,
    From: call.number,
    To: "simulator",
    Direction: "inbound",
    csrfmiddlewaretoken: phone.querySelector("[name=csrfmiddlewaretoken]").value,
  });
  try {
    const signed = await (await fetch(phone.dataset.sign, { method: "POST", body })).json();
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(signed.fields),
      headers: { "X-Twilio-Signature": signed.signature },
    });
    const text = await answer.text();
    if (call === mine) await execute(new DOMParser().parseFromString(text, "text/xml"));
  } catch {
    if (call === mine) hangUp(words.failed);
  }
}

function play(address) {
  const audio = phone.querySelector("audio");
  return new Promise((done) => {
    call.stop = done;
    if (!address) {
      done();
      return;
    }
    audio.src = path(address);
    audio.onended = done;
    audio.onerror = done;
    audio.play().catch(done);
  });
}

async function execute(document) {
  const mine = call;
  const verb = document.documentElement.firstElementChild;
  if (!verb || verb.tagName === "Reject") return hangUp(words.rejected);
  if (verb.tagName === "Hangup") return hangUp(words.ended);
  if (verb.tagName === "Play") {
    screen(words.speaking);
    await play(verb.textContent);
    if (call === mine) hangUp(words.ended);
    return;
  }
  const sound = verb.querySelector("Play");
  call.action = path(verb.getAttribute("action"));
  call.wanted = Number(verb.getAttribute("numDigits"));
  call.digits = "";
  // which step waits for a key: for those who watch, and for tests
  phone.dataset.waiting = call.action.split("/").pop();
  screen(sound ? words.speaking : words.silent);
  await play(sound?.textContent);
  if (call !== mine || call.digits) return;
  if (sound) screen(words.listening);
  call.timer = setTimeout(submit, Number(verb.getAttribute("timeout")) * 1000);
}

function submit() {
  clearTimeout(call.timer);
  const Digits = call.digits;
  const address = call.action;
  if (!address) return;
  call.action = "";
  ask(address, { CallStatus: "in-progress", ...(Digits ? { Digits } : {}) });
}

function press(key) {
  if (!call?.action) return;
  phone.querySelector("audio").pause();
  clearTimeout(call.timer);
  call.digits += key;
  call.stop?.();
  screen(call.digits);
  if (call.digits.length >= call.wanted) submit();
  else call.timer = setTimeout(submit, HESITATION);
}

if (phone) {
  phone.querySelector(".phone__dial").addEventListener("click", () => {
    call = { sid: crypto.randomUUID(), number: phone.querySelector("#number").value.trim() };
    enable(true);
    screen(words.ringing);
    ask(phone.dataset.voice, { CallStatus: "ringing" });
  });
  phone.querySelector(".phone__end").addEventListener("click", () => hangUp(words.ended));
  for (const key of phone.querySelectorAll(".phone__key")) {
    key.addEventListener("click", () => press(key.dataset.key));
  }
  document.addEventListener("keydown", (event) => {
    if (event.target.tagName !== "INPUT" && /^[0-9*#]$/.test(event.key)) press(event.key);
  });
}
