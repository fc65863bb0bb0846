// A grid of which only the rows in sight are in the page.

const SPARE_ROWS = 8; // Above and below those in sight: a choice.

function rowsGrid(list, name, { choose, sortBy }) {
  const shown = list.columns.filter((column) => column.shown !== "never");
  const heads = new Map();
  const head = make("div", { role: "row", "aria-rowindex": 1 });
  const body = make("div", { role: "rowgroup", class: "rows" });
  const grid = make(
    "div",
    { role: "grid", tabindex: 0, "aria-label": name, class: "grid" },
    make("div", { role: "rowgroup", class: "head" }, head),
    body,
  );
  let order = [];
  let chosen = -1; // Place in the order.

  for (const column of shown) {
    const button = make("button", { type: "button", text: column.title, onclick: () => sortBy(column) });
    const cell = make("div", { role: "columnheader", class: classOf(column) }, button);
    heads.set(column, cell);
    head.append(cell);
  }

  function classOf(column) {
    const kind = column.kind === "gain" ? "figure" : column.kind;
    return column.shown === "wide" ? `${kind} wide` : kind;
  }

  function rowAt(place) {
    const row = order[place];
    const element = make("div", {
      role: "row",
      id: `${grid.id}-${row}`,
      "aria-rowindex": place + 2,
      "aria-selected": String(place === chosen),
    });
    for (const column of shown) {
      const text = beginning(said(list, column, row), 240);
      element.append(make("div", { role: "gridcell", class: classOf(column), text, dir: "auto" }));
    }
    element.dataset.place = place;
    return element;
  }

  const height = () => 2.1 * parseFloat(getComputedStyle(document.documentElement).fontSize);

  function draw() {
    const each = height();
    body.style.height = `${order.length * each}px`;
    const first = Math.max(0, Math.floor(grid.scrollTop / each) - SPARE_ROWS);
    const many = Math.ceil((grid.clientHeight || 400) / each) + 2 * SPARE_ROWS;
    const rows = [];
    for (let place = first; place < Math.min(order.length, first + many); place += 1) {
      const element = rowAt(place);
      element.style.top = `${place * each}px`;
      rows.push(element);
    }
    body.replaceChildren(...rows);
    const active = rows.some((element) => Number(element.dataset.place) === chosen);
    if (active) grid.setAttribute("aria-activedescendant", `${grid.id}-${order[chosen]}`);
    else grid.removeAttribute("aria-activedescendant");
  }

  function intoSight(place) {
    const each = height();
    const sight = grid.clientHeight - head.offsetHeight;
    if (place * each < grid.scrollTop) grid.scrollTop = place * each;
    else if ((place + 1) * each > grid.scrollTop + sight) grid.scrollTop = (place + 1) * each - sight;
  }

  function point(place) {
    chosen = Math.max(0, Math.min(order.length - 1, place));
    intoSight(chosen);
    draw();
    choose(order[chosen], chosen);
  }

  function show(rows, row) {
    order = rows;
    grid.setAttribute("aria-rowcount", order.length + 1);
    chosen = order.indexOf(row);
    if (chosen < 0) {
      chosen = order.length ? 0 : -1;
      grid.scrollTop = 0;
    }
    draw();
    return chosen;
  }

  function showSorting(by, descending) {
    for (const [column, cell] of heads) {
      if (column === by) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
  }

  grid.addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", draw);
  body.addEventListener("click", (event) => {
    const element = event.target.closest("[role=row]");
    if (element) point(Number(element.dataset.place));
  });
  grid.addEventListener("keydown", (event) => {
    if (event.target !== grid || event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(grid.clientHeight / height()) - 2);
    const moves = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
      Home: 0,
      End: order.length - 1,
    };
    if (!(event.key in moves) || !order.length) return;
    event.preventDefault();
    point(moves[event.key]);
  });

  return { grid, show, showSorting, draw, next: (step) => point(chosen + step) };
}
