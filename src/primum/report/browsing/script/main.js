// Every list of the page, one after the other, so that the page stays usable meanwhile.

// A reason of the funnel becomes a button that opens its prompts.
function openByReason(place, list) {
  const known = list.column.get("reason").words;
  for (const reason of document.querySelectorAll("[data-reason]")) {
    if (!known.includes(reason.dataset.reason)) continue;
    const text = reason.textContent;
    const button = make("button", {
      type: "button",
      text,
      class: "reason",
      "aria-expanded": "false",
      "aria-controls": place.id,
    });
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") !== "true";
      for (const other of document.querySelectorAll("button.reason")) {
        other.setAttribute("aria-expanded", String(other === button && open));
      }
      place.hidden = !open;
      if (open) list.view.only("reason", reason.dataset.reason);
    });
    reason.replaceChildren(button);
  }
}

async function start() {
  const views = [];
  for (const place of document.querySelectorAll("[data-list]")) {
    try {
      const list = await unpack(document.getElementById(`${place.dataset.list}-data`));
      list.view = browse(list, place, place.dataset.title);
      views.push(list.view);
      if (place.dataset.list === "dropped") {
        place.hidden = true;
        openByReason(place, list);
      }
    } catch (error) {
      place.replaceChildren(
        make("p", { class: "warning", text: `This list could not be read: ${error.message}` }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  document.documentElement.dataset.lists = "shown";
  for (const view of views) setTimeout(view.prepare, 200);
}

start();
