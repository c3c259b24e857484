/* Brings the whole guide onto the device, and says in the foot how far that has come.
   Loaded when a page has long been read and asks for nothing; reading never waits for it. */

const TOLD = "guarded-path-told";
const workers = navigator.serviceWorker;
const place = document.getElementById("__device");
let site, edition, permit, changing = false, halted = false;

/** Starts once a page. `from` is the address of the guide, `of` the edition of the page. */
export async function start(from, of) {
  [site, edition] = [from, of];
  if (!workers || !globalThis.caches) return say(NOT_HERE);
  workers.addEventListener("message", (event) => heard(event.data));
  workers.addEventListener("controllerchange", agree);
  addEventListener("pageshow", (event) => { if (event.persisted) agree(); });
  workers.startMessages();
  const known = await workers.getRegistration(site).catch(() => null);
  const now = workers.controller && await ask(workers.controller);
  if (now && now.have < now.of) {   // this page's worker goes with the page; the next page begins anew
    await known?.unregister();
    return say("The browser has dropped what this device kept of the guide. It comes again with the next page.");
  }
  if (!known && navigator.connection?.saveData) {
    say("Your browser saves data, so the guide is not kept on this device yet.", "Keep it, about 1 MB", keep);
  } else await keep();
}

const NOT_HERE = "Not kept on this device: the browser lets this site keep nothing, as in some private windows. It can be read while there is a network.";

async function keep() {
  say("The guide is coming onto this device.");
  try {
    watch(await workers.register(address(), { updateViaCache: "none" }));
  } catch (failure) {
    if (workers.controller) whole(await ask(workers.controller));   // there is no network: the usual case
    else say(failure.name === "SecurityError" ? NOT_HERE : HALTED);
  }
}

const HALTED = "Not yet on this device: the host could not be reached. It goes on when there is a network.";

/** The worker's address; where the policy of a page asks for it, with the page's permit for this one address. */
function address() {
  const worker = new URL("worker.js", site).href;
  permit ??= globalThis.trustedTypes?.createPolicy("guide-worker", { createScriptURL: () => worker });
  return permit ? permit.createScriptURL("") : worker;
}

function watch(registration) {
  registration.onupdatefound = () => follow(registration);
  const again = () => registration.active ? registration.update().catch(() => {}) : keep();
  ononline = again;
  if (registration.active) again();   // what an earlier page began and could not end is heard of here
  follow(registration);
}

function follow(registration) {
  const { installing, waiting, active } = registration;
  if (installing) installing.onstatechange = () => { if (installing.state !== "redundant") follow(registration); };
  if (waiting && active) offer(waiting);
  else if (active) settled(active);
}

async function settled(active) {
  const now = await ask(active);
  if (changing) return location.reload();
  if (now.edition !== edition) {
    return say(`Another edition is on this device: ${now.edition}.`, "Open it", () => location.reload());
  }
  if (!workers.controller) active.postMessage({ ask: "take on", edition });
  whole(now);
}

function whole({ size }) {
  if (halted) return;   // the news that the newer edition is not whole came before this answer, and stands
  const safari = navigator.standalone === false
    ? " Safari may drop it after seven days without a visit; with Share, Add to Home Screen it stays." : "";
  say(`The whole guide is on this device: ${size} fetched, nothing missing.${safari}`);
}

/** A newer edition is here. It is told once, above the page, and stands in the foot from then on. */
async function offer(worker) {
  const { edition: newer } = await ask(worker);
  const change = () => {
    changing = true;
    worker.postMessage({ ask: "change over" });
  };
  say(`A newer edition is on this device: ${newer}.`, "Change over", change);
  if (document.hidden || kept() === newer || !await ask(worker, "first")) return;
  try { localStorage.setItem(TOLD, newer); } catch { /* then it is told on each page */ }
  tell(`A newer edition of the guide is here: ${newer}.`, change);
}

function kept() {
  try { return localStorage.getItem(TOLD); } catch { return null; }
}

/** A page and the worker that answers it are always of one edition: the page follows. */
async function agree() {
  if (!workers.controller) return;
  const now = await ask(workers.controller);
  if (changing || now.edition !== edition) location.reload();
}

function ask(worker, what = "state") {
  return new Promise((answer) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => answer(event.data);
    worker.postMessage({ ask: what }, [port2]);
  });
}

/** An installation failed: what is there stays there, and nothing on the page is worse for it. */
function heard({ failure, have = 0, of }) {
  if (!failure) return;
  const why = failure === "QuotaExceededError" ? "the device gives this site no more room" : "the host could not be reached";
  halted = !!workers.controller;
  if (halted) return say("The whole guide is on this device. A newer edition is only partly here, and waits for the rest.");
  say(`Not yet on this device: ${why}. ${have} of ${of ?? "all"} parts are here; reading needs the network until the rest is.`);
}

function button(label, act) {
  const made = document.createElement("button");
  made.className = "guide-button guide-button--wide";
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function say(text, label, act) {
  place.replaceChildren(text, ...label ? [" ", button(label, act)] : []);
}

function tell(text, change) {
  const news = document.createElement("div"), said = document.createElement("p");
  news.className = "guide-news";
  news.setAttribute("role", "status");
  said.textContent = text;
  news.append(said, button("Change over", change), button("Later", () => news.remove()));
  document.body.append(news);
}
