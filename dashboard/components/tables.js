/* Patients and reports: the pages that are tables. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon, mark, ago, follow } = hub.ui;
  const { PageHead, Empty, Table } = hub.page;

  const ORDERS = [["name", "Name, A to Z"], ["name-", "Name, Z to A"], ["record_number", "Record number"],
    ["enrolled-", "Newest first"], ["enrolled", "Longest enrolled first"]];

  const Patients = ({ data, ask }) => {
    const [words, setWords] = React.useState(data.search);
    const [trail, setTrail] = React.useState([]);
    /* Two changes within one answer's time add up: the second must not bring back what the first left. */
    const asked = React.useRef({ search: data.search, order: data.order, descending: data.descending });
    const askFor = (change, places) => {
      asked.current = { ...asked.current, ...change };
      setTrail(places);
      ask({ ...asked.current, after: places[places.length - 1] || null });
    };
    React.useEffect(() => {
      if (words === asked.current.search) return undefined;
      const timer = setTimeout(() => askFor({ search: words }, []), 200);
      return () => clearTimeout(timer);
    }, [words]);
    const order = asked.current.order + (asked.current.descending ? "-" : "");
    const sort = ({ target }) => askFor({ order: target.value.replace("-", ""), descending: target.value.endsWith("-") }, []);
    const forth = () => askFor({}, trail.concat([data.next]));
    const back = () => askFor({}, trail.slice(0, -1));
    return h(React.Fragment, null,
      h(PageHead, { title: "Patients", count: data.total },
        h("select", { className: "order", "aria-label": t("Sorted by"), value: order, onChange: sort },
          ORDERS.map(([value, word]) => h("option", { key: value, value }, t(word)))),
        h("div", { className: "search" }, icon("search", 16),
          h("input", { type: "search", value: words, placeholder: t("Name or record number"), autoComplete: "off",
            "aria-label": t("Find a patient by name or record number"), onChange: (event) => setWords(event.target.value) }))),
      data.rows.length ? h(Table, { label: "Patients", columns: ["Name", "Record number", "Programmes", "Last reading", "Open alerts"] },
        data.rows.map((row) => h("tr", { key: row.href },
          h("td", null, h("a", { className: "name-link", href: row.href, onClick: follow }, row.name), h("small", null, row.about)),
          h("td", null, row.record_number),
          h("td", null, row.programmes.length ? row.programmes.join(", ") : h("span", { className: "quiet" }, t("None"))),
          h("td", null, row.pause && h("span", { className: "tag tag-warn" }, row.pause), row.pause && " ",
            row.measured_in_pause && h("span", { className: "tag tag-warn" }, t("Measured in the pause")), row.measured_in_pause && " ",
            row.last_reading ? ago(row.last_reading)
            : h("span", { className: "quiet" }, t("None in 90 days"))),
          h("td", null, row.open_alerts ? h("span", { className: "with-mark" }, mark(row.worst, 16), row.open_alerts)
            : h("span", { className: "quiet" }, t("None"))))))
        : h(Empty, { words: data.search ? "No patient matches." : "No patients on this ward yet." }),
      (data.next || trail.length > 0) && h("nav", { className: "pager", "aria-label": t("More patients") },
        h("button", { type: "button", disabled: !trail.length, onClick: back, "aria-label": t("Previous page") }, icon("back", 16)),
        h("span", null, t("Page {n}", { n: trail.length + 1 })),
        h("button", { type: "button", disabled: !data.next, onClick: forth, "aria-label": t("Next page") }, icon("next", 16))));
  };

  const Number = ({ value, words, detail }) => h("div", { className: "number" },
    h("strong", null, value), h("span", null, t(words)), detail && h("small", null, detail));

  const Reports = ({ data, ask }) => h(React.Fragment, null,
    h(PageHead, { title: "Reports" },
      h("div", { className: "segments", role: "group", "aria-label": t("How many days") }, [7, 30, 90].map((days) =>
        h("button", { key: days, type: "button", "aria-pressed": data.days === days, onClick: () => ask({ days }) },
          t("{n} days", { n: days })))),
      h("a", { className: "button", href: "/api/reports/alerts.csv?days=" + data.days, download: true }, t("Alerts as CSV"))),
    h("div", { className: "numbers" },
      h(Number, { value: data.raised, words: "alerts raised" }),
      h(Number, { value: data.burden, words: "alerts per patient-month" }),
      h(Number, { value: data.patients, words: "patients watched" })),
    h("h2", null, t("How fast we are")),
    data.priorities.length ? h(Table, { label: "How fast we are", columns: ["Priority", "Raised", "Seen in time", "Half seen within", "90 % seen within"] },
      data.priorities.map((one) => h("tr", { key: one.priority },
        h("td", null, h("span", { className: "with-mark" }, mark(one.priority, 16, true), t(one.words))), h("td", null, one.raised),
        h("td", null, t(one.in_time)), h("td", null, t(one.median)), h("td", null, t(one.p90)))))
      : h(Empty, { words: "No alert was raised in this time." }),
    h("h2", null, t("What the rules ask of us")),
    data.rules.length ? h(Table, { label: "What the rules ask of us",
      columns: ["Rule", "Priority", "Raised", "Closed", "Acted on", "Measurement error or somebody else", "Half seen within", "Half closed within"] },
      data.rules.map((one) => h("tr", { key: one.name + one.priority },
        h("td", null, one.name), h("td", null, t(one.priority)), h("td", null, one.raised), h("td", null, one.closed),
        h("td", null, one.acted), h("td", null, one.mistaken), h("td", null, t(one.seen)), h("td", null, t(one.done)))))
      : h(Empty, { words: "No alert was raised in this time." }),
    h("h2", null, t("Who alerts most")),
    data.busiest.length ? h(Table, { label: "Who alerts most",
      columns: ["Patient", "Raised", "Acted on", "Expected for this patient", "Measurement error or somebody else"] },
      data.busiest.map((one) => h("tr", { key: one.href }, h("td", null, h("a", { href: one.href, onClick: follow }, one.name)),
        h("td", null, one.raised), h("td", null, one.acted), h("td", null, one.expected), h("td", null, one.mistaken))))
      : h(Empty, { words: "No alert was raised in this time." }),
    h(hub.watch.Told, { channels: data.channels }),
    h("div", { className: "page-columns" },
      h("section", null, h("h2", null, t("What came of them")),
        data.outcomes.length ? h(Table, { label: "What came of them", columns: ["Outcome", "Alerts"] },
          data.outcomes.map((one) => h("tr", { key: one.words }, h("td", null, t(one.words)), h("td", null, one.count))))
          : h(Empty, { words: "No alert was closed in this time." })),
      h("section", null, h("h2", null, t("Who measures least")),
        h(Table, { label: "Who measures least", columns: ["Patient", "Days measured", "Share"] },
          data.adherence.map((one) => h("tr", { key: one.href },
            h("td", null, h("a", { href: one.href, onClick: follow }, one.name)),
            h("td", null, t("{n} of {days}", { n: one.measured, days: one.days })),
            h("td", null, h("span", { className: "share" }, h("span", { style: { width: one.percent + "%" } })), one.percent + " %")))))));

  hub.sections.patients = { title: "Patients", draw: Patients };
  hub.sections.reports = { title: "Reports", draw: Reports };
})();
