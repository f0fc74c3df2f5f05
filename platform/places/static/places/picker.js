// A text field that finds places while one types: a combobox after the ARIA pattern
// (arrows, Home and End in the text, Enter takes, Escape closes). Without this script the
// field still works: the server reads a code or a whole name.
"use strict";

(() => {
  const WAIT = 150;

  function enhance(root) {
    const input = root.querySelector("input");
    const list = root.querySelector("[role=listbox]");
    const status = root.querySelector("[role=status]");
    let offered = [];
    let active = -1;
    let timer = 0;
    let asked = null;

    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function point(index) {
      active = index;
      [...list.querySelectorAll("[role=option]")].forEach((option, i) => {
        option.setAttribute("aria-selected", String(i === index));
        if (i === index) {
          input.setAttribute("aria-activedescendant", option.id);
          option.scrollIntoView({ block: "nearest" });
        }
      });
      if (index < 0) input.removeAttribute("aria-activedescendant");
    }

    function take(place) {
      input.value = `${place.code} ${place.name}`;
      input.dataset.code = place.code;
      close();
      input.dispatchEvent(new CustomEvent("place", { bubbles: true, detail: place }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function span(name, text) {
      const element = document.createElement("span");
      element.className = `place-picker__${name}`;
      element.textContent = text;
      return element;
    }

    function note(text) {
      const item = document.createElement("li");
      item.className = "place-picker__note";
      item.setAttribute("role", "presentation");
      item.textContent = text;
      list.replaceChildren(item);
      list.hidden = false;
      status.textContent = text;
    }

    function show(places) {
      offered = places;
      active = -1;
      if (!places.length) {
        input.setAttribute("aria-expanded", "false");
        note(root.dataset.none);
        return;
      }
      list.replaceChildren(
        ...places.map((place, i) => {
          const option = document.createElement("li");
          option.id = `${list.id}-${i}`;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.append(span("code", place.code), span("name", place.name), span("path", place.path));
          // Before the field loses the focus, or the list would close under the finger.
          option.addEventListener("pointerdown", (event) => event.preventDefault());
          option.addEventListener("click", () => take(place));
          return option;
        }),
      );
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      status.textContent = `${root.dataset.count} ${places.length}`;
    }

    async function ask() {
      const q = input.value.trim();
      if (asked) asked.abort();
      if (!q) {
        close();
        return;
      }
      asked = new AbortController();
      const query = new URLSearchParams({ q, level: root.dataset.level, within: root.dataset.within, limit: "12" });
      try {
        const answer = await fetch(`${root.dataset.search}?${query}`, { signal: asked.signal });
        if (!answer.ok) throw new Error(String(answer.status));
        const { results } = await answer.json();
        if (document.activeElement === input) show(results);
      } catch (error) {
        if (error.name !== "AbortError") note(root.dataset.failed);
      }
    }

    input.addEventListener("input", () => {
      delete input.dataset.code;
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("focus", () => input.select());
    input.addEventListener("blur", () => {
      clearTimeout(timer);
      close();
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const open = !list.hidden && offered.length > 0 && input.getAttribute("aria-expanded") === "true";
      if (event.key === "Escape") {
        if (!list.hidden) event.preventDefault();
        close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) {
          ask();
          return;
        }
        const step = event.key === "ArrowDown" ? 1 : -1;
        point((active + step + offered.length) % offered.length);
      } else if (event.key === "Enter" && open && active >= 0) {
        event.preventDefault();
        take(offered[active]);
      }
    });
  }

  const all = (root) =>
    root.querySelectorAll(".place-picker:not([data-ready])").forEach((picker) => {
      picker.dataset.ready = "";
      enhance(picker);
    });
  all(document);
  // Pieces of pages that htmx brings in later.
  document.addEventListener("htmx:after:swap", () => all(document));
  document.addEventListener("htmx:afterSwap", () => all(document));
})();
