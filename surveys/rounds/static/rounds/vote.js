// The ballot on a person's own phone. Nothing is kept on the phone, and no cookie is set: the round and
// the criteria stand after the "#" of the address, which is never sent to a server.
(() => {
  "use strict";
  const WORDS = {
    km: {
      title: "ដាក់ពិន្ទុ", other: "English", next: "បន្ទាប់", back: "ថយក្រោយ", skip: "មិនដឹង", send: "ផ្ញើពិន្ទុរបស់ខ្ញុំ",
      number: "លេខលើកាតរបស់អ្នក (៨ ខ្ទង់)", help: "កាតមួយប្រើបានម្តង។ គ្មាននរណាអាចដឹងថាអ្នកដាក់ពិន្ទុប៉ុន្មានទេ។",
      done: "អរគុណ! បានរាប់ពិន្ទុរបស់អ្នកហើយ។ សូមបិទទំព័រនេះ។", none: "សូមស្កេនកូដ QR លើថេប្លេតនៅកន្លែងប្រជុំ។",
      offline: "គ្មានអ៊ីនធឺណិត។ សូមសាកម្តងទៀត ឬដាក់ពិន្ទុលើថេប្លេត។", empty: "សូមដាក់ពិន្ទុយ៉ាងតិចមួយ។",
      faces: ["មិនពេញចិត្តខ្លាំង", "មិនពេញចិត្ត", "ទទួលយកបាន", "ពេញចិត្ត", "ពេញចិត្តខ្លាំង"],
    },
    en: {
      title: "Vote", other: "ខ្មែរ", next: "Next", back: "Back", skip: "Don't know", send: "Send my votes",
      number: "The number on your card (8 digits)", help: "A card works once. Nobody can find out how you voted.",
      done: "Thank you. Your votes are counted. Close this page.", none: "Scan the QR code on the tablet at the meeting.",
      offline: "No network. Try again, or vote on the tablet.", empty: "Give at least one score.",
      faces: ["very bad", "bad", "acceptable", "good", "very good"],
    },
  };
  // drawn: the letters of cheap phones lack some faces
  const MOUTHS = ["M12 33 Q20 22 28 33", "M13 31 Q20 25 27 31", "M13 29 L27 29", "M13 27 Q20 33 27 27", "M11 25 Q20 37 29 25 Z"];
  const COLOURS = ["#f2b8b5", "#f9d9b0", "#f7ecb5", "#d5ebc0", "#b5e0bd"];
  function face(score) {
    const drawn = (tag, attributes) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      return element;
    };
    const svg = drawn("svg", { viewBox: "0 0 40 40", width: 44, height: 44, fill: "none", stroke: "#1c1b1a", "stroke-width": 2.5, "stroke-linecap": "round", "aria-hidden": "true" });
    svg.append(drawn("circle", { cx: 20, cy: 20, r: 18, fill: COLOURS[score - 1] }), drawn("circle", { cx: 13.5, cy: 16, r: 1.5 }), drawn("circle", { cx: 26.5, cy: 16, r: 1.5 }),
      drawn("path", { d: MOUTHS[score - 1] }), ...(score === 1 ? [drawn("path", { d: "M9 10 L16 12.5 M31 10 L24 12.5" })] : []));
    return svg;
  }
  const place = document.getElementById("ballot");
  const asked = new URLSearchParams(location.hash.slice(1));
  const code = (asked.get("r") || "").replace(/\D/g, "").slice(0, 6);
  const keys = [];
  const texts = {};
  for (const part of (asked.get("c") || "").split("~").filter(Boolean).slice(0, 8)) {
    const [key, ...text] = part.split("=");
    keys.push(key);
    if (text.length) texts[key] = [text.join("="), text.join("=")];
  }
  let language = "km";
  let at = 0;
  const scores = {};
  let number = (asked.get("k") || "").slice(0, 12);
  let problem = "";
  let sent = false;
  let names = {};
  const t = (word) => WORDS[language][word];
  const khmer = (text) => (language === "km" ? String(text).replace(/[0-9]/g, (d) => String.fromCharCode(0x17e0 + Number(d))) : String(text));

  function made(tag, attributes, ...inside) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false) element.setAttribute(name, value);
    }
    element.append(...inside.filter((one) => one !== null));
    return element;
  }

  function nameOf(key) {
    const both = texts[key] || names[key];
    return both ? both[language === "km" ? 0 : 1] : key;
  }

  function draw() {
    document.documentElement.lang = language;
    document.title = t("title");
    const other = made("button", { type: "button", onclick: () => { language = language === "km" ? "en" : "km"; draw(); } }, t("other"));
    place.replaceChildren(made("div", { class: "bar" }, made("h1", {}, t("title")), other), ...screen());
    const heading = place.querySelector("h2");
    if (heading) heading.focus();
  }

  function screen() {
    if (sent) return [made("p", { class: "good", role: "status" }, t("done"))];
    if (code.length !== 6 || !keys.length) return [made("p", {}, t("none"))];
    return at < keys.length ? question(keys[at]) : last();
  }

  function question(key) {
    const choose = (score) => { scores[key] = score; at += 1; draw(); };
    return [
      made("p", { class: "small" }, khmer(`${at + 1} / ${keys.length}`)),
      made("h2", { tabindex: "-1" }, nameOf(key)),
      made("div", { class: "faces", role: "radiogroup", "aria-label": nameOf(key) }, ...MOUTHS.map((_mouth, n) =>
        made("button", { type: "button", role: "radio", "aria-checked": String(scores[key] === n + 1), "data-score": n + 1, onclick: () => choose(n + 1) },
          face(n + 1), made("span", {}, t("faces")[n])))),
      made("div", { class: "bar" },
        at ? made("button", { type: "button", onclick: () => { at -= 1; draw(); } }, t("back")) : null,
        made("button", { type: "button", onclick: () => { delete scores[key]; at += 1; draw(); } }, t("skip"))),
    ];
  }

  function last() {
    const field = made("input", { id: "number", inputmode: "numeric", autocomplete: "off", maxlength: "12", value: number, oninput: (event) => { number = event.target.value; } });
    return [
      made("form", { onsubmit: (event) => { event.preventDefault(); void send(); } },
        made("label", { for: "number" }, t("number")), field, made("p", { class: "small" }, t("help")),
        problem ? made("p", { class: "bad", role: "alert" }, problem) : null,
        made("div", { class: "bar" }, made("button", { type: "button", onclick: () => { at -= 1; problem = ""; draw(); } }, t("back")),
          made("button", { type: "submit", class: "main" }, t("send")))),
    ];
  }

  async function send() {
    if (!Object.keys(scores).length) { problem = t("empty"); draw(); return; }
    try {
      const answer = await fetch(`cast/?lang=${language}`, {
        method: "POST", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
        headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code, number, scores }),
      });
      const content = await answer.json();
      sent = answer.status === 201;
      problem = sent ? "" : content.problems.join(" ");
    } catch {
      problem = t("offline");
    }
    if (sent) {
      // the next person on this phone finds nothing
      number = "";
      for (const key of keys) delete scores[key];
      history.replaceState(null, "", location.pathname);
    }
    draw();
  }

  draw();
  if (code) {
    fetch(`names/?code=${code}`, { credentials: "omit" }).then((answer) => answer.json()).then((told) => { names = told.names; if (!sent) draw(); }).catch(() => undefined);
  }
})();
