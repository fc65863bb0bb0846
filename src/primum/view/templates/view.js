"use strict";
// Asks this server every few seconds how things are, and writes what has changed as text.
(() => {
  const id = (name) => document.getElementById(name);
  const notice = id("notice");
  let shown = "";

  function write(node, text) {
    // What stays the same is left alone, so that a screen reader says only what is new.
    if (node.textContent !== text) node.textContent = text;
  }

  function made(tag, text) {
    const node = document.createElement(tag);
    node.textContent = text;
    return node;
  }

  function link(found, of) {
    const node = made("a", found.text);
    // Addresses are of this server: whatever else one may be, it is a path.
    if (/^\/[\w/.-]*$/.test(found.address)) node.href = found.address;
    if (of) node.setAttribute("aria-label", `${found.text} of ${of}`);
    return node;
  }

  // A copy of a template, with its texts in their places.
  function filled(template, values) {
    const node = id(template).content.firstElementChild.cloneNode(true);
    const all = (name) => node.querySelectorAll(`[data-${name}]`);
    for (const each of all("text")) each.textContent = values[each.dataset.text];
    for (const each of all("tone")) {
      const tone = values[each.dataset.tone];
      each.className = tone ? `chip ${tone}` : "";
    }
    for (const each of all("list")) {
      each.replaceChildren(...values[each.dataset.list].map((text) => made("span", text)));
    }
    for (const each of all("links")) {
      const links = values[each.dataset.links].flatMap((one) => [link(one, values.name), " "]);
      each.replaceChildren(...links);
    }
    return node;
  }

  function showOverview(found) {
    write(document.querySelector(".subtitle"), found.subtitle);
    const rows = found.rows.map((row) => {
      const node = filled("row", row);
      node.classList.toggle("inside", row.inside);
      return node;
    });
    id("rows").replaceChildren(...rows);
  }

  let pairs = "";
  function showRun({ run, links }) {
    id("state").className = `chip ${run.tone}`;
    write(id("state"), run.state);
    write(id("said"), run.now);
    id("task").hidden = !run.counted;
    id("part").value = run.part;
    for (const name of ["counted", "rate", "left"]) write(id(name), run[name]);
    id("pages").replaceChildren(
      ...links.map((one) => {
        const item = document.createElement("li");
        item.append(link(one));
        return item;
      }),
    );
    id("notes").replaceChildren(...run.notes.map((note) => made("li", note)));
    id("steps").replaceChildren(
      ...run.steps.map((step) => {
        const node = filled("step", step);
        node.className = step.state;
        return node;
      }),
    );
    id("spent").replaceChildren(
      ...run.spent.map(([name, text]) => {
        const entry = document.createElement("div");
        entry.append(made("dt", name), made("dd", text));
        return entry;
      }),
    );
    id("training").hidden = !run.loss;
    if (run.loss) {
      id("curve").setAttribute("d", run.loss.path);
      write(id("loss"), run.loss.said);
    }
    id("first").hidden = !run.pairs.said;
    write(id("pairs-said"), run.pairs.said);
    const text = JSON.stringify(run.pairs.pairs);
    if (text !== pairs) {
      pairs = text;
      id("pairs").replaceChildren(...run.pairs.pairs.map((pair) => filled("pair", pair)));
    }
  }

  const onRun = id("now") !== null;
  const show = onRun ? showRun : showOverview;
  const every = onRun ? 2000 : 5000; // Milliseconds: choices.
  const address = `/state${location.pathname}`;

  async function ask() {
    try {
      const answer = await fetch(address, { cache: "no-store" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const text = await answer.text();
      if (text !== shown) show(JSON.parse(text));
      shown = text;
      notice.hidden = true;
    } catch {
      write(notice, "primum view does not answer any more; what is shown may be old.");
      notice.hidden = false;
    }
  }

  async function go() {
    if (!document.hidden) await ask();
    setTimeout(go, every);
  }
  setTimeout(go, every);
})();
