// One row in full: the prompt, both texts with their scores, and what else is known.

function textBlock(label, text, tag, parts) {
  const block = make("pre", { dir: "auto", tabindex: 0, "aria-label": label });
  if (tag) block.className = tag;
  if (!parts) block.textContent = text;
  else {
    const mark = parts.mark;
    for (const [words, lacking] of parts) block.append(lacking ? make(mark, { text: words }) : words);
  }
  return block;
}

function scoreLine(list, side, row) {
  const line = make("p", { class: "scores" });
  for (const [objective, score, gain] of side.scores) {
    const shown = make("span", { text: `${objective} ` });
    shown.append(make("b", { text: said(list, list.column.get(score), row) }));
    if (gain) shown.append(make("i", { text: ` (${said(list, list.column.get(gain), row)})` }));
    line.append(shown);
  }
  return line;
}

function sideBlock(list, side, row, parts) {
  const text = (name) => said(list, list.column.get(name), row);
  const block = make("div", side.lit ? { class: "now" } : {}, make("h4", { text: side.title }));
  block.append(scoreLine(list, side, row));
  const ending = text(side.ending);
  if (ending) block.append(make("p", { class: "note", text: ending }));
  const thought = text(side.thought);
  if (thought) block.append(textBlock(`${side.title}: thought`, thought, "thought"));
  block.append(textBlock(`${side.title}: answer`, text(side.text), "", parts));
  return block;
}

function sidesBlock(list, row, marked) {
  const texts = list.sides.map((side) => said(list, list.column.get(side.text), row));
  const parts = marked ? differences(...texts) : null;
  parts?.forEach((side, at) => {
    side.mark = list.sides[at].lit ? "ins" : "del";
  });
  const sides = list.sides.map((side, at) => sideBlock(list, side, row, parts?.[at]));
  const block = make("div", {}, make("div", { class: "sides" }, ...sides));
  if (marked && !parts) {
    block.append(make("p", { class: "note", text: "Too long to mark the words that differ." }));
  }
  return block;
}

function factsBlock(list, row) {
  const block = make("dl", { class: "facts" });
  for (const name of list.facts) {
    const column = list.column.get(name);
    const text = column ? said(list, column, row) : "";
    if (!text) continue;
    block.append(
      make("div", {}, make("dt", { text: column.title }), make("dd", { text, dir: "auto" })),
    );
  }
  return block;
}

function tableBlock(column, row) {
  const cell = (value, at) =>
    typeof value === "number" || value === null
      ? make("td", { class: "figure", text: figure(value) })
      : make(at ? "td" : "th", { text: value, scope: at ? undefined : "row" });
  const heads = column.words.map((text, at) => {
    const figures = at && at < column.words.length - 1;
    return make("th", { text, scope: "col", class: figures ? "figure" : undefined });
  });
  const rows = column.values[row].map((cells) => make("tr", {}, ...cells.map(cell)));
  const head = make("thead", {}, make("tr", {}, ...heads));
  const table = make("table", {}, head, make("tbody", {}, ...rows));
  const label = { class: "scroll", tabindex: 0, role: "region", "aria-label": column.title };
  return make("div", label, table);
}

function detail(list, row, marked) {
  const prompt = said(list, list.column.get(list.prompt), row);
  const blocks = [textBlock("Prompt", prompt, "prompt")];
  if (list.sides.length) blocks.push(sidesBlock(list, row, marked));
  blocks.push(factsBlock(list, row));
  for (const column of list.columns) {
    if (column.kind === "table" && column.values[row].length) blocks.push(tableBlock(column, row));
  }
  return blocks;
}
