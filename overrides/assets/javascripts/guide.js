/* What a page does beyond being read: letters, palette, menu, folds, ages, and the doors to search and viewer.
   The build puts it into the head of every page, so that a chosen palette is there before anything is
   painted. Without it everything can be read and reached; the two buttons that need it stay hidden. */

const root = document.documentElement;
const { edition } = document.currentScript.dataset;
const assets = new URL(document.currentScript.dataset.assets, location);
const within = (path) => new URL(path, assets);

/* Letters. "optional": who has them sees them at once, and nobody waits for them or sees a line move. */
for (const [weight, style] of [["400", "normal"], ["600", "normal"], ["400", "italic"]]) {
  const file = within(`vendor/serif-${weight}-${style}.woff2`);
  document.fonts.add(new FontFace("Guide Serif", `url("${file}")`, { weight, style, display: "optional" }));
}

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

/* The part of the page that the address names; one mistyped names none. */
function addressed() {
  try { return document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return null; }
}

/* Folded rows: a link into them opens them, and so does the printer. */
function unfold() {
  const target = addressed();
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
function searchDoor(buttons, dialog) {
  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    const said = document.getElementById("__said");
    said.textContent = "Loading the search …";
    import(within("javascripts/search.js")).then((search) => search.start(dialog)).catch(() => {
      said.textContent = "The search could not be loaded. The page Questions lists every question.";
    });
  };
  for (const button of buttons) {
    button.addEventListener("click", open);
    button.hidden = false;
  }
  document.getElementById("__close-search").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    event.preventDefault();
    open();
  });
}

/* Age: how long ago a fact was so, as far as its date says: a year knows no months. */
function age(date, today = new Date()) {
  const [year, month, day] = date.split("-").map(Number);
  const months = (today.getFullYear() - year) * 12 + (month ? today.getMonth() + 1 - month : 0)
    - (day > today.getDate() ? 1 : 0);
  const [count, unit] = !month || months >= 24 ? [Math.floor(months / 12), "year"] : [months, "month"];
  return count > 0 ? `${count} ${unit}${count === 1 ? "" : "s"} ago` : "";   // Intl took 50 ms of a phone for this
}

const dates = document.getElementsByClassName("guide-asof");
let aged = 0;
new MutationObserver(() => {   // before a date is painted: later its line would move
  for (; aged < dates.length; aged++) {
    const said = age(dates[aged].dateTime);
    if (said) dates[aged].setAttribute("data-age", said);   // by this name the build knows that the style is needed
  }
}).observe(document, { childList: true, subtree: true });

/* Viewer: a drawing is a link to itself; its address opens it, and Back, which changes the address, closes it. */
let viewer, tapped = false;   // whether Back leads to where the reader was

function named() {
  const place = addressed();
  return place?.classList.contains("guide-diagram") ? place.querySelector(".guide-enlarge") : null;
}

function left(link) {   // by hand: the address still names the drawing
  if (tapped) history.back();
  else history.replaceState(null, "", location.pathname + location.search);
  tapped = false;
  link.focus({ preventScroll: true });
}

function enlarge() {
  const link = named();
  viewer?.close();
  if (!link) {
    tapped = false;
    return;
  }
  import(within("javascripts/viewer.js")).then((loaded) => {
    viewer = loaded;
    viewer.open(link.querySelector("svg"), () => left(link));
  }).catch(() => {});   // offline, the first time: the drawing is on the page all the same
}

addEventListener("click", (event) => { if (event.target.closest(".guide-enlarge")) tapped = true; });
addEventListener("hashchange", enlarge);

/* The device: once a page has everything and is being read, the whole guide comes onto the device. A preview,
   which has no edition, stays on none. */
const IDLE = 2000;   // ms after the last letter has come
if (edition) addEventListener("load", () => document.fonts.ready.then(() => setTimeout(() => {
  import(within("javascripts/device.js")).then((device) => device.start(within("../"), edition)).catch(() => {});
}, IDLE)));

document.addEventListener("DOMContentLoaded", () => {
  const part = (id) => document.getElementById(id);
  const menu = part("__menu");
  menu.addEventListener("click", (event) => { if (event.target.closest("a")) menu.hidePopover?.(); });
  paletteButton(part("__next-palette"));
  searchDoor([...document.querySelectorAll("[data-opens-search]")], part("__search"));
  unfold();
  enlarge();
});
