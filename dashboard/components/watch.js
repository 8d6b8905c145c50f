/* Whether anybody watches and can be told: the light, what is in trouble, and both in full on the page Settings. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, when, whenIn, useTick, follow, span } = hub.ui;

  const LOST_AFTER = 4000;    /* the line broke and has not come back for so long; a reconnection takes two seconds */
  const LATE_AFTER = 90000;   /* a process has not said anything for so long: it does not work */
  const DUTIES = { nurse: "nurse on duty", backup: "backup", on_call: "on call", lead: "lead nurse" };

  const lightState = (live) => {
    const quiet = Date.now() - live.heardAt;
    if (!live.heardAt) return { state: "waiting", text: t("Connecting") };
    if (quiet > hub.quietAfter || (live.lostAt && Date.now() - live.lostAt > LOST_AFTER)) {
      return { state: "bad", text: t("Not updating"), detail: t("Nothing heard for {span}",
        { span: quiet < 120000 ? t("{n} s", { n: Math.round(quiet / 1000) }) : span(quiet) }) };
    }
    if (!live.database) return { state: "bad", text: t("Not updating"), detail: t("The database does not answer") };
    if (!live.rulesAt) return { state: "bad", text: t("Rules have not run"), detail: t("No alert can be raised") };
    const age = silence(live, "alerts");
    if (age > LATE_AFTER) {
      return { state: "bad", text: t("Rules have not run for {span}", { span: span(age) }),
        detail: t("No alert can be raised") };
    }
    return { state: "good", text: t("Live"), detail: t("Rules last ran {n} s ago", { n: Math.round(age / 1000) }) };
  };
  /* How long a process has been silent; null where it never spoke. */
  const silence = (live, name) => {
    const at = live.watch && live.watch.beats[name];
    return at ? Math.max(0, hub.ui.now() - new Date(at).getTime()) : null;
  };

  /* What keeps readings from coming in, or people from being told. `bad` shows on every screen. */
  const troubles = (live) => {
    const watch = live.watch;
    if (!watch) return [];
    const found = [];
    const add = (bad, words, href) => found.push({ bad, words, href });
    const ingest = silence(live, "ingest"), notify = silence(live, "notify");
    if (ingest === null) add(true, t("Readings have never been taken in"));
    else if (ingest > LATE_AFTER) add(true, t("No readings taken in for {span}", { span: span(ingest) }));
    if (notify === null || watch.idle === "no_channel") add(false, t("Nobody is told outside this screen: no channel is set up"));
    else if (notify > LATE_AFTER) add(true, t("Nobody has been notified for {span}", { span: span(notify) }));
    else if (watch.idle) add(true, t("Nobody can be notified: no contact is recorded"));
    if (watch.unstaffed && watch.unstaffed.nobody) add(true, t("Nobody is on duty who can be notified"));
    else if (watch.unstaffed) {
      add(false, t("Nobody can be notified as {duties}", { duties: watch.unstaffed.duties.map((duty) => t(DUTIES[duty])).join(", ") }));
    }
    watch.channels.forEach((channel) => add(true, t("{channel} does not work since {when}", { channel: channel.name, when: whenIn(channel.since) })));
    if (watch.failed) {
      add(true, t(watch.failed === 1 ? "1 alert reached nobody" : "{n} alerts reached nobody", { n: watch.failed }));
    }
    if (watch.offline) {
      add(false, t(watch.offline === 1 ? "1 gateway is offline" : "{n} gateways are offline", { n: watch.offline }), "/app/devices");
    }
    return found;
  };

  const Light = () => {
    useTick(1000);
    const light = lightState(hub.live || { heardAt: 0 });
    return h("div", { className: "light light-" + light.state, id: "live-light" },
      h("span", { className: "light-dot", "aria-hidden": "true" }),
      h("span", { className: "light-text" }, light.text),
      light.detail && h("span", { className: "light-detail" }, light.detail));
  };

  /* Heard by screen readers only when the state changes, not each second. */
  const LightForReaders = () => {
    useTick(5000);
    const live = hub.live || { heardAt: 0 };
    const light = lightState(live);
    const words = (light.state === "bad" ? [light.text] : []).concat(troubles(live).filter((one) => one.bad).map((one) => one.words));
    return h("div", { className: "for-readers", role: "status" }, words.join(". "));
  };

  const Troubles = () => {
    useTick(5000);
    const bad = troubles(hub.live || {}).filter((one) => one.bad);
    if (!bad.length) return null;
    return h("a", { className: "light light-bad troubles", id: "troubles", href: "/app/settings", onClick: follow,
      title: bad.map((one) => one.words).join(". ") },
      h("span", { className: "light-dot", "aria-hidden": "true" }),
      h("span", { className: "light-text" }, bad[0].words), bad.length > 1 && h("b", null, "+" + (bad.length - 1)));
  };

  const BEATS = [["alerts", "Rules"], ["ingest", "Taking in readings"], ["notify", "Notifying"]];
  const said = (age) => {
    if (age === null) return t("Never");
    return age < 120000 ? t("{n} s ago", { n: Math.round(age / 1000) }) : t("{span} ago", { span: span(age) });
  };
  const HubNow = ({ failed }) => {
    useTick(1000);
    const live = hub.live || { heardAt: 0 };
    const found = troubles(live);
    return h("section", { className: "card settings", "aria-labelledby": "hub-now" },
      h("h2", { id: "hub-now" }, t("The hub now")),
      h("dl", { className: "beats" }, BEATS.map(([name, word]) => {
        const age = silence(live, name);
        const late = name === "notify" ? age !== null && age > LATE_AFTER : age === null || age > LATE_AFTER;
        return h("div", { key: name }, h("dt", null, t(word)),
          h("dd", null, live.watch ? h("span", { className: late ? "flag bad" : "flag" }, said(age)) : t("Connecting")));
      })),
      found.length ? h("ul", { className: "troubles-list" }, found.map((one) => h("li", { key: one.words, className: one.bad ? "bad" : "" },
        one.href ? h("a", { href: one.href, onClick: follow }, one.words) : one.words)))
        : h("p", { className: "quiet" }, t("Everything works.")),
      live.watch && live.watch.channels.map((channel) => h("p", { key: channel.name, className: "quiet" }, channel.name + ": " + channel.why)),
      failed.length > 0 && h(React.Fragment, null, h("h3", null, t("Could not be delivered in the last 7 days")),
        h("ul", { className: "given-up" }, failed.map((one) => h("li", { key: one.key },
          h("a", { href: one.href, onClick: follow }, t("Alert {n}", { n: one.alert })), " · ", one.to, " · ", one.channel, " · ", when(one.at),
          one.why && h("small", null, one.why))))));
  };

  const Told = ({ channels }) => h(React.Fragment, null, h("h2", null, t("How people were told")),
    channels.length ? h(hub.page.Table, { label: "How people were told", columns: ["Channel", "Delivered", "Failed", "Half delivered within"] },
      channels.map((one) => h("tr", { key: one.name }, h("td", null, one.name), h("td", null, one.sent), h("td", null, one.failed),
        h("td", null, one.median))))
      : h(hub.page.Empty, { words: "Nobody was notified in this time." }));

  hub.watch = { Told, Light, LightForReaders, Troubles, HubNow };
})();
