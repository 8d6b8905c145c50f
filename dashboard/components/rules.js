/* Rules and limits as a clinician reads them: what is asked, the numbers, where they come from, who chose them. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, mark } = hub.ui;
  const { PageHead, Table } = hub.page;

  const Rules = ({ data, ask }) => h(React.Fragment, null,
    h(PageHead, { title: "Rules and limits" },
      h("div", { className: "field inline" }, h("label", { htmlFor: "programme" }, t("Programme")),
        h("select", { id: "programme", value: data.chosen, onChange: (event) => ask({ programme: event.target.value }) },
          data.programmes.map((one) => h("option", { key: one.id, value: one.id }, one.name + " (" + one.rules + ")"))))),
    h("p", { className: "page-lead" }, t("Version {n}.", { n: data.version }), " ",
      data.approved_by ? t("Approved by {name}.", { name: data.approved_by })
        : h("b", null, t("Not approved by a clinician yet: a draft for demonstration."))),
    h("h2", null, t("Rules")),
    data.rules.length ? h(Table, { label: "Rules", columns: ["Rule", "Priority", "The nurse asks", "Quiet after closing", "Source"] },
      data.rules.map((rule) => h("tr", { key: rule.id },
        h("td", null, h("b", null, rule.name), h("small", null, t("version {n}", { n: rule.version }),
          rule.weekly && " · " + t("weekly list"), rule.pilot && " · " + t("on trial, hidden"))),
        h("td", null, h("span", { className: "with-mark" }, mark(rule.priority, 16, true), t(rule.priority_word))),
        h("td", null, rule.asks.length ? h("ul", null, rule.asks.map((one) => h("li", { key: one }, one))) : h("span", { className: "quiet" }, t("Nothing set"))),
        h("td", null, t(rule.quiet)),
        h("td", { className: "source" }, rule.source, h("small", null, rule.author)))))
      : h("p", { className: "page-empty" }, t("This programme has no rules of its own.")),
    h("h2", null, t("Limits")),
    h(Table, { label: "Limits", columns: ["Limit", "Value", "Safe values for one patient", "Source"] },
      data.limits.map((limit) => h("tr", { key: limit.name },
        h("td", null, h("b", null, limit.name), limit.calibrated && h("small", null, t("moved with the ward's alert budget"))),
        h("td", null, limit.value), h("td", null, limit.safe), h("td", { className: "source" }, limit.source, h("small", null, limit.author))))),
    data.schedule.length > 0 && h(React.Fragment, null, h("h2", null, t("What patients are asked to measure")),
      h(Table, { label: "What patients are asked to measure", columns: ["What", "How often", "Until", "Source"] },
        data.schedule.map((one) => h("tr", { key: one.measure }, h("td", null, one.measure), h("td", null, t(one.words)),
          h("td", null, one.by), h("td", { className: "source" }, one.source))))),
    data.limits.length > 0 && h(hub.tryout.Tryout, { key: data.chosen, programme: data.chosen, limits: data.limits }),
    h(hub.pilots.Pilots, { pilots: data.pilots }),
    h(hub.pilots.Calibrations, { data: data.calibrations }));
  hub.sections.rules = { title: "Rules and limits", draw: Rules };
})();
