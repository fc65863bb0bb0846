"use strict";
// Marks stay in this browser's storage, by the id of the row, until they are saved as a file.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const items = [...document.querySelectorAll("article.item")];
  const notice = document.getElementById("notice");
  const bar = document.querySelector(".bench");
  const marks = new Map();
  const done = []; // Questions in the order in which they were marked, for taking back.
  let at = 0;
  let unsaved = false;
  let stored = true;

  const key = (item) => `primum-mark-${item.id}`;
  const questions = (item) => [...item.querySelectorAll(".question")];
  const name = (question) => question.dataset.question;
  const of = (item) => marks.get(item.id);
  const isOpen = (item, question) => !question.disabled && !of(item)[name(question)];
  const openOf = (item) => questions(item).find((question) => isOpen(item, question));

  function say(text) {
    notice.textContent = text;
    notice.hidden = false;
  }

  function load(item) {
    let found = {};
    try {
      found = JSON.parse(localStorage.getItem(key(item))) || {};
    } catch {
      // What cannot be read is as good as no mark.
    }
    const kept = {};
    for (const question of questions(item)) {
      const words = [...question.querySelectorAll("input")].map((input) => input.value);
      if (words.includes(found[name(question)])) kept[name(question)] = found[name(question)];
    }
    marks.set(item.id, kept);
  }

  function keep(item) {
    unsaved = true;
    try {
      localStorage.setItem(key(item), JSON.stringify(of(item)));
    } catch {
      stored = false;
      say("This browser keeps no marks: save them before you close the page.");
    }
  }

  // A question for answers that are alike is not asked while their marks differ.
  function settle(item) {
    const found = of(item);
    const words = questions(item)
      .filter((question) => "answer" in question.dataset)
      .map((question) => found[name(question)])
      .filter(Boolean);
    const differ = new Set(words).size > 1;
    for (const question of questions(item)) {
      if ("ifAlike" in question.dataset) {
        question.disabled = differ;
        if (differ) delete found[name(question)];
      }
      for (const input of question.querySelectorAll("input")) {
        input.checked = input.value === found[name(question)];
      }
    }
  }

  function point(question) {
    for (const other of document.querySelectorAll(".question.active")) {
      other.classList.remove("active");
    }
    if (question) question.classList.add("active");
  }

  function count() {
    const whole = items.filter((item) => !openOf(item)).length;
    document.getElementById("count").textContent = `${whole} of ${items.length} prompts marked`;
  }

  // Where the page was scrolled down, another prompt would begin behind the bar or above it.
  function toBeginning(item) {
    const hidden = bar.getBoundingClientRect().bottom - item.getBoundingClientRect().top;
    if (hidden > 0) window.scrollBy(0, -hidden);
  }

  function show(index, question) {
    const before = at;
    at = Math.max(0, Math.min(items.length - 1, index));
    items.forEach((item, place) => {
      item.hidden = place !== at;
    });
    if (at !== before) toBeginning(items[at]);
    point(question || openOf(items[at]) || questions(items[at])[0]);
    count();
  }

  function mark(item, question, word) {
    of(item)[name(question)] = word;
    done.push([item, question]);
    settle(item);
    keep(item);
    count();
  }

  function goOn() {
    const item = items[at];
    if (openOf(item)) point(openOf(item));
    else toOpen();
  }

  function toOpen() {
    const order = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    const next = order.find(openOf);
    if (next) show(items.indexOf(next));
    else say("Every prompt is marked. Save the marks.");
  }

  function takeBack() {
    const last = done.pop();
    if (!last) return;
    const [item, question] = last;
    delete of(item)[name(question)];
    settle(item);
    keep(item);
    show(items.indexOf(item), question);
  }

  function save() {
    const rows = data.rows.map((row) => ({ ...row, ...marks.get(row.id) }));
    const text = JSON.stringify({ rows }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = data.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    unsaved = false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const pressed = event.key.toLowerCase();
    const active = document.querySelector(".question.active");
    const input =
      active && [...active.querySelectorAll("input")].find((one) => one.dataset.key === pressed);
    if (input && !active.disabled) {
      event.preventDefault();
      // A key that is held down would mark what nobody has read.
      if (event.repeat) return;
      mark(items[at], active, input.value);
      goOn();
    } else if (pressed === "u") takeBack();
    else if (pressed === "j") show(at + 1);
    else if (pressed === "k") show(at - 1);
    else return;
    event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const question = event.target.closest(".question");
    if (question) mark(items[at], question, event.target.value);
  });
  document.addEventListener("focusin", (event) => {
    const question = event.target.closest(".question");
    if (question) point(question);
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved && !stored) event.preventDefault();
  });
  const buttons = { previous: () => show(at - 1), next: () => show(at + 1), open: toOpen, save };
  for (const [id, act] of Object.entries(buttons)) {
    document.getElementById(id).addEventListener("click", act);
  }

  for (const item of items) {
    load(item);
    settle(item);
  }
  const first = items.findIndex(openOf);
  show(first < 0 ? 0 : first);
})();
