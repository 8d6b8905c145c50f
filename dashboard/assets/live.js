/* The live line: one EventSource, made anew when the server refused it, and the theme before the first paint. */
(function () {
  "use strict";
  const hub = (window.hearthward = window.hearthward || {});
  const stored = (() => { try { return window.localStorage.getItem("hearthward-theme"); } catch { return null; } })();
  const preferred = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  hub.theme = stored || preferred;
  hub.setTheme = (theme) => {
    hub.theme = theme;
    document.documentElement.dataset.theme = theme;
    try { window.localStorage.setItem("hearthward-theme", theme); } catch { /* a private window forgets */ }
  };
  document.documentElement.dataset.theme = hub.theme;

  if (!window.location.pathname.startsWith("/app/")) return;
  hub.live = { heardAt: 0, lostAt: 0, database: false, rulesAt: null, watch: null };
  hub.quietAfter = 40000;  /* no heartbeat for so long: the page may be stale, and the line is made anew */
  let count = 0, pending = null, wait = 1000, source = null, wasLost = false, begunAt = 0;

  const tell = (id, props) => {
    if (window.dash_clientside && window.dash_clientside.set_props) window.dash_clientside.set_props(id, props);
  };
  /* Several changes within a quarter of a second are one look at the server. */
  const changed = (what) => {
    pending = pending || { patients: [], alerts: [], all: false };
    if (what) {
      if (what.patient && !pending.patients.includes(what.patient)) pending.patients.push(what.patient);
      if (what.alert && !pending.alerts.includes(what.alert)) pending.alerts.push(what.alert);
    } else {
      pending.all = true;
    }
    if (pending.timer) return;
    pending.timer = setTimeout(() => {
      const { patients, alerts, all } = pending;
      pending = null;
      count += 1;
      const news = { data: { n: count, patients, alerts, all } };
      tell("live", news);
      if (all || !othersOnly(patients)) tell("live-patient", news);
      /* The other pages change when somebody asks. */
      if (/^\/app\/(quarantine|devices)$/.test(window.location.pathname)) tell("live-page", news);
    }, 250);
  };
  hub.lookAgain = () => {
    count += 1;
    tell("live-patient", { data: { n: count, patients: [], alerts: [], all: true } });
  };
  /* Whether the page shows one patient, has come to rest, and what changed is of others. */
  const othersOnly = (patients) =>
    hub.shown && hub.shown.path === window.location.pathname && !patients.includes(hub.shown.patient);
  const heard = () => { hub.live.heardAt = Date.now(); hub.live.lostAt = 0; };

  const connect = () => {
    begunAt = Date.now();
    source = new EventSource("/events");
    source.onopen = () => {
      wait = 1000;
      heard();
      if (wasLost) { wasLost = false; changed(null); }
    };
    source.addEventListener("beat", (event) => {
      const beat = JSON.parse(event.data);
      heard();
      hub.live.database = beat.database;
      hub.live.watch = beat.watch;
      hub.live.rulesAt = beat.watch ? beat.watch.beats.alerts || null : hub.live.rulesAt;
      if (hub.serverNow) hub.serverNow(beat.now);
    });
    source.addEventListener("change", (event) => { heard(); changed(JSON.parse(event.data)); });
    source.addEventListener("everything", () => { heard(); changed(null); });
    source.addEventListener("signed-out", () => { source.close(); signedOut(); });
    source.onerror = () => {
      wasLost = true;
      hub.live.lostAt = hub.live.lostAt || Date.now();
      /* After an answer that is not 200 an EventSource never tries again by itself. */
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(tryAgain, wait);
        wait = Math.min(wait * 2, 15000);
      }
    };
  };
  /* A callback that fails must not fail silently: the person is told, or asked to sign in again. */
  const plainFetch = window.fetch.bind(window);
  const ANSWER_WITHIN = 30000;
  let complained = 0;
  const complain = (title) => {
    if (Date.now() - complained < 5000) return;
    complained = Date.now();
    window.dispatchEvent(new CustomEvent("hearthward:notice", { detail: { n: "failed-" + complained, kind: "refused", title,
      text: hub.ui ? hub.ui.t("What you see may be old. Try again, or reload the page.") : "" } }));
  };
  window.fetch = async (resource, options) => {
    const address = String(resource && resource.url ? resource.url : resource);
    const ofDash = address.includes("/app/_dash-update-component");
    if (!ofDash && !address.includes("/api/worklist")) return plainFetch(resource, options);
    try {
      /* On a dead line a request never ends by itself, and whoever waits for it would wait for ever. */
      const answer = await plainFetch(resource, { signal: AbortSignal.timeout(ANSWER_WITHIN), ...options });
      if (answer.status < 400) return answer;
      if (answer.status === 401) signedOut();
      else complain(hub.ui ? hub.ui.t("The hub could not do that") : "");
      if (ofDash) failed();
      /* Dash would read a refused answer's words twice, which is an error; nothing of the page changes by it. */
      return ofDash && answer.status === 401 ? new Response(null, { status: 204 }) : answer;
    } catch (error) {
      complain(hub.ui ? hub.ui.t("The hub does not answer") : "");
      if (ofDash) failed();
      throw error;
    }
  };
  /* What somebody did may not have been done: who waits for its answer waits no more. */
  const failed = () => window.dispatchEvent(new CustomEvent("hearthward:failed"));
  const signedOut = () => window.dispatchEvent(new CustomEvent("hearthward:signed-out"));
  const tryAgain = async () => {
    try {
      const answer = await fetch("/api/presence", { credentials: "same-origin" });
      if (answer.status === 401) { signedOut(); return; }
    } catch { /* still no network: EventSource says so again */ }
    connect();
  };
  connect();
  /* A line that is open and silent never ends by itself: nobody would hear when the hub speaks again. */
  setInterval(() => {
    const quiet = Date.now() - Math.max(hub.live.heardAt, begunAt);
    if (quiet <= hub.quietAfter || source.readyState === EventSource.CLOSED) return;
    source.close();
    wasLost = true;
    connect();
  }, 1000);

  /* A person is here: told at most once a minute, and never by a timer or a live event. */
  let told = Date.now();
  const here = () => {
    if (Date.now() - told < 60000 || !hub.post) return;
    told = Date.now();
    hub.post("/api/presence").then((answer) => { if (answer.status === 401) signedOut(); }, () => {});
  };
  ["pointerdown", "keydown", "wheel"].forEach((name) => window.addEventListener(name, here, { passive: true }));
})();
