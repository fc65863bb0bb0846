// What stands above a list: the search box, and a filter for every column of words.

function tools(list, { search, filter }) {
  const box = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  box.addEventListener("input", () => search(box.value));
  const bar = make("div", { class: "tools", role: "search" });
  bar.append(make("label", { class: "box" }, make("span", { text: "Search" }), box));
  const selects = new Map();
  for (const column of list.columns) {
    if (column.kind !== "word" || column.shown === "never" || column.words.length < 2) continue;
    const select = make("select", { onchange: () => filter(column, Number(select.value)) });
    select.append(make("option", { value: -1, text: "all" }));
    column.words.forEach((word, at) => {
      select.append(make("option", { value: at, text: beginning(word, 60), dir: "auto" }));
    });
    bar.append(make("label", {}, make("span", { text: column.title }), select));
    selects.set(column.name, select);
  }
  const status = make("p", { role: "status", class: "note" });
  bar.append(status);
  return { bar, box, status, selects };
}
