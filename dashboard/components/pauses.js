/* Planned pauses: why and until when a patient need not measure, who set it, and the way back. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t } = hub.ui;
  const { field, text, choices, ApiDialog } = hub.forms;
  const STATES = { planned: "Planned", current: "Running", past: "Past", taken_back: "Taken back" };
  const DEEDS = { ended: ["End now", "The pause is over."], taken_back: ["Take back", "Taken back."], resumed: ["Undo", "The pause runs again."] };

  const path = (data, rest) => "/api/patients/" + encodeURIComponent(data.patient.id) + "/pauses" + (rest || "");

  /* What it does, before anybody does it. */
  const Meaning = ({ open }) => h("ul", { className: "hint pause-meaning", key: "meaning" },
    h("li", null, t("Until it ends nobody is told that readings are missing, and the patient is not reminded.")),
    h("li", null, t("A reading that comes in still counts, and still raises alerts.")),
    h("li", null, t("An alert that is open stays open until you close it.")),
    open && h("li", null, t("On the day of the review the pause ends by itself, unless you plan another.")));

  const Listed = ({ data, pauses, changed }) => {
    const [problem, setProblem] = React.useState(null);
    const act = async (pause, what) => {
      let undo = null;
      const refused = await hub.tell(path(data, "/" + pause.id + "/" + what), {},
        (answer) => { undo = answer.undo ? { path: answer.undo, body: {} } : null; });
      setProblem(refused);
      if (refused === null) hub.done(DEEDS[what][1], {}, undo);
      changed();
    };
    return h("section", { className: "pauses", "aria-labelledby": "pauses-title", key: "list" },
      h("h3", { id: "pauses-title" }, t("Pauses so far")),
      problem && h("p", { className: "dialog-problem", role: "alert" }, problem),
      h("ul", null, pauses.map((pause) => h("li", { key: pause.id, className: "pause-" + pause.state },
        h("p", null, h("b", null, pause.why), " ", h("span", { className: "pill" }, t(STATES[pause.state]))),
        h("p", null, pause.days),
        h("p", { className: "quiet" }, pause.set, pause.done && h("br"), pause.done),
        pause.can.map((what) => h("button", { key: what, type: "button", className: "button small",
          "aria-label": t(DEEDS[what][0]) + ": " + pause.why + ", " + pause.days, onClick: () => act(pause, what) }, t(DEEDS[what][0])))))));
  };

  const PauseDialog = ({ data, dismiss }) => {
    const [found, setFound] = React.useState(null);
    const [kind, setKind] = React.useState("holiday");
    const [until, setUntil] = React.useState("day");
    const read = () => fetch(path(data), { credentials: "same-origin" }).then((answer) => answer.json()).then(setFound, () => {});
    React.useEffect(() => { read(); }, []);
    const open = until === "review";
    return h(ApiDialog, { title: "Pause the measurements", who: data.patient.name, about: data.patient.about, dismiss,
      submit: "Set the pause", said: "The pause is set.", path: path(data),
      body: (values) => ({ kind: values.kind, reason: values.reason, first_day: values.first,
        last_day: open ? null : values.last, review_on: open ? values.last : null }) },
    h(Meaning, { key: "meaning", open }),
    choices("kind", "Why?", [["holiday", "On holiday"], ["hospital", "In hospital"], ["other", "Another reason"]], kind, setKind),
    field("pause-reason", kind === "other" ? "In words" : "In words (optional)",
      text("pause-reason", "reason", { required: kind === "other", maxLength: 200 })),
    field("pause-first", "First day", text("pause-first", "first", { type: "date", required: true,
      key: found && found.today, defaultValue: found ? found.today : "" })),
    choices("until", "Until when?", [["day", "Until a last day"], ["review", "Open-ended", "It is reviewed within 28 days"]], until, setUntil),
    field("pause-last", open ? "Day of the review" : "Last day, which belongs to the pause",
      text("pause-last", "last", { type: "date", required: true, min: found ? found.today : undefined })),
    found && found.pauses.length > 0 && h(Listed, { key: "list", data, pauses: found.pauses, changed: read }));
  };

  hub.pauses = { PauseDialog };
})();
