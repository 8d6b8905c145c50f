/* A limit tried on the ward's own past: part of the page of the rules. Nothing is saved. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, when, follow } = hub.ui;
  const { Table } = hub.page;
  const PATH = "/api/rules/tryout";

  const patient = (one) => h("a", { href: "/app/patients/" + one.patient, onClick: follow }, one.name);
  const Alert = ({ one }) => h("li", { className: one.acted_on ? "tryout-acted" : undefined },
    one.acted_on && h("b", null, t("Acted on, and lost:"), " "),
    patient(one), " · ", when(one.at), " · ", one.rule, " · ", one.words,
    one.became && h("small", null, one.alert ? h("a", { href: "/app/alerts/" + one.alert, onClick: follow },
      t("Alert {n}", { n: one.alert })) : null, one.alert ? " · " : "", t(one.became)));
  const List = ({ title, count, alerts }) => h(React.Fragment, null, h("h3", null, t(title), " (" + count + ")"),
    alerts.length ? h("ul", null, alerts.map((one) => h(Alert, { key: one.patient + one.at + one.rule, one })))
      : h("p", { className: "quiet" }, t("None")));

  const Found = ({ run }) => h("div", { className: "tryout-found" },
    h("p", null, h("b", null, t("{limit}: {value} instead of {was}", run)), " · ",
      t("{weeks} weeks, {patients} patients; the change concerns {changed} of them.", run)),
    run.acted_count > 0 && h("p", { className: "tryout-acted" },
      h("b", null, t("{n} lost alerts were acted on.", { n: run.acted_count }))),
    h(Table, { label: "Alerts per week", columns: ["Rule", "As it is", "As tried"] },
      [{ id: "all", name: t("All alerts"), before: run.before, after: run.after, changed: true }, ...run.rules].map((one) =>
        h("tr", { key: one.id }, h("td", null, one.changed ? h("b", null, one.name) : one.name),
          h("td", null, one.before), h("td", null, one.after)))),
    h(List, { title: "Lost", count: run.lost_count, alerts: run.lost }),
    h(List, { title: "Gained", count: run.gained_count, alerts: run.gained }),
    h("p", null, t("Nothing was saved. A clinic changes its programme file: docs/rulebook.md, “Change a rule”."),
      run.pilot ? " " + t("To pilot it first, add this to the file that it names:") : ""),
    run.pilot && h("pre", { tabIndex: 0, "aria-label": t("Pilot it") }, run.pilot));

  const Tryout = ({ programme, limits }) => {
    const [name, setName] = React.useState(limits[0].id);
    const [value, setValue] = React.useState("");
    const [run, setRun] = React.useState({ state: "none" });
    const [problem, setProblem] = React.useState(null);
    const look = async () => {
      const answer = await fetch(PATH, { credentials: "same-origin" });
      if (answer.ok) setRun(await answer.json());
    };
    React.useEffect(() => { look().catch(() => {}); }, []);
    React.useEffect(() => {
      if (run.state !== "working") return undefined;
      const timer = setTimeout(() => look().catch(() => setRun({ ...run })), 1000);
      return () => clearTimeout(timer);
    }, [run]);
    const chosen = limits.find((one) => one.id === name) || limits[0];
    const begin = async (event) => {
      event.preventDefault();
      try {
        const answer = await hub.post(PATH, { programme, name: chosen.id, value: Number(value) });
        const said = await answer.json();
        setProblem(answer.ok ? null : said.error);
        if (answer.ok) setRun(said);
      } catch { setProblem(t("The hub did not answer.")); }
    };
    return h("section", { className: "tryout" }, h("h2", null, t("Try before you save")),
      h("p", { className: "page-lead" }, t("The ward's own last weeks are gone through again with another number. Nothing is changed.")),
      h("form", { className: "tryout-form", onSubmit: begin },
        h("div", { className: "field" }, h("label", { htmlFor: "try-limit" }, t("Which limit?")),
          h("select", { id: "try-limit", value: chosen.id, onChange: (event) => { setName(event.target.value); setValue(""); } },
            limits.map((one) => h("option", { key: one.id, value: one.id }, one.name + " (" + one.value + ")")))),
        h("div", { className: "field" }, h("label", { htmlFor: "try-value" }, t("New value")),
          h("input", { id: "try-value", type: "number", step: "any", required: true, inputMode: "decimal", value,
            onChange: (event) => setValue(event.target.value) })),
        h("button", { className: "button", type: "submit", disabled: run.state === "working" }, t("Try on this ward"))),
      h("p", { role: "alert", className: "dialog-problem", hidden: !problem }, problem),
      h("p", { role: "status" }, run.state === "working"
        ? t("Working: {done} of {of} patients. You can go on with other things.", run)
        : run.state === "failed" ? t("The tryout failed: {why}. The hub's log has more.", run) : ""),
      run.state === "found" && h(Found, { run }));
  };
  hub.tryout = { Tryout };
})();
