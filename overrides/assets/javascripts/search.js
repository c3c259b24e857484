/* The search, loaded when it is first opened: MiniSearch, and the index that the build wrote. */

import MiniSearch from "../vendor/minisearch.js";

const MOST = 20;      // hits shown; whoever needs the next one types another letter
const AROUND = 70;    // characters of text before and behind the found word
const site = new URL("../../", import.meta.url);
const part = (id) => document.getElementById(id);
let index;            // a promise; asked for anew after a failure

async function load() {
  const answer = await fetch(new URL("assets/search.json", site));
  if (!answer.ok) throw new Error(`${answer.status}`);
  const found = new MiniSearch({
    fields: ["title", "page", "text"],
    storeFields: ["title", "page", "text", "place"],
    searchOptions: {
      // Of a short word only the last is still being typed: "a" begins too many words to look through.
      prefix: (term, at, terms) => term.length > 2 || at === terms.length - 1,
      fuzzy: (term) => term.length > 4 ? 0.2 : 0,
      combineWith: "AND",
      boost: { title: 4, page: 2 },
      boostDocument: (id, term, stored) => stored.place.startsWith("questions/") ? 1.5 : 1,
    },
  });
  await found.addAllAsync((await answer.json()).map(([place, page, title, text], id) => ({ id, place, page, title, text })));
  return found;
}

/* Called each time the dialog opens; it listens from the first time on. */
export async function start(dialog) {
  const words = part("__words");
  index ??= load().catch((failure) => { index = undefined; throw failure; });
  const found = await index;
  const ask = () => show(words.value.trim(), found);
  words.oninput = ask;
  dialog.onkeydown = (event) => move(event, words);
  ask();
}

function show(words, found) {
  const hits = words ? found.search(words) : [];
  part("__hits").replaceChildren(...hits.slice(0, MOST).map(entry));
  part("__said").textContent = said(words, hits.length);
}

function said(words, count) {
  if (!words) return "Type a word: a term, a number’s name, a source.";
  if (!count) return `Nothing found for “${words}”.`;
  if (count === 1) return "1 place.";
  return count > MOST ? `${count} places; the first ${MOST}:` : `${count} places.`;
}

function entry(hit) {
  const item = document.createElement("li"), link = document.createElement("a");
  link.href = new URL(hit.place, site);
  link.addEventListener("click", () => part("__search").close());   // also where the hit is on this very page
  const pattern = new RegExp(`(${hit.terms.map(escaped).join("|")})`, "iu");
  const where = hit.title === hit.page ? [hit.title] : [hit.title, " ", plain("small", hit.page)];
  const name = document.createElement("b");
  name.append(...where);
  link.append(name, excerpt(hit.text, pattern));
  item.append(link);
  return item;
}

const escaped = (term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function plain(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

/* The text around the first found word, cut between words. */
function excerpt(text, pattern) {
  const at = Math.max(text.search(pattern), 0);
  const from = at > AROUND ? text.indexOf(" ", at - AROUND) + 1 : 0;
  const piece = text.slice(from, at + 2 * AROUND).replace(/\s\S*$/, at + 2 * AROUND < text.length ? " …" : "$&");
  const shown = document.createElement("span");
  const parts = `${from ? "… " : ""}${piece}`.split(new RegExp(pattern.source, "giu"));
  shown.append(...parts.map((each, place) => place % 2 ? plain("mark", each) : each));
  return shown;
}

/* Arrows go through the hits; Enter in the field opens the first. */
function move(event, words) {
  const links = [...part("__hits").querySelectorAll("a")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = links.indexOf(document.activeElement);
  if (event.key === "Enter" && event.target === words) links[0]?.click();
  if (!step) return;
  event.preventDefault();
  (links[at + step] ?? (step < 0 ? words : links[at]))?.focus();
}
