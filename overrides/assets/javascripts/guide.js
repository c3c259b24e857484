/* What a page does beyond being read: palette, menu, folded rows, ages, and the door to the search.
   The build puts it into the head of every page, so that a chosen palette is there before anything is
   painted. Without it everything can be read and reached; the two buttons that need it stay hidden. */

const root = document.documentElement;
const searchScript = new URL(document.currentScript.dataset.search, location);

/* Palette. Nothing is stored for a reader who follows the system. */
const KEPT = "guarded-path-palette";
const NAMES = { system: "as the system", light: "light", dark: "dark" };

function storage(act) {
  try { return act(localStorage); } catch { return null; }   // a browser may refuse; the choice then lasts a page
}

function wear(palette) {
  if (palette === "light" || palette === "dark") root.setAttribute("data-palette", palette);
  else root.removeAttribute("data-palette");
}

const worn = () => root.getAttribute("data-palette") ?? "system";

function next() {   // the first press always changes what is seen
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const order = dark ? ["system", "light", "dark"] : ["system", "dark", "light"];
  return order[(order.indexOf(worn()) + 1) % 3];
}

wear(storage((kept) => kept.getItem(KEPT)));

function paletteButton(button) {
  const say = () => {
    button.lastElementChild.textContent = `Colours: ${NAMES[worn()]}`;
    button.title = button.lastElementChild.textContent;
  };
  button.addEventListener("click", () => {
    const palette = next();
    wear(palette);
    storage((kept) => palette === "system" ? kept.removeItem(KEPT) : kept.setItem(KEPT, palette));
    say();
  });
  say();
  button.hidden = false;
}

/* Folded rows: a link into them opens them, and so does the printer. */
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target?.closest("details:not([open])");
  if (!folded) return;
  folded.open = true;
  target.scrollIntoView();
}

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => { for (const fold of opened) fold.open = false; });
addEventListener("hashchange", unfold);

/* Search: the dialog is here, what fills it comes when it is opened. */
function searchDoor(button, dialog) {
  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    const said = document.getElementById("__said");
    said.textContent = "Loading the search …";
    import(searchScript).then((search) => search.start(dialog)).catch(() => {
      said.textContent = "The search could not be loaded. The page Questions lists every question.";
    });
  };
  button.addEventListener("click", open);
  document.getElementById("__close-search").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    event.preventDefault();
    open();
  });
  button.hidden = false;
}

/* Age: how long ago a fact was so, as far as its date says: a year knows no months. */
function age(date, today = new Date()) {
  const [year, month, day] = date.split("-").map(Number);
  const months = (today.getFullYear() - year) * 12 + (month ? today.getMonth() + 1 - month : 0)
    - (day > today.getDate() ? 1 : 0);
  const [count, unit] = !month || months >= 24 ? [Math.floor(months / 12), "year"] : [months, "month"];
  return count > 0 ? new Intl.RelativeTimeFormat("en").format(-count, unit) : "";
}

function sayAges() {
  for (const time of document.querySelectorAll(".guide-asof")) {
    const said = age(time.dateTime);
    if (said) time.setAttribute("data-age", said);   // by this name the build knows that the style is needed
  }
}

document.addEventListener("DOMContentLoaded", () => {
  sayAges();
  const part = (id) => document.getElementById(id);
  const menu = part("__menu");
  menu.addEventListener("click", (event) => { if (event.target.closest("a")) menu.hidePopover?.(); });
  paletteButton(part("__next-palette"));
  searchDoor(part("__open-search"), part("__search"));
  unfold();
});
