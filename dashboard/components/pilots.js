/* Silent pilots beside what is live, and the moves of the alert budget: parts of the page of the rules. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, when, whenIn, follow } = hub.ui;
  const { Table } = hub.page;

  const patient = (one) => h("a", { href: "/app/patients/" + one.patient, onClick: follow }, one.name);
  const Found = ({ pilot }) => h("details", { className: "pilot-found" },
    h("summary", null, t("{name}: what it would have missed and added", { name: pilot.name })),
    h("h3", null, t("Acted on, and missed by the pilot"), " (" + pilot.missed_count + ")"),
    pilot.missed.length ? h("ul", null, pilot.missed.map((one) => h("li", { key: one.alert },
      h("a", { href: "/app/alerts/" + one.alert, onClick: follow }, t("Alert {n}", { n: one.alert })), " · ", one.rule, " · ",
      patient(one), " · ", when(one.at)))) : h("p", { className: "quiet" }, t("None")),
    h("h3", null, t("Raised by the pilot alone"), " (" + pilot.extra_count + ")"),
    pilot.extra.length ? h("ul", null, pilot.extra.map((one) => h("li", { key: one.patient + one.at },
      patient(one), " · ", when(one.at), " · ", one.words))) : h("p", { className: "quiet" }, t("None")));

  const Pilots = ({ pilots }) => h("section", null, h("h2", null, t("On trial, hidden")),
    pilots.length ? h(React.Fragment, null,
      h("p", { className: "page-lead" }, t("These run beside the live rules and call nobody. Compared are alerts of the same problem, no more than {span} apart or while the live one was open.", { span: pilots[0].window })),
      h(Table, { label: "On trial, hidden", columns: ["Rule", "Since", "Patients", "Would have raised", "Live alerts", "In common", "Which came first", "Missed, acted on", "Extra"] },
        pilots.map((one) => h("tr", { key: one.id },
          h("td", null, h("b", null, one.name), h("small", null, t("version {n}", { n: one.version }))),
          h("td", null, one.since ? when(one.since) : t("Not yet"),
            one.ended && h("small", null, t("Ended {when}", { when: whenIn(one.ended) }))),
          h("td", null, one.patients, h("small", null, t("{n} patient-months", { n: one.months }))),
          h("td", null, one.would_be, h("small", null, t("{n} per patient-month", { n: one.would_be_rate }))),
          h("td", null, one.live, h("small", null, t("{n} per patient-month", { n: one.live_rate }))),
          h("td", null, one.both, one.outcomes.map((made) => h("small", { key: made.words }, t(made.words) + ": " + made.count))),
          h("td", null, one.lead, h("small", null, t("pilot {n}, live {m}", { n: one.earlier, m: one.later }))),
          h("td", null, one.missed_count), h("td", null, one.extra_count)))),
      pilots.map((pilot) => h(Found, { key: pilot.id, pilot })))
      : h("p", { className: "page-empty" }, t("No rule is on trial.")));

  const Calibrations = ({ data }) => h("section", null, h("h2", null, t("Moved with the alert budget")),
    data.looked_at && h("p", { className: "page-lead" }, t("Last compared with the budget: {when}.", { when: whenIn(data.looked_at) })),
    data.moves.length ? h(Table, { label: "Moved with the alert budget", columns: ["Limit", "Before", "Now", "When", "Why"] },
      data.moves.map((one) => h("tr", { key: one.name + one.at }, h("td", null, h("b", null, one.name)), h("td", null, one.was),
        h("td", null, one.value), h("td", null, when(one.at)), h("td", { className: "source" }, one.why))))
      : h("p", { className: "page-empty" }, t("No threshold of this ward has moved.")));
  hub.pilots = { Pilots, Calibrations };
})();
