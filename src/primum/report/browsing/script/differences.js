// Which words two texts have in common, in order: a longest common subsequence.

const MOST_CELLS = 9e6; // A choice: two texts of 3,000 words and spaces, a tenth of a second.

function wordsOf(text) {
  if (!Intl.Segmenter) return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [];
  const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

// Two lists of [words, whether the other text lacks them]; null where the texts are too long.
function differences(one, other) {
  const a = wordsOf(one);
  const b = wordsOf(other);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const n = a.length - start - end;
  const m = b.length - start - end;
  if (n * m > MOST_CELLS) return null;
  const width = m + 1;
  const longest = new Uint16Array((n + 1) * width); // Of what is left from here on.
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = m - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        a[start + i] === b[start + j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const lacking = [new Uint8Array(a.length), new Uint8Array(b.length)];
  let i = 0;
  let j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && a[start + i] === b[start + j]) {
      i += 1;
      j += 1;
    } else if (j >= m || (i < n && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      lacking[0][start + i] = 1;
      i += 1;
    } else {
      lacking[1][start + j] = 1;
      j += 1;
    }
  }
  return [joined(a, lacking[0]), joined(b, lacking[1])];
}

// Neighbours of the same kind as one; a space between two marked words is marked with them.
function joined(words, lacking) {
  const parts = [];
  words.forEach((word, at) => {
    const space = !word.trim();
    const marked = space ? Boolean(lacking[at - 1] && lacking[at + 1]) : Boolean(lacking[at]);
    const last = parts.at(-1);
    if (last && last[1] === marked) last[0] += word;
    else parts.push([word, marked]);
  });
  return parts;
}
