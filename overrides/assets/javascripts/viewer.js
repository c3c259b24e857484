/* Looks into a drawing: pinch and drag, wheel, double tap to fit; by keyboard + - 0 and the arrows.
   Loaded when the first drawing is opened. The address names the drawing, so Back closes it. */

const FURTHEST = 8;   // times the size at which it fits
const STEP = 60;      // px that an arrow key moves
let dialog, stage, drawing, fit, place;
let left;             // called when the reader closes the drawing by hand
const fingers = new Map();

function button(label, sign, act) {
  const made = document.createElement("button");
  made.className = "guide-button";
  made.type = "button";
  made.textContent = sign;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "guide-viewer";
  stage = document.createElement("div");
  stage.className = "guide-viewer__stage";
  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", "Drawing. Plus and minus zoom, arrows move, 0 fits, Escape closes.");
  const tools = document.createElement("div");
  tools.className = "guide-viewer__tools";
  tools.append(button("Smaller", "−", () => zoom(1 / 1.5)), button("Larger", "+", () => zoom(1.5)),
               button("Fit", "Fit", whole), button("Close", "Close", () => dialog.close()));
  dialog.append(stage, tools);
  document.body.append(dialog);
  stage.addEventListener("pointerdown", down);
  stage.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => fingers.delete(event.pointerId));
  stage.addEventListener("wheel", wheel, { passive: false });
  stage.addEventListener("dblclick", (event) => { if (event.timeStamp - doubled > 500) twice(event); });
  dialog.addEventListener("keydown", key);
  dialog.addEventListener("close", () => {
    if (dialog.open) return;   // opened again before the browser told of the closing
    drawing.remove();
    fingers.clear();
    left();
  });
  addEventListener("resize", () => { if (dialog.open) whole(); });
}

/** Shows a copy of a drawing over the page; `closed` is called when the reader closes it by hand. */
export function open(svg, closed) {
  if (!dialog) build();
  left = closed;
  drawing = svg.cloneNode(true);
  stage.replaceChildren(drawing);
  dialog.setAttribute("aria-label", svg.querySelector("title")?.textContent ?? "Drawing");
  dialog.showModal();
  stage.focus();
  whole();
}

/** Closes it because the address no longer names it. */
export function close() {
  left = () => {};
  dialog?.close();
}

function whole() {
  const { width, height } = drawing.viewBox.baseVal;
  fit = Math.min(stage.clientWidth * .96 / width, stage.clientHeight * .96 / height);
  const scale = Math.min(fit, 2);   // a small drawing need not fill a large screen
  fit = scale;
  drawing.style.width = `${width}px`;
  put(scale, (stage.clientWidth - width * scale) / 2, (stage.clientHeight - height * scale) / 2);
}

/** Sets scale and corner; a part of the drawing stays in sight, so that it cannot be lost. */
function put(scale, x, y) {
  const { width, height } = drawing.viewBox.baseVal;
  const keep = 80;
  place = {
    scale,
    x: Math.min(Math.max(x, keep - width * scale), stage.clientWidth - keep),
    y: Math.min(Math.max(y, keep - height * scale), stage.clientHeight - keep),
  };
  drawing.style.transform = `translate(${place.x}px, ${place.y}px) scale(${place.scale})`;
}

function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const scale = Math.min(Math.max(place.scale * factor, fit / 2), fit * FURTHEST);
  const by = scale / place.scale;
  put(scale, x - (x - place.x) * by, y - (y - place.y) * by);
}

function wheel(event) {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
}

function twice(event) {
  if (place.scale > fit) whole();
  else zoom(2.5, event.clientX, event.clientY);
}

let tapped = 0, doubled = -Infinity;   // ms; some browsers send dblclick for a double tap, some do not
function down(event) {
  stage.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, event);
  if (event.pointerType === "mouse" || fingers.size > 1) return;
  if (event.timeStamp - tapped < 300) {
    tapped = 0;
    doubled = event.timeStamp;
    twice(event);
  } else tapped = event.timeStamp;
}

function move(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  if (Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) > 4) tapped = 0;
  const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
  if (other) {
    const apart = (finger) => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY);
    zoom(apart(event) / Math.max(apart(before), 1), other.clientX, other.clientY);
  } else {
    put(place.scale, place.x + event.clientX - before.clientX, place.y + event.clientY - before.clientY);
  }
  fingers.set(event.pointerId, event);
}

function key(event) {
  const acts = {
    "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: whole,
    ArrowLeft: () => put(place.scale, place.x + STEP, place.y), ArrowRight: () => put(place.scale, place.x - STEP, place.y),
    ArrowUp: () => put(place.scale, place.x, place.y + STEP), ArrowDown: () => put(place.scale, place.x, place.y - STEP),
  };
  if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
}
