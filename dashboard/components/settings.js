/* What somebody chooses for this browser: colours, language, keys. And the keys, on a question mark. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t } = hub.ui;
  const { PageHead, Table } = hub.page;
  const KEYS = [["J", "Next alert"], ["K", "Previous alert"], ["A", "Acknowledge or accept"], ["O", "Take over"], ["C", "Log a call"], ["N", "Note"],
    ["M", "Message to the patient"], ["T", "Change a limit"], ["P", "Pause the measurements"],
    ["S", "Snooze"], ["B", "Remind me"], ["E", "Escalate"], ["R", "Close the alert"], ["/", "Find a patient"],
    ["?", "These keys"]];

  const KeyList = () => h("dl", { className: "keys" }, KEYS.map(([key, word]) => h("div", { key },
    h("dt", null, h("kbd", null, key)), h("dd", null, t(word)))));
  const store = (name, value) => { try { window.localStorage.setItem(name, value); } catch { /* a private window forgets */ } };

  const Choice = ({ legend, name, value, options, choose }) => h("fieldset", { className: "field choices" },
    h("legend", null, t(legend)), options.map(([key, word]) => h("label", { key, className: "choice" },
      h("input", { type: "radio", name, value: key, checked: value === key, onChange: () => choose(key) }), h("span", { lang: name === "language" ? key : undefined }, t(word)))));

  const StaffTable = ({ staff }) => h("section", { "aria-labelledby": "staff-title" },
    h("h2", { id: "staff-title" }, t("Staff of the wards")),
    h("p", { className: "page-lead" }, t("Staff are added, changed and ended with the command hearthward staff.")),
    h(Table, { label: "Staff of the wards", columns: ["Name", "E-mail", "Role", "Wards", "Told by", "Sign-in"] },
      staff.map((one) => h("tr", { key: one.id }, h("td", null, h("b", null, one.name), h("small", null, one.id)),
        h("td", null, one.email), h("td", null, one.role), h("td", null, one.wards),
        h("td", null, one.channels || h("span", { className: "quiet" }, t("No channel"))), h("td", null, one.state)))));

  const Settings = ({ data }) => {
    const [keys, setKeys] = React.useState(hub.keysOn() ? "on" : "off");
    return h(React.Fragment, null,
      h(PageHead, { title: "Settings" }),
      h("p", { className: "page-lead" }, data.name, " · ", data.email),
      h("div", { className: "settings-grid" }, h("section", { className: "card settings" },
        h(Choice, { legend: "Language", name: "language", value: hub.language, options: [["en", "English"], ["es", "Español"]],
          choose: (language) => {
            document.cookie = "hearthward_language=" + language + "; path=/; max-age=31536000; samesite=lax";
            window.location.reload();
          } }),
        h(Choice, { legend: "Keys", name: "keys", value: keys, options: [["on", "On"], ["off", "Off"]],
          choose: (key) => { store("hearthward-keys", key); setKeys(key); } }),
        h("p", { className: "hint" }, t("Keys never fire while you type."))),
      h(hub.watch.HubNow, { failed: data.failed }),
      h("section", { className: "card settings" }, h("h2", null, t("Keys")), h(KeyList))),
      data.staff && h(StaffTable, { staff: data.staff }));
  };
  hub.sections.settings = { title: "Settings", draw: Settings };

  const Help = () => {
    const [open, setOpen] = React.useState(false);
    const box = React.useRef(null);
    React.useLayoutEffect(() => {
      const pressed = (event) => {
        if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey || !hub.keysOn()) return;
        if (document.querySelector("dialog[open]")) return;
        if (event.key === "?") { event.preventDefault(); setOpen(true); }
        const search = event.key === "/" && document.querySelector("input[type=search]");
        if (search) { event.preventDefault(); search.focus(); }
      };
      document.addEventListener("keydown", pressed);
      return () => document.removeEventListener("keydown", pressed);
    }, []);
    hub.showKeys = () => setOpen(true);
    React.useEffect(() => { if (open && box.current && !box.current.open) box.current.showModal(); }, [open]);
    if (!open) return null;
    return h("dialog", { ref: box, className: "dialog", "aria-labelledby": "keys-title", onClose: () => setOpen(false) },
      h("form", { method: "dialog" },
        h("div", { className: "dialog-head" }, h("h2", { id: "keys-title" }, t("Keys"))),
        h("div", { className: "dialog-body" }, h(KeyList), h("p", { className: "hint" }, t("Switch them off under Settings."))),
        h("div", { className: "dialog-foot" }, h("button", { className: "button primary", type: "submit" }, t("Got it")))));
  };
  hub.KeysHelp = Help;
})();
