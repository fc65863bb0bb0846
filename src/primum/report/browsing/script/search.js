// Which rows hold every word of a query, each in any of their texts.

// Words and "several words as they stand".
function wordsIn(query) {
  const parts = query.toLowerCase().matchAll(/"([^"]*)"?|\S+/g);
  return Array.from(parts, (part) => part[1] ?? part[0]).filter(Boolean);
}

function searcher(list) {
  const columns = list.columns.filter((column) => column.kind === "text");
  const found = new Map([["", null]]); // By word: 1 for every text that holds it.
  let lower = null;

  function prepare() {
    lower ??= list.texts.map((text) => text.toLowerCase());
  }

  // Texts that hold a longer word hold its beginning too, so that only those are looked through.
  function textsWith(word) {
    if (found.has(word)) return found.get(word);
    let shorter = word;
    while (!found.has(shorter)) shorter = shorter.slice(0, -1);
    const among = found.get(shorter);
    const holds = new Uint8Array(lower.length);
    for (let text = 0; text < lower.length; text += 1) {
      if ((!among || among[text]) && lower[text].includes(word)) holds[text] = 1;
    }
    if (found.size > 64) {
      found.clear();
      found.set("", null);
    }
    found.set(word, holds);
    return holds;
  }

  // A test of rows; null where every row passes.
  function matching(query) {
    const words = wordsIn(query);
    if (!words.length) return null;
    prepare();
    const holders = words.map(textsWith);
    return (row) =>
      holders.every((holds) => columns.some(({ values }) => values[row] >= 0 && holds[values[row]]));
  }

  return { prepare, matching };
}

// Marks words where they stand, without touching the page; browsers that cannot do so show none.
function highlight(place, query) {
  if (!globalThis.CSS?.highlights) return;
  const words = wordsIn(query);
  const ranges = [];
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (words.length && walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data.toLowerCase();
    if (text.length !== node.data.length) continue; // A few letters change their length.
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges.slice(0, 2000)));
}
