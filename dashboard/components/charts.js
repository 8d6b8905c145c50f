/* The charts: of each what is measured, the last value, a verdict in one line, the drawing, and the same as a table. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon, usePath } = hub.ui;

  const Table = ({ data, decide }) => h("div", { className: "table-scroll", tabIndex: 0, role: "region",
    "aria-label": t("{title}: readings as a table", { title: t(data.title) }) },
    h("table", null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, t("When")),
        data.columns.map((name) => h("th", { key: name, scope: "col" }, t(name))), h("th", { scope: "col" }, t("Notes")),
        h("th", { scope: "col" }, h("span", { className: "for-readers" }, t("Decide"))))),
      h("tbody", null, data.readings.map((reading, index) =>
        h("tr", { key: index, className: reading.out ? "out" : undefined },
          h("td", null, reading.at),
          reading.values.map((value, column) => h("td", { key: column }, value)),
          h("td", null, reading.notes.map((note) => t(note)).join(", ")),
          h("td", null, h("button", { type: "button", className: "text-button", onClick: () => decide(reading),
            "aria-label": t("Decide about the reading of {when}", { when: reading.at }) }, t("Change"))))))));

  /* What the shapes of this chart's marks mean, where any is not a plain reading. */
  const KINDS = { manual: ["square", "typed in"], late: ["hourglass", "arrived late"], held: ["circle-open", "held for a check"],
    excluded: ["x-open", "excluded"] };
  const Kinds = ({ kinds }) => kinds.length > 0 && h("ul", { className: "legend kinds" }, kinds.map((kind) =>
    h("li", { key: kind }, hub.kindMark(KINDS[kind][0]), t(KINDS[kind][1]))));

  const Readings = ({ card, decide, enlarge }) => {
    const [open, setOpen] = React.useState(opened.has(card.title));
    return h("div", { className: "chart-foot" },
      h("details", { className: "chart-table", open, onToggle: (event) => {
        const now = event.currentTarget.open;
        if (now) opened.add(card.title); else opened.delete(card.title);
        setOpen(now);
      } },
        h("summary", null, t("Readings as a table")), open && h(Table, { data: card, decide })),
      h("button", { type: "button", className: "chart-enlarge", onClick: enlarge,
        "aria-label": t("Enlarge: {title}", { title: t(card.title) }) }, icon("expand", 15), t("Enlarge")));
  };

  /* A table that somebody opened stays open for the next patient. */
  const opened = new Set();
  const ChartCard = React.memo(({ card, patient }) => {
    const [deciding, setDeciding] = React.useState(null);
    const [large, setLarge] = React.useState(false);
    const title = t(card.title);
    const decide = (reading) => setDeciding({ ...reading, measures: card.measures, columns: card.columns,
      words: reading.at + " · " + reading.values.join("/") + " " + card.unit });
    return h("section", { className: "chart-card" + (card.fired ? " fired" : ""), "aria-label": title, id: "chart-" + card.key },
      h("div", { className: "chart-head" },
        h("h3", null, title),
        h("p", { className: "chart-last" }, h("strong", null, card.last || t("No reading")), " ",
          card.last && h("span", null, card.unit)),
        h("p", { className: "chart-when" }, card.last_at),
        h("p", { className: "chart-verdict" + (card.out ? " out" : "") }, card.verdict)),
      h(hub.Drawing, { figure: card.figure, title: [title, card.last && card.last + " " + card.unit, card.verdict].filter(Boolean).join(". ") }),
      h(Kinds, { kinds: card.kinds }),
      h(Readings, { card, decide, enlarge: () => setLarge(true) }),
      large && h(hub.Enlarged, { title, who: patient.name, figure: card.figure, dismiss: () => setLarge(false) }),
      deciding && h(hub.care.ReadingDialog, { reading: deciding, patient, dismiss: () => setDeciding(null) }));
  });

  /* Charts of one patient never stand under another's name: until their own are here, there are none. */
  const Charts = (props) => {
    const path = usePath();
    const data = props.data;
    if (!data || data.path !== path) return null;
    return h("div", { className: "charts", id: "charts", "data-path": data.path }, data.cards.map((card) =>
      h(ChartCard, { key: data.patient.id + card.key, card, patient: data.patient })));
  };
  window.dashboard.Charts = Charts;

  const ChartsHead = (props) => {
    const spans = [14, 30, 90];
    return h("div", { className: "charts-head", hidden: !props.shown },
      h("h2", null, t("Readings")),
      h("ul", { className: "legend" },
        h("li", null, h("span", { className: "key key-band" }), t("in range")),
        h("li", null, h("span", { className: "key key-out" }), t("outside limit")),
        h("li", null, h("span", { className: "key key-alert" }), t("alert raised"))),
      h("div", { className: "segments", role: "group", "aria-label": t("How many days") }, spans.map((days) =>
        h("button", { key: days, type: "button", "aria-pressed": props.days === days,
          onClick: () => props.setProps({ days }) }, t("{n} days", { n: days })))));
  };
  window.dashboard.ChartsHead = ChartsHead;
})();
