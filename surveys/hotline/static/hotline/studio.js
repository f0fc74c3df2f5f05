// Record from the microphone: press, speak, press; the sound is sent and can be heard at once.
// Without a microphone (or this script) the file field beside it does the same.
const studio = document.querySelector("#studio");
const words = JSON.parse(studio.dataset.words);
const types = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const canRecord = "MediaRecorder" in window && navigator.mediaDevices;

function tell(line, problem) {
  const place = line.querySelector(".script__problem");
  place.textContent = problem;
  place.hidden = !problem;
}

async function send(line, sound) {
  const body = new FormData();
  body.append("name", line.dataset.name);
  body.append("sound", sound, "recording");
  let answer;
  try {
    answer = await fetch(studio.dataset.url, {
      method: "POST",
      body,
      headers: {
        Accept: "application/json",
        "X-CSRFToken": studio.querySelector("[name=csrfmiddlewaretoken]").value,
      },
    });
  } catch {
    const kept = line.querySelector("audio");
    kept.src = URL.createObjectURL(sound);
    kept.hidden = false;
    tell(line, words.no_network);
    return;
  }
  const content = await answer.json();
  if (!answer.ok) {
    tell(line, content.problem);
    return;
  }
  const audio = line.querySelector("audio");
  audio.src = content.sound;
  audio.hidden = false;
  const state = line.querySelector("[data-state]");
  state.textContent = `✓ ${content.state}`;
  state.className = "tag tag--good";
  advance(line);
}

// The next line's button gets the focus, so that a whole script is recorded with one key.
function advance(line) {
  if (!document.querySelector("#advance")?.checked) return;
  const lines = [...studio.querySelectorAll(".script__line")];
  const next = lines[lines.indexOf(line) + 1];
  const button = next?.querySelector("[data-record]:not([hidden])");
  if (!button) return;
  next.scrollIntoView({ block: "center" });
  button.focus();
}

async function record(line, button) {
  tell(line, "");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    tell(line, words.no_microphone);
    return;
  }
  const mimeType = types.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = async () => {
    stream.getTracks().forEach((track) => track.stop());
    button.setAttribute("aria-pressed", "false");
    button.textContent = words.working;
    button.disabled = true;
    await send(line, new Blob(parts, { type: recorder.mimeType }));
    button.disabled = false;
    button.textContent = `● ${words.record}`;
  };
  button.setAttribute("aria-pressed", "true");
  button.textContent = `■ ${words.stop}`;
  recorder.start();
  button.addEventListener("click", () => recorder.stop(), { once: true });
}

if (canRecord) {
  for (const button of studio.querySelectorAll("[data-record]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-pressed") !== "true") {
        record(button.closest(".script__line"), button);
      }
    });
  }
}
