/* Gateways and devices: which there are, how they are, whose they are. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, span, since, follow } = hub.ui;
  const { field, text, select, ApiDialog } = hub.forms;
  const { PageHead, Empty } = hub.page;

  const record = () => field("record-number", "The patient's record number",
    text("record-number", "record_number", { required: true, maxLength: 60 }));

  const Flag = ({ words, bad }) => h("span", { className: bad ? "flag bad" : "flag" }, words);

  const Device = ({ device, open }) => h("li", { className: "device" },
    h("div", null,
      h("p", null, h("b", null, device.label), " ", h("span", { className: "quiet" }, device.id)),
      h("p", { className: "flags" },
        device.seen ? h(Flag, { words: t("Seen {span} ago", { span: span(since(device.seen), true) }) }) : h(Flag, { words: t("Never seen") }),
        device.battery !== null && h(Flag, { words: t("Battery {n} %", { n: device.battery }), bad: device.battery_low }),
        device.clock_off && h(Flag, { words: t("Clock is wrong"), bad: true }),
        device.needs_pairing && h(Flag, { words: t("Needs pairing"), bad: true })),
      device.people.length ? h("ul", { className: "people" }, device.people.map((one) => h("li", { key: one.href + one.slot },
        h("a", { href: one.href, onClick: follow }, one.name), one.slot !== null && " " + t("(user {n})", { n: one.slot }),
        h("button", { type: "button", className: "text-button", onClick: () => open({ kind: "end", device, slot: one.slot, name: one.name }) }, t("End")))))
        : h("p", { className: "quiet" }, t("Nobody's: its readings wait in quarantine."))),
    h("button", { type: "button", className: "button", onClick: () => open({ kind: "assign", device }) }, t("Give to a patient")));

  const Home = ({ home, open }) => h("li", { className: "card home" },
    h("div", { className: "home-head" },
      h("h2", null, home.label || home.id, " ", h("span", { className: "quiet" }, home.label ? home.id : "")),
      h("p", { className: "flags" },
        h(Flag, { words: !home.active ? t("Switched off") : home.online ? t("Online") : t("Offline"), bad: home.active && !home.online }),
        home.status && h(Flag, { words: t("Heard {span} ago", { span: span(since(home.status), true) }) }),
        home.waiting > 0 && h(Flag, { words: t("{n} readings waiting", { n: home.waiting }) }),
        home.missing > 0 && h(Flag, { words: t("{n} readings not arrived yet", { n: home.missing }), bad: true }))),
    home.devices.length ? h("ul", { className: "devices" }, home.devices.map((device) => h(Device, { key: device.id, device, open })))
      : h("p", { className: "quiet" }, t("No device yet.")));

  const DIALOGS = {
    gateway: () => ({ title: "Enrol a gateway", submit: "Enrol", said: "Gateway enrolled.", path: "/api/gateways", fields: [
      field("gateway-id", "Gateway id", text("gateway-id", "gateway_id", { required: true, pattern: "[A-Za-z0-9_\\-]{1,64}" }), "As it is set in the box."),
      field("gateway-label", "Where it stands", text("gateway-label", "label", { maxLength: 120 }))] }),
    device: ({ data }) => ({ title: "Enrol a device", submit: "Enrol", said: "Device enrolled.", path: "/api/devices", fields: [
      field("device-id", "Device id", text("device-id", "device_id", { required: true, pattern: "[A-Za-z0-9_\\-]{1,64}" })),
      field("device-profile", "Model", select("device-profile", "profile", data.profiles.map((one) => [one.id, one.name]), { required: true })),
      field("device-gateway", "Gateway", select("device-gateway", "gateway_id", data.gateways.map((one) => [one.id, one.label || one.id]), { required: true })),
      field("device-label", "Label (optional)", text("device-label", "label", { maxLength: 120 }))] }),
    assign: ({ device }) => ({ title: "Give the device to a patient", reason: device.label, submit: "Give", said: "Given.",
      path: "/api/devices/" + encodeURIComponent(device.id) + "/assign",
      body: (values) => ({ record_number: values.record_number, slot: values.slot === "" ? null : Number(values.slot) }), fields: [
        record(), field("slot", "User on the device", text("slot", "slot", { type: "number", min: 0, max: 255 }),
          "Only where the device keeps several people apart.")] }),
    end: ({ device, slot, name }) => ({ title: "End the assignment", who: name, reason: device.label, submit: "End it", said: "Ended.",
      path: "/api/devices/" + encodeURIComponent(device.id) + "/end", body: () => ({ slot }), fields: [
        h("p", { key: "words" }, t("From now on its readings wait in quarantine until it is given to somebody."))] }),
  };

  const Devices = ({ data }) => {
    const [open, setOpen] = React.useState(null);
    const { fields, ...dialog } = open ? DIALOGS[open.kind]({ data, ...open }) : {};
    return h(React.Fragment, null,
      h(PageHead, { title: "Gateways and devices", count: data.gateways.length },
        h("button", { type: "button", className: "button", onClick: () => setOpen({ kind: "gateway" }) }, t("Enrol a gateway")),
        data.gateways.length > 0 && h("button", { type: "button", className: "button", onClick: () => setOpen({ kind: "device" }) }, t("Enrol a device"))),
      data.gateways.length ? h("ul", { className: "cards" }, data.gateways.map((home) => h(Home, { key: home.id, home, open: setOpen })))
        : h(Empty, { words: "No gateway is enrolled yet." }),
      data.loose.length > 0 && h("section", null, h("h2", null, t("Devices without a gateway")),
        h("ul", { className: "devices card" }, data.loose.map((device) => h(Device, { key: device.id, device, open: setOpen })))),
      open && h(ApiDialog, { key: open.kind, ...dialog, dismiss: () => setOpen(null) }, fields));
  };

  hub.sections.devices = { title: "Gateways and devices", draw: Devices };
})();
