/* Reminders: a nurse asks to be told of an alert again at a time, and then is, on whatever page they are. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, now, useTick } = hub.ui;
  const { field, text, choices, ApiDialog } = hub.forms;
  const AHEAD = [["30", "In 30 minutes"], ["60", "In 1 hour"], ["120", "In 2 hours"], ["240", "In 4 hours"], ["at", "At another time"]];
  const ASK_AGAIN = 300000;  /* what was set on another of this person's screens is known by then */

  const two = (number) => String(number).padStart(2, "0");
  const forInput = (at) => at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()) + "T" +
    two(at.getHours()) + ":" + two(at.getMinutes());

  const RemindDialog = ({ data, dismiss }) => {
    const [ahead, setAhead] = React.useState("60");
    const at = (values) => (ahead === "at" ? new Date(values.at) : new Date(now() + Number(ahead) * 60000));
    return h(ApiDialog, { title: "Remind me", who: data.patient.name, about: data.patient.about, reason: data.alert.reason,
      dismiss, path: "/api/reminders", submit: "Remind me", said: "You will be reminded.", after: () => hub.askReminders(),
      body: (values) => ({ alert: data.alert.id, at: at(values).toISOString(), note: values.note }) },
      choices("ahead", "When?", AHEAD, ahead, setAhead),
      ahead === "at" && field("remind-at", "Date and time", h("input", { id: "remind-at", name: "at", type: "datetime-local",
        required: true, min: forInput(new Date(now())), defaultValue: forInput(new Date(now() + 86400000)) })),
      field("remind-note", "What for? (optional)", text("remind-note", "note", { maxLength: 200 }),
        "Only you are reminded. The alert stays where it is, for everybody."));
  };

  const tell = (one) => window.dispatchEvent(new CustomEvent("hearthward:notice", { detail: {
    n: "reminder-" + one.alert + "-" + one.at, kind: "reminder", title: t("Reminder: {name}", { name: one.name }),
    text: one.note || one.reason, href: "/app/alerts/" + one.alert, done: () => hub.endReminder(one.alert) } }));
  hub.endReminder = async (alert) => {
    const refused = await hub.tell("/api/reminders/" + alert + "/end", {});
    if (refused === null) { hub.done("Reminder removed."); hub.askReminders(); }
  };

  /* Mounted once, in the bar on top. Before anybody is told the hub is asked whether it still waits. */
  const Reminders = () => {
    useTick(2000);
    const [waiting, setWaiting] = React.useState([]);
    const asking = React.useRef(false), told = React.useRef(new Set());
    const ask = async () => {
      if (asking.current) return;
      asking.current = true;
      try {
        const answer = await fetch("/api/reminders", { credentials: "same-origin" });
        if (answer.ok) setWaiting(await answer.json());
      } catch { /* no network: asked again */ } finally { asking.current = false; }
    };
    hub.askReminders = ask;
    React.useEffect(() => {
      ask();
      const timer = setInterval(ask, ASK_AGAIN);
      return () => clearInterval(timer);
    }, []);
    const due = waiting.filter((one) => new Date(one.at).getTime() <= now() && !told.current.has(one.alert + one.at));
    React.useEffect(() => {
      if (!due.length) return;
      due.forEach((one) => { told.current.add(one.alert + one.at); });
      fetch("/api/reminders", { credentials: "same-origin" }).then((answer) => answer.json()).then((still) => {
        const open = new Set(still.map((one) => one.alert + one.at));
        due.filter((one) => open.has(one.alert + one.at)).forEach(tell);
      }, () => due.forEach(tell));
    }, [due.length]);
    return null;
  };

  hub.reminders = { RemindDialog, Reminders };
})();
