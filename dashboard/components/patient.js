/* One patient: who it is, always in sight; the alert; what can be done; what is known; what happened. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon, mark, WORDS, span, since, ago, dueIn, when, whenIn, useTick, avatar, follow, usePath, useAgain } = hub.ui;

  const Allergies = ({ allergies }) => {
    if (allergies === null) return h("span", { className: "allergies unknown" }, t("Allergies not recorded"));
    if (!allergies.length) return h("span", { className: "allergies none" }, t("No known allergies"));
    return h("span", { className: "allergies listed" }, h("b", null, t("Allergies")), " ", allergies.join(", "));
  };

  /* The actions stick below the banner, however many lines a name or a list of allergies needs. */
  const useHeight = () => {
    const box = React.useRef(null);
    React.useEffect(() => {
      const watch = new ResizeObserver(() => {
        document.documentElement.style.setProperty("--banner-height", box.current.offsetHeight + "px");
      });
      watch.observe(box.current);
      return () => watch.disconnect();
    }, []);
    return box;
  };

  const Banner = ({ patient, back }) => h("header", { className: "banner", id: "patient-banner", ref: useHeight() },
    h("a", { className: "banner-back", href: back, onClick: follow }, icon("back", 18),
      back === "/app/alerts" ? t("Alerts") : t("Patients")),
    h("h1", null, patient.name),
    h("p", { className: "banner-facts" },
      h("span", null, patient.sex_age), " ",
      h("span", null, t("Born"), " ", h("b", null, patient.born)), " ",
      h("span", null, t("No."), " ", h("b", null, patient.record_number)), " ",
      patient.ward && h("span", null, t("Ward"), " ", h("b", null, patient.ward), " "),
      h(Allergies, { allergies: patient.allergies })),
    patient.pause && h("p", { className: "banner-pause" }, h("span", { className: "tag tag-warn" }, icon("pause", 14), patient.pause.words),
      patient.pause.measured && h("span", { className: "tag tag-warn" }, patient.pause.measured)),
    h("div", { className: "banner-call" }, h(hub.care.Timer, { key: patient.id, patientId: patient.id }), patient.phone
      ? h("a", { className: "button", href: "tel:" + patient.phone.replace(/\s/g, ""),
        "aria-label": t("Call {phone}", { phone: patient.phone }) }, icon("phone"), h("span", null, patient.phone))
      : h("span", { className: "quiet" }, t("No phone number recorded"))));

  const Facts = ({ title, items, empty, wide }) => h("div", { className: "facts" + (wide ? " wide" : "") },
    h("h2", null, t(title)),
    items.length ? h("ul", null, items.map((item, index) => h("li", { key: index }, item)))
      : h("p", { className: "quiet" }, t(empty || "Not recorded")));

  const named = (one) => h(React.Fragment, null, one.name, " ", h("b", null, one.value));

  /* What a nurse needs to know before the call: who else cares, what is normal for this patient, what they take. */
  const Known = ({ patient, known }) => h("section", { className: "known", "aria-label": t("About") },
    h("ul", { className: "tags", "aria-label": t("Conditions") },
      patient.conditions.length ? patient.conditions.map((name) => h("li", { key: name, className: "tag" }, name))
        : h("li", { className: "quiet" }, t("No condition recorded")),
      patient.language && h("li", { className: "tag tag-warn" }, patient.language)),
    h(Facts, { title: "Care team", items: known.team.map((member) =>
      h(React.Fragment, null, h("b", null, member.name), " ", h("span", { className: "quiet" }, member.role), member.phone && " ",
        member.phone && h("a", { href: "tel:" + member.phone.replace(/\s/g, "") }, member.phone))) }),
    h(Facts, { title: "Targets", items: known.targets.map(named), empty: "No targets set" }),
    h(Facts, { title: "Alert limits", items: known.limits.map(named), empty: "No limit set" }),
    h(Facts, { title: "Medicines", items: known.medicines }),
    known.own_limits.length > 0 && h(Facts, { title: "Set for this patient", wide: true, items: known.own_limits.map((one) =>
      h(React.Fragment, null, one.name, " ", h("b", null, one.value), " ",
        h("span", { className: "quiet" }, t("{who}, {until}: {why}", one)))) }));

  const State = ({ alert }) => {
    if (alert.outcome) return h("span", { className: "pill" }, t("Closed: {outcome}", { outcome: t(hub.OUTCOME_WORDS[alert.outcome]) }));
    if (alert.snoozed_until) return h("span", { className: "pill" }, t("Snoozed until {when}", { when: whenIn(alert.snoozed_until) }));
    if (alert.waiting_for) return h("span", { className: "pill pill-new" }, t("Waiting for {name}", { name: alert.waiting_for }));
    if (alert.owner) return h("span", { className: "pill pill-seen" }, avatar(alert.owner, alert.owner.mine),
      alert.owner.mine ? t("Yours") : alert.owner.name);
    return h("span", { className: "pill pill-new" }, t("New"));
  };

  const AlertBanner = ({ alert, others }) => {
    useTick(15000);
    const due = dueIn(alert.due);
    return h("section", { className: "alert alert-" + (alert.closed ? "closed" : alert.priority), id: "alert-banner",
      "aria-label": t("The alert") },
      h("div", { className: "alert-mark" }, mark(alert.priority, 26)),
      h("div", { className: "alert-words" },
        h("h2", { id: "alert-title", tabIndex: -1 }, alert.reason, " ", h(State, { alert })),
        h("ul", { className: "alert-facts" },
          h("li", null, t(WORDS[alert.priority])),
          h("li", null, t("Raised {ago}", { ago: ago(alert.raised) })),
          !alert.closed && !alert.owner && h("li", { className: due.late ? "late" : due.soon ? "soon" : undefined }, due.text),
          alert.escalated && h("li", { className: "late" }, t("{what}, {span} ago: nobody has taken it yet",
            { what: alert.escalated.words, span: span(since(alert.escalated.at)) })),
          alert.cleared && !alert.closed && h("li", { className: "good" }, t("Back in range since {when}", { when: whenIn(alert.cleared) })),
          alert.withdrawn && !alert.closed && h("li", { className: "late" }, t("It no longer holds: a reading was corrected, excluded or given to somebody else, or a limit was changed")),
          alert.reminder && h("li", { className: "reminder" }, icon("bell", 14), t("Reminder"), " ", when(alert.reminder),
            h("button", { type: "button", className: "link", onClick: () => hub.endReminder(alert.id),
              "aria-label": t("Remove the reminder") }, icon("close", 14))),
          alert.unconfirmed && h("li", null, t("No repeat reading confirmed it")),
          alert.late && h("li", null, t("From readings that arrived late"))),
        (alert.rule || alert.limits.length > 0) && h("p", { className: "alert-rule" },
          alert.rule && h("b", null, alert.rule), alert.rule && alert.limits.length > 0 && " · ", alert.limits.join(" · ")),
        alert.asks.length > 0 && h("ul", { className: "alert-asks", "aria-label": t("Ask") },
          alert.asks.map((ask) => h("li", { key: ask }, ask))),
        alert.snooze_reason && h("p", { className: "alert-rule" }, t("Snoozed: {reason}", { reason: alert.snooze_reason })),
        others.length > 0 && h("ul", { className: "alert-others", "aria-label": t("Other open alerts of this patient") },
          others.map((other) => h("li", { key: other.id }, h("a", { href: "/app/alerts/" + other.id, onClick: follow },
            mark(other.priority, 15), other.reason))))));
  };

  const OpenAlerts = ({ others }) => h("section", { className: "alert alert-closed", "aria-label": t("Open alerts") },
    h("ul", { className: "alert-others" }, others.map((other) => h("li", { key: other.id },
      h("a", { href: "/app/alerts/" + other.id, onClick: follow }, mark(other.priority, 15), other.reason)))));

  const Empty = ({ missing }) => h("div", { className: "choose" },
    h("img", { src: "/static/favicon.svg", alt: "", width: 56, height: 56 }),
    h("h2", null, missing ? t("There is no such alert on your ward") : t("Choose an alert to begin")),
    h("p", null, missing ? t("It may belong to another ward. The list shows what is open on yours.")
      : [t("The most pressing are on top. Press"), " ", h("kbd", { key: "j" }, "J"), " ", t("for the next one.")]));

  const Patient = (props) => {
    const path = usePath();
    const data = props.data;
    const loading = Boolean(data) && data.path !== path;
    React.useEffect(() => {
      document.body.classList.toggle("is-loading", loading);
      document.body.classList.toggle("has-selection", path !== "/app/alerts" && path !== "/app/");
      document.body.dataset.section = path.startsWith("/app/patients/") ? "patient" : path.split("/")[2] || "alerts";
    });
    useAgain(loading, hub.lookAgain);
    hub.shown = data ? { path: data.path, patient: data.patient && data.patient.id } : null;
    React.useEffect(() => {
      const pane = document.getElementById("main");
      if (pane) pane.scrollTop = 0;
      if (data && data.patient) document.title = data.patient.name + " · Hearthward";
      else document.title = t("Alerts") + " · Hearthward";
    }, [data && data.path]);
    React.useLayoutEffect(() => {
      if (data && data.alert) return undefined;
      const pressed = (event) => {
        if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || !hub.keysOn()) return;
        if (event.key === "j" || event.key === "k") hub.step(event.key === "j" ? 1 : -1);
      };
      document.addEventListener("keydown", pressed);
      return () => document.removeEventListener("keydown", pressed);
    });
    if (!data || /^\/app\/(patients|quarantine|devices|weekly|rules|reports|settings)$/.test(path)) return null;
    if (!data.patient) return h(Empty, { missing: data.missing });
    return h("div", { className: "patient" },
      h(Banner, { patient: data.patient, back: data.alert ? "/app/alerts" : "/app/patients" }),
      h(Known, { patient: data.patient, known: data.known }),
      !data.alert && data.others.length > 0 && h(OpenAlerts, { others: data.others }),
      data.alert && h(AlertBanner, { alert: data.alert, others: data.others }),
      h(hub.ActionBar, { key: data.alert ? data.alert.id : data.patient.id, data, loading, setProps: props.setProps,
        result: props.result }));
  };
  window.dashboard.Patient = Patient;

  const History = ({ history, name }) => {
    useTick(60000);
    const [asked, setAsked] = React.useState(null);
    const takeBack = (event) => (event.undo.why ? setAsked(event) : hub.takeBack(event.undo));
    return h("section", { className: "card history", "aria-labelledby": "history-title" },
      h("h2", { id: "history-title" }, t("History")),
      !history.length && h("p", { className: "quiet" }, t("No alert and no message so far.")),
      h("ol", null, history.map((event) => h("li", { key: event.key, className: event.gone ? "is-gone" : undefined },
        h("span", { className: "history-icon" }, icon(event.icon, 15)),
        h("div", null,
          h("p", null, h("b", null, event.who), " ", h("span", { className: "history-did", id: "did-" + event.key }, t(event.did)),
            event.of && h("span", { className: "quiet" }, " · " + event.of)),
          event.words && h("p", { className: "history-words" }, event.words),
          h("p", { className: "history-end" }, h("time", { dateTime: event.at }, when(event.at)),
            event.gone && h("span", null, t("Taken back")),
            event.undo && h("button", { type: "button", className: "link", onClick: () => takeBack(event),
              "aria-describedby": "did-" + event.key }, icon("undo", 14), t("Take back"))))))),
      asked && h(hub.care.TakeBackDialog, { key: asked.key, event: asked, name, dismiss: () => setAsked(null) }));
  };

  const CARE_GOAL = 20;  /* minutes a month: what most payers ask for (CPT 99457) */
  const PatientAside = (props) => {
    const data = props.data;
    const [coding, setCoding] = React.useState(false);
    if (!data) return null;
    return h("div", { className: "aside" },
      h("section", { className: "card care-time", "aria-labelledby": "care-title" },
        h("h2", { id: "care-title" }, t("Care time this month")), h("p", null, h("b", null, data.care_minutes), " ", t("of {n} min", { n: CARE_GOAL })),
        h("progress", { max: CARE_GOAL, value: Math.min(CARE_GOAL, data.care_minutes), "aria-labelledby": "care-title" })),
      h(History, { history: data.history, name: data.name }),
      h("button", { type: "button", className: "button small", onClick: () => setCoding(true) }, t("Code for the patient's page")),
      coding && h(hub.care.CodeDialog, { patientId: data.patient_id, name: data.name, dismiss: () => setCoding(false) }));
  };
  window.dashboard.PatientAside = PatientAside;
})();
