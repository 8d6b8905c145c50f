/* What a nurse can do to an alert: the bar of actions, and one dialog for each that needs words. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon } = hub.ui;
  const { field, choices, FormDialog } = hub.forms;

  const ACTIONS = {
    acknowledge: { word: "Acknowledge", short: "Seen", icon: "check", key: "a", hint: "You have seen it, and it is yours" },
    claim: { word: "Take over", short: "Take", icon: "check", key: "o", takes: true, hint: "It becomes yours" },
    accept: { word: "Accept", short: "Accept", icon: "check", key: "a", hint: "It was escalated to you: accept it" },
    call: { word: "Log call", short: "Call", icon: "phone", key: "c", dialog: true },
    note: { word: "Note", short: "Note", icon: "note", key: "n", dialog: true },
    snooze: { word: "Snooze", short: "Snooze", icon: "clock", key: "s", dialog: true },
    remind: { word: "Remind me", short: "Remind", icon: "bell", key: "b", care: true, hint: "It comes up again for you at a time" },
    escalate: { word: "Escalate", short: "Escalate", icon: "up", key: "e", dialog: true },
    message: { word: "Message", short: "Text", icon: "message", key: "m", care: true },
    limit: { word: "Limit", short: "Limit", icon: "limits", key: "t", care: true },
    pause: { word: "Pause", short: "Pause", icon: "pause", key: "p", care: true, hint: "Holiday or hospital: missing readings are not told" },
    close: { word: "Close", short: "Close", icon: "done", key: "r", dialog: true },
  };
  /* On a phone these wait behind "More", where not all have room in one row. */
  const REST = ["note", "snooze", "remind", "limit", "pause"];
  const IN_A_ROW = 6;
  const OUTCOMES = [
    ["acted", "Acted on", "Advice, a changed medicine, a visit, a referral"],
    ["no_action", "True, nothing needed", "The readings are right and need no action now"],
    ["expected", "Expected for this patient", "Already in the care plan"],
    ["measurement_error", "Measurement error", "Technique, cuff, cold hand, clothes on the scale"],
    ["wrong_person", "Somebody else was measured", "A partner or visitor used the device"],
    ["unreachable", "Could not reach anybody", "Tried as the protocol asks"],
  ];
  const SNOOZES = [["60", "1 hour"], ["240", "4 hours"], ["720", "12 hours"], ["1440", "1 day"], ["4320", "3 days"]];
  const SNOOZE_REASONS = ["Asked for a repeat reading", "Seeing their doctor about it", "Change of medicine is working in",
    "Device is being replaced"];
  const CALLED = [["patient", "The patient"], ["carer", "A relative or carer"], ["clinician", "A clinician"]];

  const area = (id, required) => hub.forms.area(id, "text", { required: required || undefined });
  const FORMS = {
    note: () => [field("note-text", "Note", area("note-text", true), "Everybody on the ward can read it in the history.")],
    call: () => [
      choices("whom", "Who did you call?", CALLED, "patient"),
      choices("reached", "Did you speak to them?", [["yes", "Yes"], ["no", "No answer"]]),
      field("call-minutes", "Minutes (optional)", hub.forms.text("call-minutes", "minutes", { type: "number", min: 0, max: 240,
        step: 1, placeholder: hub.care.minutes(), inputMode: "numeric" })),
      field("call-text", "What was said", area("call-text"))],
    snooze: () => [
      choices("minutes", "For how long?", SNOOZES, "240"),
      field("snooze-reason", "Why?", h(React.Fragment, null,
        h("input", { id: "snooze-reason", name: "reason", list: "snooze-reasons", required: true, maxLength: 200,
          autoComplete: "off" }),
        h("datalist", { id: "snooze-reasons" }, SNOOZE_REASONS.map((reason) => h("option", { key: reason, value: t(reason) })))),
      "It comes back by itself then, and at once when the readings get worse.")],
    escalate: ({ people }) => [
      field("escalate-to", "To whom?", h("select", { id: "escalate-to", name: "to", required: true, defaultValue: "" },
        h("option", { value: "", disabled: true }, t("Choose a person")),
        people.map((person) => h("option", { key: person.id, value: person.id }, person.name + " · " + person.role_word))),
      "It stays with you until they accept it."),
      field("escalate-text", "Situation, background, assessment, request", area("escalate-text", true),
        "They read this first. Say what you need of them and by when.")],
    close: () => [
      choices("outcome", "What came of it?", OUTCOMES),
      field("close-text", "Note (optional)", area("close-text"))],
  };
  const TITLES = { note: "Note", call: "Log a call", snooze: "Snooze", escalate: "Escalate", close: "Close the alert" };
  const SUBMIT = { note: "Save note", call: "Save call", snooze: "Snooze", escalate: "Send", close: "Close alert" };

  const filled = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));

  const AlertDialog = ({ name, data, act, dismiss, busy }) => {
    const [seen] = React.useState(data.alert.rev);
    const status = data.alert.rev === seen ? null : t("Meanwhile: {what}", { what: data.alert.latest });
    return h(FormDialog, { title: TITLES[name], who: data.patient.name, about: data.patient.about, reason: data.alert.reason,
      status, busy, submit: SUBMIT[name], act: (values) => act(name, filled(values)), dismiss }, FORMS[name]({ people: data.people }));
  };

  /* Keys never fire while somebody types, in a dialog, or together with Ctrl, Alt or Meta. */
  const typing = (event) => {
    const at = event.target;
    return event.ctrlKey || event.metaKey || event.altKey || at.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || document.querySelector("dialog[open]") !== null;
  };
  hub.keysOn = () => { try { return window.localStorage.getItem("hearthward-keys") !== "off"; } catch { return true; } };

  const SURPRISED_FOR = 3000;

  /* The button that was pressed goes with what it did: the keyboard goes on from the alert, which says what it is now. */
  const useFocusKept = (acted, waits, rev) => React.useEffect(() => {
    const last = acted.current;
    if (!last || waits || rev === last.rev) return;
    if (last.focused && document.activeElement === document.body) {
      const heading = document.getElementById("alert-title");
      if (heading) heading.focus({ preventScroll: true });
    }
    last.focused = false;
  });

  const ActionBar = ({ data, setProps, result, loading }) => {
    const [open, setOpen] = React.useState(null);
    const [busy, setBusy] = React.useState(false);
    const [all, setAll] = React.useState(false);
    const alert = data.alert || { id: null, rev: 0 };
    const acted = React.useRef(null), moved = React.useRef({ rev: alert.rev, at: 0 });
    /* A colleague's action never closes a dialog: the words in it would be lost. */
    React.useEffect(() => {
      setBusy(false);
      if (alert.rev === moved.current.rev) return;
      const own = acted.current && acted.current.waits;
      moved.current = { rev: alert.rev, at: own ? 0 : Date.now() };
      if (own) acted.current.waits = false;
    }, [alert.rev]);
    React.useEffect(() => {
      setBusy(false);
      if (result && result.ok) setOpen(null);
      else if (acted.current) acted.current.waits = false;
    }, [result && result.n]);
    React.useEffect(() => {
      const lost = () => setBusy(false);
      window.addEventListener("hearthward:failed", lost);
      return () => window.removeEventListener("hearthward:failed", lost);
    }, []);
    useFocusKept(acted, busy || loading || open !== null, alert.rev);
    const act = (name, fields) => {
      setBusy(true);
      acted.current = { rev: alert.rev, waits: true, focused: document.activeElement !== document.body };
      setProps({ action: { n: Date.now(), name, alert: alert.id, rev: alert.rev, fields: fields || {} } });
    };
    /* What became another action under somebody's finger is not what they meant. */
    const surprised = () => {
      const ago = Date.now() - moved.current.at;
      if (ago > SURPRISED_FOR) return false;
      window.dispatchEvent(new CustomEvent("hearthward:notice", { detail: { n: "moved-" + moved.current.at, kind: "refused",
        title: t("This changed {n} s ago: look again", { n: Math.max(1, Math.round(ago / 1000)) }), text: alert.latest } }));
      return true;
    };
    /* While the next alert is on its way this bar is still the last one's: nothing may be done to it unawares. */
    const begin = (name) => {
      if (busy || loading || (ACTIONS[name].takes && surprised())) return;
      setAll(false);
      if (ACTIONS[name].dialog || ACTIONS[name].care) setOpen(name); else act(name);
    };
    React.useLayoutEffect(() => {
      const pressed = (event) => {
        if (typing(event) || !hub.keysOn()) return;
        const key = event.key.toLowerCase();
        if (key === "j" || key === "k") { event.preventDefault(); if (hub.step) hub.step(key === "j" ? 1 : -1); return; }
        const name = data.can.find((one) => ACTIONS[one].key === key);
        if (name) event.preventDefault();
        if (key === "a" && surprised()) return;
        if (name) begin(name);
      };
      document.addEventListener("keydown", pressed);
      return () => document.removeEventListener("keydown", pressed);
    });
    const many = data.can.length > IN_A_ROW;
    return h(React.Fragment, null,
      h("div", { className: "actions" + (all ? " all" : ""), role: "toolbar", "aria-label": t("What to do") }, data.can.map((name, index) => {
        const action = ACTIONS[name];
        return h("button", { key: name, type: "button", id: "action-" + name, disabled: busy || loading, title: t(action.hint || action.word),
          className: "button action" + (many && REST.includes(name) ? " rest" : "") + (index === 0 && ["acknowledge", "claim", "accept"].includes(name) ? " primary" : ""), onClick: () => begin(name) },
          icon(action.icon), h("span", { className: "long" }, t(action.word)), h("span", { className: "short" }, t(action.short)),
          hub.keysOn() && h("kbd", null, action.key.toUpperCase()));
      }), many && h("button", { key: "more", type: "button", className: "button action more", id: "action-more", "aria-expanded": all,
        onClick: () => setAll(!all) }, icon(all ? "close" : "more"), t(all ? "Less" : "More"))),
      open === "message" && h(hub.care.MessageDialog, { data, dismiss: () => setOpen(null) }),
      open === "remind" && h(hub.reminders.RemindDialog, { data, dismiss: () => setOpen(null) }),
      open === "limit" && h(hub.care.LimitDialog, { data, dismiss: () => setOpen(null) }),
      open === "pause" && h(hub.pauses.PauseDialog, { data, dismiss: () => setOpen(null) }),
      open && ACTIONS[open].dialog && h(AlertDialog, { key: open, name: open, data, act, busy, dismiss: () => setOpen(null) }));
  };
  hub.ActionBar = ActionBar;
  hub.OUTCOME_WORDS = Object.fromEntries(OUTCOMES.map(([code, word]) => [code, word]));
})();
