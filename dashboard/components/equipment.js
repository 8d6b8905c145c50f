/* Gateways and devices: which there are, how they are, whose they are. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon, ago, whenIn, follow } = hub.ui;
  const { field, text, useWhose, ApiDialog } = hub.forms;
  const { PageHead, Empty, Pager } = hub.page;

  const STATES = { offline: "offline", battery_low: "battery low", pairing: "need pairing", clock_off: "clock wrong",
    nobodys: "nobody's" };

  /* Nothing is chosen until somebody chooses: a device under the wrong model or gateway says nonsense, or nothing. */
  const choice = (id, name, empty, options) => h("select", { id, name, required: true, defaultValue: "" },
    h("option", { value: "", disabled: true }, t(empty)), options.map(([value, word]) => h("option", { key: value, value }, word)));

  const Flag = ({ words, bad }) => h("span", { className: bad ? "flag bad" : "flag" }, words);

  const Holder = ({ device, one, open }) => {
    const slot = one.slot !== null && " " + t("(user {n})", { n: one.slot });
    if (!one.name) return h("li", { className: "quiet" }, t("A patient of another ward"), slot);
    return h("li", null, h("a", { href: one.href, onClick: follow }, one.name), " ", h("span", { className: "quiet" }, one.record_number), slot,
      h("button", { type: "button", className: "text-button", onClick: () => open({ kind: "end", device, one }),
        "aria-label": t("End the assignment of {device} to {name}", { device: device.label, name: one.name }) }, t("End assignment")));
  };

  const Device = ({ device, open }) => h("li", { className: "device" },
    h("div", null,
      h("p", null, h("b", null, device.label), " ", h("span", { className: "quiet" }, device.id)),
      h("p", { className: "flags" },
        h(Flag, { words: device.seen ? t("Seen {ago}", { ago: ago(device.seen) }) : t("Never seen") }),
        device.battery !== null && h(Flag, { words: t("Battery {n} %", { n: device.battery }), bad: device.battery_low }),
        device.clock_off && h(Flag, { words: t("Clock is wrong"), bad: true }),
        device.needs_pairing && h(Flag, { words: t("Needs pairing"), bad: true })),
      device.people.length ? h("ul", { className: "people" }, device.people.map((one) =>
        h(Holder, { key: one.since + one.slot, device, one, open })))
        : h("p", { className: "quiet" }, t("Nobody's: its readings wait in quarantine."))),
    h("button", { type: "button", className: "button", onClick: () => open({ kind: "assign", device }) }, t("Give to a patient")));

  const Home = ({ home, open }) => h("li", { className: "card home" },
    h("div", { className: "home-head" },
      h("h2", null, home.label || t("Gateway without a label"), " ", h("span", { className: "quiet" }, home.id)),
      h("p", { className: "flags" },
        h(Flag, { words: !home.active ? t("Switched off") : home.online ? t("Online") : t("Offline"), bad: home.active && !home.online }),
        home.status && h(Flag, { words: t("Heard {ago}", { ago: ago(home.status) }) }),
        home.waiting > 0 && h(Flag, { words: t("{n} readings waiting", { n: home.waiting }) }),
        home.missing > 0 && h(Flag, { words: t("{n} readings not arrived yet", { n: home.missing }), bad: true })),
      h("button", { type: "button", className: "text-button", onClick: () => open({ kind: "device", home }) }, t("Enrol a device here"))),
    home.devices.length ? h("ul", { className: "devices" }, home.devices.map((device) => h(Device, { key: device.id, device, open })))
      : h("p", { className: "quiet" }, t("No device yet.")));

  const DIALOGS = {
    gateway: () => ({ title: "Enrol a gateway", submit: "Enrol", said: "Gateway enrolled.", path: "/api/gateways", fields: [
      field("gateway-id", "Gateway id", text("gateway-id", "gateway_id", { required: true, pattern: "[A-Za-z0-9_\\-]{1,64}" }), "As it is set in the box."),
      field("gateway-label", "Where it stands", text("gateway-label", "label", { maxLength: 120 }))] }),
    device: ({ data, home }) => ({ title: "Enrol a device", submit: "Enrol", said: "Device enrolled.", path: "/api/devices",
      reason: home && (home.label || home.id), body: (values) => ({ ...values, gateway_id: home ? home.id : values.gateway_id }), fields: [
        field("device-id", "Device id", text("device-id", "device_id", { required: true, pattern: "[A-Za-z0-9_\\-]{1,64}" })),
        field("device-profile", "Model", choice("device-profile", "profile", "Choose the model", data.profiles.map((one) => [one.id, one.name]))),
        !home && field("device-gateway", "Gateway", choice("device-gateway", "gateway_id", "Choose the gateway",
          data.gateways.map((one) => [one.id, one.label || one.id])), "Those on this page. Search for another one first."),
        field("device-label", "Label (optional)", text("device-label", "label", { maxLength: 120 }))] }),
    end: ({ device, one }) => ({ title: "End the assignment", who: one.name, about: one.record_number,
      reason: device.label + " " + device.id, submit: "End assignment", said: "The assignment has ended.",
      path: "/api/devices/" + encodeURIComponent(device.id) + "/end", body: () => ({ slot: one.slot }), fields: [
        h("p", { key: "since" }, t("{device} has been {name}'s since {when}.", { device: device.label, name: one.name, when: whenIn(one.since) })),
        h("p", { key: "words" }, t("From now on its readings wait in quarantine until it is given to somebody. Earlier readings stay where they are."))] }),
  };

  const AssignDialog = ({ device, dismiss }) => {
    const whose = useWhose();
    return h(ApiDialog, { title: "Give the device to a patient", reason: device.label + " " + device.id, submit: "Give", said: "Given.", dismiss,
      blocked: !whose.patient, path: "/api/devices/" + encodeURIComponent(device.id) + "/assign",
      body: (values) => ({ record_number: values.record_number, slot: values.slot === "" ? null : Number(values.slot) }) },
    whose.field, field("slot", "User on the device", text("slot", "slot", { type: "number", min: 0, max: 255 }),
      "Only where the device keeps several people apart."));
  };

  const Search = ({ data, asked, askFor }) => {
    const [words, setWords] = React.useState(data.search);
    React.useEffect(() => {
      if (words === asked.current.search) return undefined;
      const timer = setTimeout(() => askFor({ search: words }), 250);
      return () => clearTimeout(timer);
    }, [words]);
    return h("div", { className: "search" }, icon("search", 16),
      h("input", { type: "search", value: words, placeholder: t("Home, device or patient"), autoComplete: "off",
        "aria-label": t("Find a home by its gateway, a device or a patient"), onChange: (event) => setWords(event.target.value) }));
  };

  const States = ({ data, askFor }) => h("div", { className: "chips", role: "group", "aria-label": t("What to see to") },
    data.states.filter((one) => one.count > 0 || data.state === one.key).map((one) => h("button", { key: one.key, type: "button",
      "aria-pressed": data.state === one.key, onClick: () => askFor({ state: data.state === one.key ? null : one.key }) },
    h("b", null, one.count), " ", t(STATES[one.key]))));

  const Devices = ({ data, ask }) => {
    const [open, setOpen] = React.useState(null);
    /* Two changes within one answer's time add up: the second must not bring back what the first left. */
    const asked = React.useRef({ search: data.search, state: data.state });
    const askFor = (change) => { asked.current = { ...asked.current, ...change }; ask(asked.current); };
    const dismiss = () => setOpen(null);
    const { fields, ...dialog } = open && DIALOGS[open.kind] ? DIALOGS[open.kind]({ data, ...open }) : {};
    const found = data.gateways.length + data.loose.length > 0;
    return h(React.Fragment, null,
      h(PageHead, { title: "Gateways and devices", count: data.total },
        h(Search, { data, asked, askFor }),
        h("button", { type: "button", className: "button", onClick: () => setOpen({ kind: "gateway" }) }, t("Enrol a gateway")),
        data.gateways.length > 0 && h("button", { type: "button", className: "button", onClick: () => setOpen({ kind: "device" }) }, t("Enrol a device"))),
      h(States, { data, askFor }),
      data.gateways.length > 0 && h("ul", { className: "cards" }, data.gateways.map((home) => h(Home, { key: home.id, home, open: setOpen }))),
      !found && h(Empty, { words: data.total ? "No home matches." : "No gateway is enrolled yet." }),
      data.loose.length > 0 && h("section", null, h("h2", null, t("Devices without a gateway")),
        h("ul", { className: "devices card" }, data.loose.map((device) => h(Device, { key: device.id, device, open: setOpen })))),
      h(Pager, { key: data.search + data.state, label: "More homes", next: data.next, ask: (after) => ask({ ...asked.current, after }) }),
      open && open.kind === "assign" && h(AssignDialog, { device: open.device, dismiss }),
      fields && h(ApiDialog, { key: open.kind, ...dialog, dismiss }, fields));
  };

  hub.sections.devices = { title: "Gateways and devices", draw: Devices };
})();
