// Makes the charts follow the reader: their colours, their zoom, the marks they want to see. The page reads well without it.
(() => {
  "use strict";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const plots = () => window.Bokeh ? window.Bokeh.documents.flatMap((document) => document.roots()) : [];
  const models = () => [...new Set(plots().flatMap((plot) => [...plot.references()]))];
  const ofType = (...types) => models().filter((model) => types.includes(model.type));

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function paint() {
    const ink = colour("--ink-soft");
    const rule = colour("--rule");
    for (const axis of ofType("LinearAxis", "LogAxis")) {
      axis.setv({major_label_text_color: ink, axis_line_color: rule, major_tick_line_color: rule});
    }
    for (const grid of ofType("Grid")) {
      if (grid.dimension === 1) grid.setv({grid_line_color: rule});
    }
    for (const label of ofType("Label")) label.setv({text_color: ink});
    for (const span of ofType("Span")) {
      if (span.name !== "limit") span.setv({line_color: ink});
    }
    for (const renderer of models().filter((model) => model.name === "released")) renderer.glyph.setv({line_color: ink});
  }

  function show(from, to) {
    const range = ofType("Range1d").find((model) => model.name === "run");
    if (!range) return;
    const [least, most] = range.bounds;
    range.setv({start: Math.max(least, from), end: Math.min(most, to)});
  }

  function listen() {
    const bar = document.querySelector(".zoom");
    bar.hidden = false;
    for (const button of bar.querySelectorAll("button")) {
      button.addEventListener("click", () => show(Number(button.dataset.from), Number(button.dataset.to)));
    }
    for (const plot of document.querySelectorAll(".plot")) {
      plot.addEventListener("dblclick", () => show(-Infinity, Infinity));
    }
    for (const button of document.querySelectorAll("button.mark")) {
      button.addEventListener("click", () => {
        const shown = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(shown));
        for (const model of models()) {
          if (model.name === button.dataset.series) model.setv({visible: shown});
        }
      });
    }
    // On a touch screen a drag scrolls the page, so it must not draw a zoom box.
    if (matchMedia("(pointer: coarse)").matches) {
      for (const tool of ofType("BoxZoomTool")) tool.active = false;
    }
    dark.addEventListener("change", paint);
    addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details")) each.open = true; });
    paint();
    document.documentElement.dataset.charts = "ready";
  }

  function await_charts() {
    const wanted = document.querySelectorAll(".plot").length;
    const drawn = window.Bokeh ? Object.keys(window.Bokeh.index).length : 0;
    if (wanted > 0 && drawn === 0) return requestAnimationFrame(await_charts);
    if (wanted > 0) listen();
  }

  addEventListener("DOMContentLoaded", await_charts);
})();
