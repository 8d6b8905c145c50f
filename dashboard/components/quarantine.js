/* Quarantine: held and refused readings, which count for nothing until a person decides with a reason. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, whenIn, follow } = hub.ui;
  const { field, text, useWhose, ApiDialog } = hub.forms;
  const { PageHead, Empty, Pager } = hub.page;

  const DECISIONS = {
    release: { title: "Release the reading", submit: "Release", said: "Released." },
    reassign: { title: "Give the reading to a patient", submit: "Give", said: "Given." },
    discard: { title: "Discard it", submit: "Discard", said: "Discarded." },
  };
  const REASONS = ["The patient confirmed it", "Somebody else measured", "Measured wrongly", "Measured again since", "Line noise"];
  const why = () => [field("why", "Why?", text("why", "why", { required: true, maxLength: 500, list: "why-reasons" })),
    h("datalist", { id: "why-reasons", key: "reasons" }, REASONS.map((reason) => h("option", { key: reason, value: t(reason) })))];
  /* A held reading is its patient's, and is decided there; a refused one has nobody yet. */
  const path = (item, deed) => (item.patient
    ? "/api/patients/" + encodeURIComponent(item.patient.id) + "/readings/" + encodeURIComponent(item.id) + "/" +
      (deed === "discard" ? "exclude" : deed)
    : "/api/quarantine/" + item.id + "/" + deed);
  const body = (values) => ({ why: values.why, reason: values.why, record_number: values.record_number || "" });

  const Item = ({ item, open }) => {
    const act = (deed, word) => h("button", { type: "button", className: "button", onClick: () => open({ item, deed }) }, t(word));
    return h("li", { className: "card" },
      h("div", { className: "card-words" },
        item.patient && h("p", null, h("a", { className: "name-link", href: item.patient.href, onClick: follow }, item.patient.name), " ",
          h("span", { className: "quiet" }, item.patient.record_number)),
        h("h2", null, item.reason),
        h("p", null, item.values.length ? h("b", null, item.values.join(" · ")) : t("No reading can be made out."),
          item.measured && " · " + t("measured {when}", { when: whenIn(item.measured) })),
        item.before.length > 0 && h("p", null, t("Before it: {values}", { values: item.before.join(" · ") })),
        item.patient_says && h("p", null, h("b", null, item.patient_says)),
        item.detail && h("p", { className: "quiet" }, item.detail),
        h("p", null, item.advice),
        h("p", { className: "quiet" }, t("Arrived {when}", { when: whenIn(item.arrived) }),
          item.gateway && " · " + t("gateway {id}", { id: item.gateway }), item.device && " · " + t("device {id}", { id: item.device }))),
      h("div", { className: "card-actions" }, item.is_reading && act("release", "Release"),
        item.is_reading && act("reassign", item.patient ? "Give to somebody else" : "Give to a patient"), act("discard", "Discard")));
  };

  const Decision = ({ item, deed, dismiss }) => {
    const whose = useWhose(item.patient && item.patient.id), gives = deed === "reassign";
    return h(ApiDialog, { ...DECISIONS[deed], who: item.patient && item.patient.name, blocked: gives && !whose.patient,
      reason: [item.reason, ...item.values].join(" · "), dismiss, more: { readings: true }, path: path(item, deed), body },
    gives && whose.field, why());
  };

  const Quarantine = ({ data, ask }) => {
    const [open, setOpen] = React.useState(null);
    const half = (show, word) => h("button", { key: show, type: "button", "aria-pressed": data.show === show,
      onClick: () => ask({ show }) }, t(word), " ", h("b", null, data.counts[show]));
    return h(React.Fragment, null,
      h(PageHead, { title: "Quarantine", count: data.counts.held + data.counts.refused },
        h("div", { className: "segments", role: "group", "aria-label": t("Which readings") }, half("held", "Held"), half("refused", "Refused")),
        h("p", { className: "page-lead" }, data.show === "held"
          ? t("Readings that may not be right, or not the patient's. No rule uses them until somebody decides.")
          : t("What the hub could not take in by itself. It waits here, whole, until somebody decides."))),
      data.show === "refused" && data.reasons.length > 1 && h("div", { className: "chips", role: "group", "aria-label": t("Reason") },
        data.reasons.map((one) => h("button", { key: one.code, type: "button", "aria-pressed": data.reason === one.code,
          onClick: () => ask({ show: "refused", reason: data.reason === one.code ? null : one.code }) }, one.words, " ", h("b", null, one.count)))),
      data.items.length ? h("ul", { className: "cards" }, data.items.map((item) => h(Item, { key: item.id, item, open: setOpen })))
        : h(Empty, { words: "Nothing waits here." }),
      h(Pager, { key: data.show + data.reason, label: "More readings", next: data.next,
        ask: (after) => ask({ show: data.show, reason: data.reason, after }) }),
      open && h(Decision, { ...open, dismiss: () => setOpen(null) }));
  };

  hub.sections.quarantine = { title: "Quarantine", draw: Quarantine };
})();
