// A case that is being typed survives a closed tab: it is kept in this browser until it is sent.
(() => {
  const form = document.querySelector("form.case");
  if (!form) return;
  const key = `case:${location.pathname}`;
  const skip = new Set(["csrfmiddlewaretoken", "case_id"]);
  const wrong = document.getElementById("problems");
  const read = () => {
    try { return JSON.parse(sessionStorage.getItem(key) || "[]"); } catch { return []; }
  };
  const keep = () => {
    const entries = [...new FormData(form)].filter(([name]) => !skip.has(name));
    try { sessionStorage.setItem(key, JSON.stringify(entries)); } catch { /* private browsing */ }
  };
  if (wrong) wrong.focus();
  else if (!location.search) {
    const entries = read();
    for (const field of form.elements) {
      if (!field.name || skip.has(field.name) || !entries.some(([name]) => name === field.name)) continue;
      const values = entries.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else field.value = values[0];
    }
  }
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", () => sessionStorage.removeItem(key));
  document.addEventListener("htmx:load", keep);
})();
