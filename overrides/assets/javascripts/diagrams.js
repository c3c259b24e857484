/* Node roles in diagrams: what a hazard, a guard and an exposed node look like.

   Who does what. mermaid2 appends the vendored library to pages that hold a diagram. Material then draws
   each `pre.mermaid` into a closed shadow root, and asks a CDN only where `window.mermaid` is missing.
   No style sheet reaches into that root, but custom properties do, and Mermaid copies `themeCSS` into
   every drawing. So this file hands Mermaid rules that name properties, and guide.css gives those
   properties a value in each palette: the palette toggle recolours a drawing without drawing it again.

   Why here. Material calls `initialize` when the document is parsed; by then mermaid2's script, the last
   one of the body, has run. A listener on the window that captures is called before Material's own. */

const roles = {   // the mark that is not colour: dashed, thick, filled (guide.css fills it darkest)
  hazard: "stroke-width: 2.5px; stroke-dasharray: 6 4",
  guard: "stroke-width: 4px",
  exposed: "stroke-width: 2px",
};

/* Mermaid draws a rounded shape twice: its area, one path, and its outline, in snippets too short to be
   dashed (fill="none"). The area gets the outline of the role, and the snippets go. */
const roleCSS = Object.entries(roles).map(([role, outline]) => `
  .node.${role} :is(rect, circle, ellipse, polygon, path) {
    fill: var(--guide-${role}-fill); stroke: var(--guide-${role}-stroke); ${outline} }
  .node.${role} path[fill="none"] { display: none }
  .node.${role} :is(.nodeLabel, .nodeLabel p) { color: var(--guide-${role}-text) }
`).join("") + ".labelBkg { background: none }";

addEventListener("DOMContentLoaded", () => {
  const library = window.mermaid;
  if (typeof library?.initialize !== "function") return;   // a page without diagrams
  const initialize = library.initialize;
  library.initialize = (config = {}) => initialize({
    ...config,
    flowchart: { ...config.flowchart, nodeSpacing: 28, rankSpacing: 36, wrappingWidth: 120 },   // fits a phone
    suppressErrorRendering: true,   // a diagram that cannot be drawn stays readable as its source
    themeCSS: (config.themeCSS ?? "") + roleCSS,
  });
}, { capture: true, once: true });
