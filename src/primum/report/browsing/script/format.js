// Elements and figures. All texts go in as text: none of them is ever read as HTML.

function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

function figure(value, signed = false) {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value).toFixed(2);
  const zero = Number(text) === 0;
  if (value < 0 && !zero) return `−${text}`;
  return signed ? `+${text}` : text;
}

function count(value, noun) {
  const digits = String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return noun ? `${digits} ${noun}${value === 1 ? "" : "s"}` : digits;
}

// What a column says of a row, as text.
function said(list, column, row) {
  const value = column.values[row];
  if (column.kind === "text") return value < 0 ? "" : list.texts[value];
  if (column.kind === "word") return value < 0 ? "" : column.words[value];
  return figure(value, column.kind === "gain");
}

// The beginning of a text, with no half of a character at its end.
function beginning(text, length) {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}
