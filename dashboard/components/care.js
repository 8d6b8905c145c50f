/* What is done for a patient besides the alert: a message, a limit of their own, a reading set right, time counted. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon } = hub.ui;
  const { field, text, area, select, choices, useWhose, ApiDialog } = hub.forms;
  const LAYERS = { programme: "from the programme", site: "from the ward's calibration", patient: "set for this patient",
    override: "set for this patient for now" };
  const PRESSURES = ["systolic", "diastolic", "mean_arterial_pressure"];
  const LIMIT_DAYS = [["1", "1 day"], ["3", "3 days"], ["7", "7 days"], ["14", "14 days"], ["", "Until it is changed"]];

  const path = (data, rest) => "/api/patients/" + encodeURIComponent(data.patient.id) + rest;
  const whose = (data) => ({ who: data.patient.name, about: data.patient.about });

  const MessageDialog = ({ data, dismiss }) => h(ApiDialog, { ...whose(data), title: "Message to the patient", dismiss,
    path: path(data, "/messages"), submit: "Send message", said: "Message sent." },
    field("message-text", "Message", area("message-text", "text", { required: true }),
      "The patient reads it on their own page. Write short sentences; say what to do, and who will call and when."));

  /* What this value would have done, never another's: an answer that comes late is nobody's. A limit can be set once its
     own answer is there, or none can be had. */
  const usePreview = (data, name, value, safe) => {
    const asked = name + " " + value;
    const [found, setFound] = React.useState({ asked: null });
    const typed = name && value !== "" && !Number.isNaN(Number(value));
    const outside = typed && safe && (Number(value) < safe[0] || Number(value) > safe[1]);
    React.useEffect(() => {
      if (!typed || outside) return undefined;
      let alive = true;
      const timer = setTimeout(async () => {
        let preview = { possible: true, words: t("What it would have done could not be worked out.") };
        try {
          const answer = await hub.post(path(data, "/limits/preview"), { name, value: Number(value) });
          if (answer.ok) preview = await answer.json();
        } catch { /* said in the preview's place */ }
        if (alive) setFound({ asked, preview });
      }, 400);
      return () => { alive = false; clearTimeout(timer); };
    }, [asked, outside]);
    if (!typed) return { quiet: t("Type a value to see what it would have done.") };
    if (outside) return { quiet: t("This is outside the safe values.") };
    return found.asked === asked ? found.preview : { quiet: t("Working it out") + "…" };
  };

  const Preview = ({ preview }) => h("div", { className: "preview", role: "status" }, preview.quiet
    ? h("p", { className: "quiet" }, preview.quiet)
    : [h("p", { key: "a" }, h("b", null, preview.words)), preview.detail && h("p", { key: "b" }, preview.detail)]);

  const LimitDialog = ({ data, dismiss }) => {
    const [groups, setGroups] = React.useState(null);
    const [name, setName] = React.useState("");
    const [value, setValue] = React.useState("");
    React.useEffect(() => {
      fetch(path(data, "/limits"), { credentials: "same-origin" }).then((answer) => answer.json()).then((found) => {
        const fired = data.alert && (PRESSURES.includes(data.alert.measure) ? "blood_pressure" : data.alert.measure);
        const grouped = found.groups.map((group) => ({ ...group, limits: found.limits.filter((one) => one.group === group.key) }))
          .filter((group) => group.limits.length).sort((one, other) => (other.key === fired) - (one.key === fired));
        const used = data.alert && data.alert.limit_names.find((one) => found.limits.some((limit) => limit.name === one));
        setGroups(grouped);
        setName(used || grouped[0].limits[0].name);
      }, () => setGroups([]));
    }, []);
    const limits = (groups || []).flatMap((group) => group.limits);
    const chosen = limits.find((limit) => limit.name === name);
    const preview = usePreview(data, name, value, chosen && chosen.safe);
    return h(ApiDialog, { ...whose(data), title: "Change a limit", dismiss, submit: "Set limit", said: "Limit set.",
      blocked: !preview.possible,
      path: path(data, "/limits"), more: { readings: true },
      body: (values) => ({ name, value: Number(values.value), reason: values.reason, days: values.days ? Number(values.days) : null }) },
      field("limit-name", "Which limit?", h("select", { id: "limit-name", name: "name", value: name, required: true,
        onChange: (event) => { setName(event.target.value); setValue(""); } }, (groups || []).map((group) =>
        h("optgroup", { key: group.key, label: group.words }, group.limits.map((limit) =>
          h("option", { key: limit.name, value: limit.name }, limit.words)))))),
      chosen && h("p", { className: "limit-now", key: "now" },
        t("Now {value} {unit}, {layer}. Safe values: {low} to {high}.", { value: chosen.value, unit: chosen.unit,
          layer: t(LAYERS[chosen.layer]), low: chosen.safe[0], high: chosen.safe[1] })),
      field("limit-value", "New value", text("limit-value", "value", { type: "number", step: "any", required: true, value,
        min: chosen && chosen.safe[0], max: chosen && chosen.safe[1], inputMode: "decimal",
        onChange: (event) => setValue(event.target.value) })),
      h(Preview, { key: "preview", preview }),
      field("limit-days", "For how long?", select("limit-days", "days", LIMIT_DAYS.map(([days, word]) => [days, t(word)]),
        { defaultValue: "14" }), "Beyond 14 days, a clinician or the lead nurse sets it."),
      field("limit-reason", "Why?", text("limit-reason", "reason", { required: true, maxLength: 500 })));
  };

  const ReadingDialog = ({ reading, patient, dismiss }) => {
    const [deed, setDeed] = React.useState(reading.standing === "accepted" ? "exclude" : "release");
    const deeds = [["exclude", "Exclude it", "It counts for nothing; it stays to be seen"],
      ["hold", "Hold it", "Keep it from the rules until the patient was asked"],
      ["release", "It is right", "The reading is the patient's, and counts"],
      ["correct", "Correct the value", "What it was is kept"],
      ["reassign", "Somebody else measured", "Give it to the patient whose it is"]]
      .filter(([key]) => (reading.standing === "accepted" ? key !== "release" : key !== { held: "hold", excluded: "exclude" }[reading.standing]));
    const whose = useWhose(patient.id);
    return h(ApiDialog, { title: "A reading", who: patient.name, reason: reading.words, dismiss, submit: "Save", said: "Saved.",
      blocked: deed === "reassign" && !whose.patient,
      more: { readings: true },
      path: "/api/patients/" + encodeURIComponent(patient.id) + "/readings/" + encodeURIComponent(reading.id) + "/" + deed,
      body: (values) => ({ reason: values.reason, measure: values.measure || null, value: values.value ? Number(values.value) : null,
        record_number: values.record_number || "" }) },
      choices("deed", "What about it?", deeds, deed, setDeed),
      deed === "correct" && field("reading-measure", "Which value?", select("reading-measure", "measure",
        reading.measures.map((measure, index) => [measure, t(reading.columns[index])]))),
      deed === "correct" && field("reading-value", "The right value", text("reading-value", "value",
        { type: "number", step: "any", required: true, inputMode: "decimal" })),
      deed === "reassign" && whose.field,
      field("reading-reason", "Why?", text("reading-reason", "reason", { required: true, maxLength: 500, list: "reading-reasons" })),
      h("datalist", { id: "reading-reasons", key: "reasons" },
        ["Somebody else measured", "Cuff was too loose", "Cold hand", "Clothes on", "Typed in wrongly"].map((reason) =>
          h("option", { key: reason, value: t(reason) }))));
  };

  /* What others may have relied on meanwhile is taken back with a reason. */
  const TakeBackDialog = ({ event, name, dismiss }) => h(ApiDialog, { title: "Take back", who: name, dismiss,
    reason: event.who + " " + event.did + (event.words ? ": " + event.words : ""), submit: "Take back", said: "Taken back.",
    path: event.undo.path, more: { readings: Boolean(event.undo.readings) },
    body: (values) => ({ ...event.undo.body, reason: values.reason }) },
    h("p", { key: "stays" }, t("What was before counts again. Both stay in the history.")),
    field("take-back-reason", "Why?", text("take-back-reason", "reason", { required: true, maxLength: 500 })));

  /* Time on a patient: counted while somebody is there, told once a minute and when they move on. */
  const IDLE_AFTER = 60000;
  let touched = Date.now();
  ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"].forEach((name) =>
    window.addEventListener(name, () => { touched = Date.now(); }, { passive: true }));
  const two = (number) => String(number).padStart(2, "0");
  let counted = 0;
  /* How long somebody has been with the patient on the screen, in minutes: what a call's form offers to be typed. */
  const minutes = () => String(Math.max(1, Math.round(counted / 60)));

  const Timer = ({ patientId }) => {
    const [seconds, setSeconds] = React.useState(0);
    const [paused, setPaused] = React.useState(false);
    const untold = React.useRef(0);
    React.useEffect(() => { counted = seconds; }, [seconds]);
    React.useEffect(() => {
      const tell = () => {
        if (untold.current < 5) return;
        hub.post("/api/patients/" + encodeURIComponent(patientId) + "/care-time",
          { seconds: Math.min(900, untold.current) }, true).catch(() => {});
        untold.current = 0;
      };
      const timer = setInterval(() => {
        if (paused || document.hidden || Date.now() - touched > IDLE_AFTER) return;
        untold.current += 1;
        setSeconds((count) => count + 1);
        if (untold.current >= 60) tell();
      }, 1000);
      window.addEventListener("pagehide", tell);
      return () => { clearInterval(timer); window.removeEventListener("pagehide", tell); tell(); };
    }, [patientId, paused]);
    return h("button", { type: "button", className: "timer", onClick: () => setPaused(!paused), "aria-pressed": paused,
      title: t("Care time. It stops by itself when nobody is here."),
      "aria-label": paused ? t("Care time is paused: go on") : t("Care time is running: pause") },
      icon(paused ? "play" : "pause", 16), h("span", { "aria-hidden": "true" }, two(Math.floor(seconds / 60)) + ":" + two(seconds % 60)));
  };

  /* The patient's own page: a code that the nurse reads out, once it is sure who is on the line. */
  const CodeDialog = ({ patientId, name, dismiss }) => {
    const [made, setMade] = React.useState(null);
    const make = async () => {
      const answer = await hub.post("/api/patients/" + encodeURIComponent(patientId) + "/sign-in-code");
      if (answer.ok) setMade(await answer.json());
    };
    return h(hub.forms.FormDialog, { title: "The patient's own page", who: name, dismiss, submit: made ? "Done" : "Make a code",
      act: () => (made ? dismiss() : make()) },
      made ? h("div", { className: "code", role: "status" },
        h("p", null, t("Read this code out. It works once, for {n} minutes.", { n: made.minutes })),
        h("p", { className: "code-digits" }, made.code.slice(0, 3) + " " + made.code.slice(3)),
        h("p", null, t("They type it in here:"), " ", h("b", null, window.location.host + made.path)))
        : h("p", null, t("Ask for the full name and the date of birth first. An older code stops working.")));
  };

  hub.care = { minutes, CodeDialog, TakeBackDialog, MessageDialog, LimitDialog, ReadingDialog, Timer };
})();
