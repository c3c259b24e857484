/* Keeps one whole edition of the guide on the device, and answers from it and from nothing else.
   The build puts Workbox before this text, and GUIDE: edition, size, and each part with its hash. Workbox
   fetches the parts one after another and checks each; what was fetched before stays fetched, so an
   installation that was cut off goes on, and a new edition fetches only what is new in it. */

const home = new URL("./", location).href;
const hashes = new Map(GUIDE.parts);
const parts = new workbox.precaching.PrecacheController();
parts.addToCacheList(GUIDE.parts.map(([url, hash]) => ({ url, revision: hash, integrity: `sha256-${hash}` })));

async function tell(news) {
  const readers = await clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const reader of readers) reader.postMessage(news);
}

async function state() {
  const cache = await caches.open(parts.strategy.cacheName);
  const there = new Set((await cache.keys()).map((request) => request.url));
  const have = [...parts.getURLsToCacheKeys().values()].filter((key) => there.has(key)).length;
  return { edition: GUIDE.edition, size: GUIDE.size, have, of: hashes.size };
}

addEventListener("install", (event) => {
  const said = async (failure) => tell({ failure: failure.name, ...await state().catch(() => ({})) });
  event.waitUntil(parts.install(event).catch(said));
});

addEventListener("activate", parts.activate);

/* A page asks how things stand, or whether it is the first to tell of this edition; asks to change over; or
   says of which edition it is, since only its own may take it on. */
let told = false;
addEventListener("message", (event) => {
  const { ask, edition } = event.data;
  if (ask === "state") event.waitUntil(state().then((answer) => event.ports[0].postMessage(answer)));
  if (ask === "first") {
    event.ports[0].postMessage(!told);
    told = true;
  }
  if (ask === "change over") event.waitUntil(skipWaiting());
  if (ask === "take on" && edition === GUIDE.edition) event.waitUntil(clients.claim());
});

addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET" || !url.startsWith(home)) return;
  const place = url.slice(home.length).replace(/[?#].*/s, "");
  const answer = hashes.has(place) ? part : mode === "navigate" && isPage(place) ? page : null;
  if (answer) event.respondWith(answer(place, event).catch(() => giveUp(event.request)));
});

/** Whether an address would be a page's; a file that is not kept, such as the book, is the network's. */
const isPage = (place) => !/\.(?!html$)[^./]+$/.test(place);

/** A part from the device; should it be gone, from the network, if it is still the same there. */
function part(place, event) {
  const request = new Request(home + place);
  const params = { cacheKey: parts.getCacheKeyForURL(request.url), integrity: `sha256-${hashes.get(place)}` };
  return parts.strategy.handle({ event, request, params });
}

async function page(place, event) {
  const name = place.replace(/(^|\/)(index\.html)?$/, "$1index.html").replace(/\.html$/, ".txt");
  if (hashes.has(`parts/${name}`)) return filled(`parts/${name}`, 200, event);
  if (hashes.has(`parts/${place}/index.txt`)) return Response.redirect(`${home}${place}/`);
  return filled("parts/404.txt", 404, event);
}

/** A page as the host would send it: its part, and what every page carries. */
async function filled(name, status, event) {
  const [text, shared] = await Promise.all([
    part(name, event).then((answer) => answer.text()), part("parts/shared.json", event).then((answer) => answer.json()),
  ]);
  const whole = text.replace(/@@(policy|style|script|edition)@@/g, (open, word) => shared[word]);
  return new Response(whole, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

/** What was kept has been taken away: rather none of this edition than a part of it. */
async function giveUp(request) {
  await caches.delete(parts.strategy.cacheName);
  await registration.unregister();
  return fetch(request);
}
