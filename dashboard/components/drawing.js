/* Draws the hub's figures as SVG: the part of Plotly's format that dashboard/figures uses, in a hundredth of the time.
   Across, everything is in percent, so that nothing is measured and a wider screen draws nothing anew. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, MONTHS, decimal } = hub.ui;
  const HEIGHT = 176, NEAR = 28;

  /* Figures carry the patient's wall clock; read as UTC it stays what it says, wherever this screen is. */
  const instant = (text) => Date.parse(text.replace(" ", "T") + "Z");
  const dayWords = (at) => new Date(at).getUTCDate() + " " + t(MONTHS[new Date(at).getUTCMonth()]);
  const timeWords = (text) => dayWords(instant(text)) + " " + text.slice(11, 16);

  const valueTicks = (low, high, whole) => {
    const rough = (high - low) / 6, power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max([1, 2, 5, 10].find((nice) => nice * power >= rough) * power, whole ? 1 : 0);
    const ticks = [];
    for (let value = Math.ceil(low / step) * step; value <= high; value += step) ticks.push(Number(value.toFixed(6)));
    return ticks;
  };
  /* Counted back from today, whose date is always there. */
  const dayTicks = (from, today, step) => {
    const ticks = [];
    for (let at = today; at >= from; at -= step) ticks.unshift(at);
    return ticks;
  };

  const scales = (layout) => {
    const [from, to] = layout.xaxis.range.map(instant), [low, high] = layout.yaxis.range;
    const share = (at) => (at - from) / (to - from);
    return { from, low, high, share, x: (text) => (100 * share(instant(text))).toFixed(2) + "%",
      y: (value) => Number((HEIGHT * (1 - (value - low) / (high - low))).toFixed(1)) };
  };

  const SHAPES = {
    diamond: (r) => `M0 ${-r}L${r} 0L0 ${r}L${-r} 0z`,
    square: (r) => `M${-r} ${-r}H${r}V${r}H${-r}z`,
    hourglass: (r) => `M${-r} ${-r}H${r}L${-r} ${r}H${r}z`,
    x: (r) => `M${-r} ${-r}L${r} ${r}M${r} ${-r}L${-r} ${r}`,
    "triangle-down": (r) => `M0 ${r}L${-r} ${-r * 0.8}H${r}z`,
    "triangle-up": (r) => `M0 ${-r}L${r} ${r * 0.8}H${-r}z`,
  };
  const of = (value, index) => (Array.isArray(value) ? value[index] : value);

  const mark = (marker, index, x, y) => {
    const symbol = of(marker.symbol, index), shape = symbol.replace("-open", ""), open = shape !== symbol;
    const r = of(marker.size, index) / 2, colour = of(marker.color, index), edge = marker.line || {};
    const look = open ? { fill: "var(--card)", stroke: colour, strokeWidth: 1.500 }
      : { fill: colour, stroke: edge.color, strokeWidth: edge.width };
    if (shape === "circle") return h("circle", { key: "m" + index, cx: x, cy: y, r, ...look });
    return h("svg", { key: "m" + index, x, y, className: "chart-mark" }, h("path", { d: SHAPES[shape](r), ...look }));
  };

  const kindMark = (symbol) => h("svg", { className: "kind-mark", width: 13, height: 13, viewBox: "-6.5 -6.5 13 13", "aria-hidden": "true" },
    mark({ symbol, size: 9, color: "var(--line)" }, 0, 0, 0));
  hub.kindMark = kindMark;

  /* A null breaks the line: a gap stays a gap. */
  const lines = (trace, scale) => {
    const drawn = [];
    for (let i = 1; i < trace.x.length; i += 1) {
      if (trace.x[i] === null || trace.x[i - 1] === null) continue;
      drawn.push(h("line", { key: i, x1: scale.x(trace.x[i - 1]), y1: scale.y(trace.y[i - 1]),
        x2: scale.x(trace.x[i]), y2: scale.y(trace.y[i]) }));
    }
    return h("g", { stroke: trace.line.color, strokeWidth: trace.line.width, opacity: trace.opacity, strokeLinecap: "round" }, drawn);
  };
  const trace = (one, scale) => (one.mode === "lines" ? lines(one, scale)
    : h("g", null, one.x.map((x, index) => mark(one.marker, index, scale.x(x), scale.y(one.y[index])))));

  const DASHES = { dash: "9 7", dot: "2 3" };
  const shape = (one, key, scale) => {
    const across = one.xref === "paper", upright = one.yref === "paper";
    const x1 = across ? "0%" : scale.x(one.x0), x2 = across ? "100%" : scale.x(one.x1);
    const y1 = upright ? 0 : scale.y(one.y0), y2 = upright ? HEIGHT : scale.y(one.y1);
    if (one.type === "rect") {
      return h("rect", { key, x: x1, width: "100%", y: Math.min(y1, y2), height: Math.abs(y2 - y1), fill: one.fillcolor });
    }
    return h("line", { key, x1, x2, y1, y2, stroke: one.line.color, strokeWidth: one.line.width,
      strokeDasharray: DASHES[one.line.dash] });
  };

  const axes = (layout, scale) => [
    valueTicks(scale.low, scale.high, layout.yaxis.tickformat === "d").map((value) => h("g", { key: "y" + value },
      h("line", { className: "chart-grid", x1: "0%", x2: "100%", y1: scale.y(value), y2: scale.y(value) }),
      h("text", { className: "chart-tick", x: "0%", dx: -7, y: scale.y(value), dy: 4, textAnchor: "end" }, decimal(value)))),
    dayTicks(scale.from, instant(layout.xaxis.tick0), layout.xaxis.dtick).map((at) =>
      h("text", { key: "x" + at, className: "chart-tick", x: 100 * scale.share(at) + "%", y: HEIGHT + 20, textAnchor: "middle" },
        dayWords(at))),
  ];

  const Picture = React.memo(({ figure, title, scale }) => {
    const layout = figure.layout, below = layout.shapes.filter((one) => one.layer === "below");
    return h("svg", { className: "chart", role: "img", "aria-label": title, height: HEIGHT },
      below.filter((one) => one.type === "rect").map((one, index) => shape(one, "r" + index, scale)),
      axes(layout, scale),
      below.filter((one) => one.type !== "rect").map((one, index) => shape(one, "l" + index, scale)),
      figure.data.map((one, index) => h(React.Fragment, { key: index }, trace(one, scale))),
      layout.shapes.filter((one) => one.layer !== "below").map((one, index) => shape(one, "a" + index, scale)),
      layout.annotations.map((one, index) => h("text", { key: "w" + index, className: "chart-words", x: "100%", dx: 8,
        y: scale.y(one.y), dy: 4, fill: one.font.color }, one.text)));
  });

  /* The reading nearest to the pointer, in words. Whoever has no pointer has the table below. */
  const nearest = (figure, scale, box, event) => {
    let found = null, least = NEAR;
    figure.data.forEach((one) => one.text && one.x.forEach((x, index) => {
      const at = scale.share(instant(x)) * box.width, y = scale.y(one.y[index]);
      const away = Math.hypot(at - (event.clientX - box.left), y - (event.clientY - box.top));
      if (away < least) { least = away; found = { x: scale.x(x), y, words: one.text[index].split("<br>"), when: timeWords(x) }; }
    }));
    return found;
  };
  const Drawing = ({ figure, title }) => {
    const [tip, setTip] = React.useState(null);
    const scale = React.useMemo(() => scales(figure.layout), [figure]);
    const look = (event) => {
      const next = nearest(figure, scale, event.currentTarget.getBoundingClientRect(), event);
      setTip((before) => (before && next && before.when === next.when && before.y === next.y ? before : next));
    };
    return h("div", { className: "chart-plot", onPointerMove: look, onPointerDown: look, onPointerLeave: () => setTip(null) },
      h(Picture, { figure, title, scale }),
      tip && h("div", { className: "chart-tip", "aria-hidden": "true", style: { left: tip.x, top: tip.y } },
        tip.words.map((words) => h("span", { key: words }, words)), h("span", { className: "quiet" }, tip.when)));
  };
  hub.Drawing = Drawing;
})();
