/* Draws diagrams in a preview on a machine where the build cannot (no QuickJS). It is never published.

   mermaid2 puts the vendored library at the end of a page that holds a diagram, so behind this file. Mermaid
   copies `themeCSS` into every drawing; it names the properties to which guide.css gives a value in each
   palette, so that a change of palette recolours a drawing without drawing it again. */

const roles = {   // the mark that is not colour: dashed, thick, filled (guide.css fills it darkest)
  hazard: "stroke-width: 2.5px; stroke-dasharray: 6 4",
  guard: "stroke-width: 4px",
  exposed: "stroke-width: 2px",
};
const shapes = ":is(rect, circle, ellipse, polygon, path)";

/* Mermaid draws a rounded shape twice: its area, one path, and its outline, in snippets too short to be
   dashed (fill="none"). The area gets the outline of the role, and the snippets go. */
const themeCSS = `
  .node ${shapes} { fill: var(--guide-paper); stroke: var(--guide-quiet) }
  .nodeLabel, .edgeLabel, .cluster-label { color: var(--guide-ink) }
  .edgeLabel, .edgeLabel p, .labelBkg { background: var(--guide-paper) }
  .flowchart-link, .marker { stroke: var(--guide-quiet) }
  .marker { fill: var(--guide-quiet) }
` + Object.entries(roles).map(([role, outline]) => `
  .node.${role} ${shapes} { fill: var(--guide-${role}-fill); stroke: var(--guide-${role}-stroke); ${outline} }
  .node.${role} path[fill="none"] { display: none }
  .node.${role} :is(.nodeLabel, .nodeLabel p) { color: var(--guide-${role}-text) }
`).join("");

addEventListener("DOMContentLoaded", () => {
  const library = window.mermaid;
  if (typeof library?.initialize !== "function") return;   // a page without diagrams
  library.initialize({
    startOnLoad: false,
    theme: "base",
    flowchart: { nodeSpacing: 28, rankSpacing: 36, wrappingWidth: 120 },   // fits a phone
    suppressErrorRendering: true,   // a diagram that cannot be drawn stays readable as its source
    themeCSS,
  });
  for (const fence of document.querySelectorAll("pre.mermaid")) {
    const drawing = document.createElement("div");   // not a `pre`, which would show the drawing's white space
    drawing.className = "mermaid";
    drawing.textContent = fence.textContent;
    fence.replaceWith(drawing);
    library.run({ nodes: [drawing] }).catch(() => drawing.replaceWith(fence));
  }
});
