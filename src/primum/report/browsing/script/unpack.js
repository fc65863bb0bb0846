// From base64 in the page to a list.

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

async function unpack(element) {
  const bytes = bytesOf(element.textContent.trim());
  element.remove(); // What is unpacked is not held twice.
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const list = await new Response(inflated).json();
  list.column = new Map(list.columns.map((column) => [column.name, column]));
  return list;
}
