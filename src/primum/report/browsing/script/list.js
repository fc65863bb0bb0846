// A list as a whole: tools, rows, and the chosen row in full below them.

function sorted(list, column, descending) {
  const rows = Array.from({ length: list.rows }, (_, row) => row);
  if (!column) return rows;
  const { values, kind } = column;
  const ranks = kind === "figure" || kind === "gain" ? null : ranksOf(list, column);
  const key = ranks ? (row) => (values[row] < 0 ? null : ranks[values[row]]) : (row) => values[row];
  const turn = descending ? -1 : 1;
  return rows.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return (x === null) - (y === null) || a - b; // Missing ones last.
    return turn * (x - y) || a - b;
  });
}

// The place of each text in the order of the alphabet.
function ranksOf(list, column) {
  const texts = column.kind === "text" ? list.texts : column.words;
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  const short = texts.map((text) => beginning(text, 80));
  const order = short.map((_, at) => at).sort((a, b) => compare(short[a], short[b]));
  const ranks = new Uint32Array(texts.length);
  order.forEach((text, rank) => {
    ranks[text] = rank;
  });
  return ranks;
}

function browse(list, place, name) {
  const state = { query: "", filters: new Map(), column: null, descending: true, row: 0 };
  let order = sorted(list, null);
  let later = 0;
  const search = searcher(list);
  const above = tools(list, { search: onSearch, filter: onFilter });
  const rows = rowsGrid(list, name, { choose: onChoose, sortBy: onSort });
  const title = make("h4");
  const content = make("div");
  const step = (text, by) => make("button", { type: "button", text, onclick: () => rows.next(by) });
  const marks = make("input", { type: "checkbox", onchange: showDetail });
  marks.checked = list.marked;
  const bar = make("div", { class: "steps" }, title, step("Previous", -1), step("Next", 1));
  if (list.sides.length) bar.append(make("label", {}, marks, " Mark words that differ"));
  const reading = make("div", { class: "reading-one" }, bar, content);

  function update() {
    const matches = search.matching(state.query);
    const filters = [...state.filters].filter(([, word]) => word >= 0);
    const passes = (row) =>
      filters.every(([column, word]) => column.values[row] === word) && (!matches || matches(row));
    const visible = matches || filters.length ? order.filter(passes) : order;
    const at = rows.show(visible, state.row);
    above.status.textContent =
      visible.length === list.rows
        ? count(list.rows, list.noun)
        : `${count(visible.length)} of ${count(list.rows, list.noun)}`;
    state.shown = visible.length;
    state.at = at;
    state.row = at < 0 ? -1 : visible[at];
    // The list answers every key stroke at once; what is read below it may follow.
    clearTimeout(later);
    later = setTimeout(showDetail, 80);
  }

  function showDetail() {
    reading.hidden = state.row < 0;
    if (state.row < 0) return;
    const noun = list.noun[0].toUpperCase() + list.noun.slice(1);
    title.textContent = `${noun} ${count(state.at + 1)} of ${count(state.shown)}`;
    content.replaceChildren(...detail(list, state.row, marks.checked));
    highlight(content, state.query);
  }

  function onSearch(query) {
    state.query = query;
    update();
  }

  function onFilter(column, word) {
    state.filters.set(column, word);
    update();
  }

  // Figures begin with the largest, words with the first of the alphabet; then the other way round;
  // then comes the order of the beginning.
  function onSort(column) {
    const begins = column.kind === "figure" || column.kind === "gain";
    if (state.column !== column) Object.assign(state, { column, descending: begins });
    else if (state.descending === begins) state.descending = !begins;
    else state.column = null;
    order = sorted(list, state.column, state.descending);
    rows.showSorting(state.column, state.descending);
    rows.grid.scrollTop = 0;
    state.row = -1;
    update();
  }

  function onChoose(row, at) {
    state.row = row;
    state.at = at;
    showDetail();
  }

  // Shows the rows of one word alone, such as one reason.
  function only(columnName, word) {
    const column = list.column.get(columnName);
    const at = column.words.indexOf(word);
    if (above.selects.has(columnName)) above.selects.get(columnName).value = at;
    onFilter(column, at);
  }

  rows.grid.id = `${place.dataset.list}-grid`;
  above.box.addEventListener("focus", search.prepare, { once: true });
  above.box.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    rows.grid.focus();
  });
  place.replaceChildren(above.bar, rows.grid, reading);
  update();
  return { only, draw: rows.draw, prepare: search.prepare };
}
