/* The guide opened from a folder. A browser imports no module and fetches no file from there, so the text of
   both stands before this (FILES), and goes by its address: modules through an import map, data through fetch. */

const folder = new URL("../../", document.currentScript.src);

/** A module's text with the addresses in it spelt out, since it is about to lose its own. */
function settled(text, address) {
  return text
    .replace(/\b(from|import)(\s*\(?\s*)(["'])(\.\.?\/[^"']+)\3/g, (all, word, gap, quote, to) =>
      `${word}${gap}${JSON.stringify(new URL(to, address).href)}`)
    .replaceAll("import.meta.url", JSON.stringify(address));
}

const imports = {}, data = {};
for (const [place, text] of Object.entries(FILES)) {
  const { href } = new URL(place, folder);
  if (place.endsWith(".js")) imports[href] = `data:text/javascript;charset=utf-8,${encodeURIComponent(settled(text, href))}`;
  else data[href] = text;
}
const map = document.createElement("script");
map.type = "importmap";
map.textContent = JSON.stringify({ imports });
document.head.append(map);

const fromHost = globalThis.fetch;
globalThis.fetch = async (what, how) => String(what) in data ? new Response(data[String(what)]) : fromHost(what, how);

/* A link that a script made names a folder; there is nobody to find the page in it. */
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link?.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";
}, true);
