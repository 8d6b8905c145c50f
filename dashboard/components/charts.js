/* A chart's card: what is measured, the last value, a verdict in one line, the chart, and the same as a table. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon } = hub.ui;

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

  /* A chart is made anew when its readings change; a table that somebody opened stays open. */
  const opened = new Set();
  const ChartCard = (props) => {
    const [open, setOpen] = React.useState(opened.has(props.data.title));
    const [deciding, setDeciding] = React.useState(null);
    const data = props.data;
    const decide = (reading) => setDeciding({ ...reading, measures: data.measures, columns: data.columns,
      words: reading.at + " · " + reading.values.join("/") + " " + data.unit });
    return h("section", { className: "chart-card" + (data.fired ? " fired" : ""), "aria-label": t(data.title) },
      h("div", { className: "chart-head" },
        h("h3", null, t(data.title)),
        h("p", { className: "chart-last" }, h("strong", null, data.last || t("No reading")), " ",
          data.last && h("span", null, data.unit)),
        h("p", { className: "chart-verdict" + (data.out ? " out" : "") }, data.verdict)),
      h("div", { className: "chart-picture" }, props.children),
      h("details", { className: "chart-table", open, onToggle: (event) => {
        const now = event.currentTarget.open;
        if (now) opened.add(data.title); else opened.delete(data.title);
        setOpen(now);
      } },
        h("summary", null, t("Readings as a table")), open && h(Table, { data, decide })),
      deciding && h(hub.care.ReadingDialog, { reading: deciding, patient: data.patient, dismiss: () => setDeciding(null) }));
  };
  window.dashboard.ChartCard = ChartCard;

  const ChartsHead = (props) => {
    const spans = [14, 30, 90];
    return h("div", { className: "charts-head", hidden: !props.shown },
      h("h2", null, t("Readings")),
      h("ul", { className: "legend" },
        h("li", null, h("span", { className: "key key-band" }), t("target")),
        h("li", null, h("span", { className: "key key-out" }), t("outside limit")),
        h("li", null, h("span", { className: "key key-alert" }), t("alert raised"))),
      h("div", { className: "segments", role: "group", "aria-label": t("How many days") }, spans.map((days) =>
        h("button", { key: days, type: "button", "aria-pressed": props.days === days,
          onClick: () => props.setProps({ days }) }, t("{n} days", { n: days })))));
  };
  window.dashboard.ChartsHead = ChartsHead;
})();
