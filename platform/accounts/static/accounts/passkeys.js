// Makes or shows a passkey: asks our server for a challenge, the browser for a proof, and brings it.
// Binary parts travel as base64url, as WebAuthn's JSON has them.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const withBytes = (list) => (list ?? []).map((each) => ({ ...each, id: toBytes(each.id) }));

async function post(button, body) {
  const answer = await fetch(button.dataset.url + window.location.search, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": button.dataset.csrf },
    body: JSON.stringify(body),
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.detail);
  return content;
}

async function make(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
    },
  };
}

async function show(options) {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  return {
    id: shown.id,
    rawId: toText(shown.rawId),
    type: shown.type,
    response: {
      clientDataJSON: toText(shown.response.clientDataJSON),
      authenticatorData: toText(shown.response.authenticatorData),
      signature: toText(shown.response.signature),
      userHandle: shown.response.userHandle ? toText(shown.response.userHandle) : null,
    },
  };
}

async function run(button) {
  const problem = document.getElementById(button.dataset.problem);
  problem.textContent = "";
  try {
    const options = await post(button, {});
    const proof = await (button.dataset.passkey === "make" ? make(options) : show(options));
    const name = document.getElementById("passkey-name")?.value ?? "";
    const { next } = await post(button, { proof, name });
    window.location.assign(next);
  } catch (error) {
    problem.textContent = error.name === "Error" ? error.message : button.dataset.cancelled;
  }
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.disabled = !window.PublicKeyCredential;
  button.addEventListener("click", () => run(button));
}
