/* The weekly list: what somebody should know of each patient, and that somebody has looked at it. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, when, whenIn, follow } = hub.ui;
  const { PageHead, Empty } = hub.page;

  const DEEDS = { seen: "Seen", discussed: "Discussed" };
  const Line = ({ line, mark }) => h("li", { className: "weekly-line" + (line.open ? "" : " done") },
    h("div", null, h("b", null, line.rule), h("p", null, line.words),
      h("small", null, t("On {days}, the latest {when}", { days: line.days, when: whenIn(line.newest) }),
        !line.open && " · " + t(DEEDS[line.deed]) + ": " + line.by + ", " + when(line.at))),
    h("div", { className: "weekly-acts" }, line.open
      ? [["seen", "Seen"], ["discussed", "Discussed"]].map(([deed, word]) =>
        h("button", { key: deed, type: "button", className: "button small", onClick: () => mark([line.id], deed),
          "aria-label": t(word) + ": " + line.rule }, t(word)))
      : h("button", { type: "button", className: "button small", onClick: () => mark([line.id], "reopened"),
        "aria-label": t("Open again") + ": " + line.rule }, t("Open again"))));

  const Weekly = ({ data, ask }) => {
    const [problem, setProblem] = React.useState(null);
    const show = (more) => ask({ week: data.chosen, only_open: data.only_open, asked: Date.now(), ...more });
    const mark = async (lines, deed) => {
      const refused = await hub.tell("/api/weekly/marks", { lines, deed });
      setProblem(refused);
      if (!refused) show({});
    };
    const open = data.patients.flatMap((one) => one.lines.filter((line) => line.open).map((line) => line.id));
    return h(React.Fragment, null,
      h(PageHead, { title: "Weekly list", count: data.open },
        data.weeks.length > 0 && h("div", { className: "field inline" }, h("label", { htmlFor: "week" }, t("Week")),
          h("select", { id: "week", value: data.chosen, onChange: (event) => show({ week: event.target.value }) },
            data.weeks.map((one) => h("option", { key: one.id, value: one.id }, one.words + " (" + one.lines + ")")))),
        h("div", { className: "segments", role: "group", "aria-label": t("Which lines") },
          [[false, "All"], [true, "Not looked at"]].map(([only, word]) =>
            h("button", { key: word, type: "button", "aria-pressed": data.only_open === only, onClick: () => show({ only_open: only }) }, t(word)))),
        data.chosen && h("a", { className: "button", href: "/api/weekly/lines.csv?week=" + data.chosen, download: true }, t("Lines as CSV"))),
      h("p", { className: "page-lead" }, t("What is worth knowing by the week and no alert: nobody is called for it.")),
      h("p", { role: "status", className: "dialog-problem", hidden: !problem }, problem),
      open.length > 1 && h("p", { className: "page-lead" }, h("button", { type: "button", className: "button", onClick: () => mark(open, "seen") },
        t("Mark all {n} as seen", { n: open.length }))),
      data.patients.length ? h("ul", { className: "cards" }, data.patients.map((one) => h("li", { key: one.id, className: "card" },
        h("h2", null, h("a", { href: one.href, onClick: follow }, one.name)),
        h("ul", { className: "weekly-lines" }, one.lines.map((line) => h(Line, { key: line.id, line, mark }))))))
        : h(Empty, { words: data.total ? "Somebody has looked at every line." : "No line this week." }));
  };
  hub.sections.weekly = { title: "Weekly list", draw: Weekly };
})();
