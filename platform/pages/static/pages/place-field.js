// Fields with data-place-search="<address>" offer places while somebody types: name or code,
// Khmer or Latin. Without this script the field takes the official code as it is.
for (const field of document.querySelectorAll("input[data-place-search]")) {
  const list = document.createElement("datalist");
  list.id = `${field.id}_places`;
  field.after(list);
  field.setAttribute("list", list.id);
  field.setAttribute("autocomplete", "off");
  let timer = 0;
  let asked = "";

  const offer = async () => {
    const text = field.value.trim();
    if (text === asked || text.length < 2) return;
    asked = text;
    const within = field.dataset.placeWithin || "";
    const level = field.dataset.placeLevel || "";
    const query = new URLSearchParams({ q: text, limit: "12", within, level });
    let found;
    try {
      const answer = await fetch(`${field.dataset.placeSearch}?${query}`);
      if (!answer.ok) return;
      found = (await answer.json()).results;
    } catch {
      return; // no network: the code can still be typed
    }
    if (asked !== text) return;
    list.replaceChildren(
      ...found.map((place) => {
        const option = document.createElement("option");
        option.value = `${place.code} ${place.name}`;
        option.label = [place.name, place.path, place.code].filter(Boolean).join(", ");
        return option;
      }),
    );
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 150);
  });
}
