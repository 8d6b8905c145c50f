/* Dialogs and their fields, for everything that needs words before it is done. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon } = hub.ui;

  const field = (id, label, control, hint) => h("div", { className: "field", key: id },
    h("label", { htmlFor: id }, t(label)), hint && h("p", { className: "hint", id: id + "-hint" }, t(hint)), control);
  const text = (id, name, more) => h("input", { id, name, autoComplete: "off", ...more });
  const area = (id, name, more) => h("textarea", { id, name, rows: 4, maxLength: 2000, ...more });
  const select = (id, name, options, more) => h("select", { id, name, ...more },
    options.map(([value, word]) => h("option", { key: value, value }, word)));
  const choices = (name, legend, list, checked, changed) => h("fieldset", { className: "field choices", key: name },
    h("legend", null, t(legend)), list.map(([value, word, hint]) =>
      h("label", { key: value, className: "choice" },
        h("input", { type: "radio", name, value, required: true, defaultChecked: value === checked,
          onChange: changed && (() => changed(value)) }),
        h("span", null, t(word), hint && h("small", null, t(hint))))));

  /* What somebody had typed when their session ended waits in this tab, for them and for the same form of the same page. */
  const words = {
    key: "hearthward-words",
    keep: (element, title) => {
      const values = [...element.querySelectorAll("textarea, input:not([type=radio])")].filter((one) => one.name && one.value)
        .map((one) => [one.name, one.value]);
      if (!values.length) return;
      try {
        window.sessionStorage.setItem(words.key, JSON.stringify({ me: hub.me, path: window.location.pathname, title, values }));
      } catch { /* a private window keeps nothing */ }
    },
    put: (element, title) => {
      let kept = null;
      try { kept = JSON.parse(window.sessionStorage.getItem(words.key)); } catch { return; }
      if (!kept || kept.me !== hub.me || kept.path !== window.location.pathname || kept.title !== title) return;
      kept.values.forEach(([name, value]) => {
        const field = element.querySelector('[name="' + name + '"]');
        if (!field) return;
        /* React hears of what was not typed only through the element's own setter. */
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, value);
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
      window.sessionStorage.removeItem(words.key);
    },
    /* Nobody else finds them. */
    forget: (me) => {
      try {
        const kept = JSON.parse(window.sessionStorage.getItem(words.key));
        if (kept && kept.me !== me) window.sessionStorage.removeItem(words.key);
      } catch { /* nothing was kept */ }
    },
  };
  hub.forgetWords = words.forget;

  /* `who` repeats the patient's whole name: nobody acts on the wrong person because a dialog hid the banner. */
  const FormDialog = ({ title, who, about, reason, status, problem, busy, submit, act, dismiss, children, danger }) => {
    const box = React.useRef(null);
    React.useEffect(() => {
      const element = box.current, opener = document.activeElement;
      if (!element.open) element.showModal();
      const first = element.querySelector(".dialog-body input:checked") ||
        element.querySelector(".dialog-body input, .dialog-body select, .dialog-body textarea");
      if (first) first.focus();
      words.put(element, title);
      const keep = () => words.keep(element, title);
      window.addEventListener("hearthward:signed-out", keep);
      return () => {
        window.removeEventListener("hearthward:signed-out", keep);
        element.close();
        /* The dialog is gone from the page by now, so that the browser cannot give the focus back by itself. */
        if (opener && opener.isConnected) opener.focus({ preventScroll: true });
      };
    }, []);
    const submitted = (event) => {
      event.preventDefault();
      act(Object.fromEntries(new FormData(event.currentTarget).entries()));
    };
    return h("dialog", { ref: box, className: "dialog", "aria-labelledby": "dialog-title",
      onCancel: (event) => { event.preventDefault(); dismiss(); } },
      h("form", { onSubmit: submitted, id: "dialog-form" },
        h("div", { className: "dialog-head" },
          h("h2", { id: "dialog-title" }, t(title)),
          h("button", { type: "button", className: "round-button", onClick: dismiss, "aria-label": t("Cancel and close") },
            icon("close", 20)),
          who && h("p", null, h("strong", null, who), about && " · ", about),
          reason && h("p", { className: "dialog-reason" }, reason),
          h("div", { role: "status", className: "dialog-moved" }, status || null)),
        h("div", { className: "dialog-body" }, problem && h("p", { className: "dialog-problem", role: "alert" }, problem), children),
        h("div", { className: "dialog-foot" },
          h("button", { type: "button", className: "button", onClick: dismiss }, t("Cancel")),
          h("button", { type: "submit", className: "button primary" + (danger ? " danger" : ""), disabled: busy }, t(submit)))));
  };

  /* What the API answers: null when it is done, else the sentence to show. */
  hub.tell = async (path, body, done) => {
    try {
      const answer = await hub.post(path, body);
      if (answer.ok) {
        if (done) done(await answer.json());
        return null;
      }
      if (answer.status === 401) { window.dispatchEvent(new CustomEvent("hearthward:signed-out")); return t("Sign in first."); }
      const said = await answer.json();
      return said.error || t("Not done. Check what you filled in.");
    } catch {
      return t("The hub does not answer. Nothing was saved; try again.");
    }
  };
  /* Somebody did something: the page asks again, and says so. */
  hub.done = (title, more, undo) => {
    window.dash_clientside.set_props("acted", { data: { n: Date.now(), ...more } });
    window.dispatchEvent(new CustomEvent("hearthward:notice",
      { detail: { n: "own-" + Date.now(), kind: "done", title: t(title), text: "", undo } }));
  };
  /* Takes back what was done through the API; refused, it says why. */
  hub.takeBack = async (undo) => {
    const refused = await hub.tell(undo.path, { reason: t("Taken back at once"), ...undo.body });
    if (refused === null) hub.done("Taken back.", { readings: true });
    else window.dispatchEvent(new CustomEvent("hearthward:notice",
      { detail: { n: "own-" + Date.now(), kind: "refused", title: t("Not taken back"), text: refused } }));
  };

  /* A dialog whose answer goes to the API: it stays open with the sentence when the hub refuses. */
  const ApiDialog = ({ path, body, said, more, after, dismiss, blocked, children, ...rest }) => {
    const [busy, setBusy] = React.useState(false);
    const [problem, setProblem] = React.useState(null);
    const act = async (values) => {
      setBusy(true);
      let undo = null;
      const refused = await hub.tell(typeof path === "function" ? path(values) : path, body ? body(values) : values,
        (answer) => { undo = answer.undo ? { path: answer.undo, body: {} } : null; });
      setBusy(false);
      setProblem(refused);
      if (refused === null) { hub.done(said, more, undo); if (after) after(); dismiss(); }
    };
    return h(FormDialog, { ...rest, busy: busy || blocked, problem, act, dismiss }, children);
  };

  /* A record number, and whose it is: nothing is given to anybody before their name and date of birth stand here. An
     answer that comes late is to another number. */
  const useWhose = (beside) => {
    const [number, setNumber] = React.useState("");
    const [found, setFound] = React.useState({});
    React.useEffect(() => {
      if (!number.trim()) return undefined;
      let alive = true;
      const timer = setTimeout(async () => {
        let answered = { asked: number, lost: true };
        try {
          const answer = await hub.post("/api/patients/whose", { record_number: number, beside: beside || null });
          if (answer.ok) answered = { asked: number, patient: (await answer.json()).patient };
        } catch { /* said in the answer's place */ }
        if (alive) setFound(answered);
      }, 300);
      return () => { alive = false; clearTimeout(timer); };
    }, [number, beside]);
    const known = found.asked === number ? found : null;
    const words = !number.trim() ? t("Their name and date of birth will stand here.") : !known ? t("Looking it up") + "…"
      : known.lost ? t("It could not be looked up. Type it again.") : t("No patient of your ward has this record number.");
    const patient = known && known.patient;
    return { patient, field: field("record-number", "The patient's record number", h(React.Fragment, null,
      text("record-number", "record_number", { required: true, maxLength: 60, value: number, "aria-describedby": "whose",
        onChange: (event) => setNumber(event.target.value) }),
      h("p", { className: "whose" + (patient ? " found" : ""), id: "whose", role: "status" }, patient
        ? [h("b", { key: "name" }, patient.name), " " + patient.about + " · " + t("Born") + " ", h("b", { key: "born" }, patient.born)]
        : words))) };
  };

  hub.forms = { field, text, area, select, choices, useWhose, FormDialog, ApiDialog };
})();
