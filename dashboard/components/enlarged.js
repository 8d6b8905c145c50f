/* One chart large and interactive, drawn by Plotly, which is loaded the first time that somebody asks for it. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon, MONTHS } = hub.ui;
  const PLOTLY = "/app/_dash-component-suites/plotly/package_data/plotly.min.js";

  const BUTTONS = ["Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes"];

  let loading = null;
  const plotly = () => {
    loading = loading || new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = PLOTLY;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => { loading = null; script.remove(); reject(new Error("plotly was not loaded")); };
      document.head.append(script);
    });
    return loading;
  };

  /* Plotly knows colours only by their values. */
  const withValues = (part, styles) => {
    if (Array.isArray(part)) return part.map((one) => withValues(one, styles));
    if (part && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, withValues(value, styles)]));
    }
    const named = typeof part === "string" && /^var\((--[\w-]+)\)$/.exec(part);
    return named ? styles.getPropertyValue(named[1]).trim() : part;
  };

  const large = (figure) => {
    const axis = { zeroline: false, gridcolor: "var(--chart-grid)", linecolor: "var(--chart-grid)",
      tickfont: { color: "var(--ink-3)", size: 13 } };
    const { xaxis, yaxis, shapes, annotations } = figure.layout;
    return withValues({ data: figure.data, layout: {
      autosize: true, margin: { l: 48, r: 96, t: 34, b: 36 }, showlegend: false, dragmode: "zoom", hovermode: "closest",
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: window.getComputedStyle(document.body).fontFamily, color: "var(--ink)", size: 13 },
      hoverlabel: { bgcolor: "var(--card)", bordercolor: "var(--ink-3)", font: { color: "var(--ink)", size: 13 } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "var(--ink-3)", activecolor: "var(--accent)" },
      /* Closer than a day, dates need their hours: the ticks are Plotly's own here. */
      xaxis: { ...axis, range: xaxis.range, type: "date", tickangle: 0, showgrid: false, nticks: 8,
        tickformatstops: [{ dtickrange: [null, 86399999], value: "%-d %b %H:%M" }, { dtickrange: [86400000, null], value: "%-d %b" }] },
      yaxis: { ...axis, range: yaxis.range, nticks: 8, tickformat: yaxis.tickformat },
      shapes, annotations: annotations.map((one) => ({ ...one, font: { ...one.font, size: 13 } })),
    } }, window.getComputedStyle(document.documentElement));
  };

  const draw = async (box, figure) => {
    const library = await plotly();
    const shortMonths = MONTHS.map((name) => t(name));
    const dictionary = Object.fromEntries(BUTTONS.map((word) => [word, t(word)]));
    library.register({ moduleType: "locale", name: "staff", dictionary, format: { shortMonths, ...(hub.language === "es" ? { decimal: ",", thousands: "." } : {}) } });
    const { data, layout } = large(figure);
    await library.newPlot(box, data, layout, { responsive: true, displaylogo: false, displayModeBar: true, locale: "staff",
      /* These and no others: Plotly has buttons that send a chart to its makers. */
      modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]], doubleClick: "reset" });
  };

  const Enlarged = ({ title, who, figure, dismiss }) => {
    const box = React.useRef(null), plot = React.useRef(null);
    const [state, setState] = React.useState("loading");
    React.useEffect(() => { if (!box.current.open) box.current.showModal(); }, []);
    React.useEffect(() => {
      const place = plot.current;
      let gone = false;
      draw(place, figure).then(() => { if (!gone) setState("drawn"); }, () => { if (!gone) setState("failed"); });
      return () => { gone = true; if (window.Plotly) window.Plotly.purge(place); };
    }, [figure]);
    return h("dialog", { ref: box, className: "dialog enlarged", "aria-labelledby": "enlarged-title", onClose: dismiss },
      h("div", { className: "dialog-head" },
        h("h2", { id: "enlarged-title" }, title),
        h("button", { type: "button", className: "round-button", onClick: dismiss, "aria-label": t("Close the chart") },
          icon("close", 20)),
        h("p", null, h("strong", null, who), " · ", t("Drag across the days to look closer; a double click shows all again."))),
      h("div", { className: "enlarged-plot", ref: plot }),
      state !== "drawn" && h("p", { className: "enlarged-state", role: "status" },
        state === "failed" ? t("The chart could not be loaded. Close it and try again.") : t("Loading the chart")));
  };
  hub.Enlarged = Enlarged;
})();
