/* What every component is drawn with: elements, icons, words about time, sparkline, the way to another page. */
(function () {
  "use strict";
  const h = React.createElement;
  const hub = (window.hearthward = window.hearthward || {});
  window.dashboard = window.dashboard || {};

  const said = document.cookie.split("; ").find((part) => part.startsWith("hearthward_language="));
  hub.language = said && said.endsWith("=es") ? "es" : "en";
  document.documentElement.lang = hub.language;

  /* The decimal mark is the language's, for people's eyes: docs/vocabulary.md. */
  const decimal = (value) => (hub.language === "es" && typeof value === "number" ? String(value).replace(".", ",") : String(value));

  /* Words: English is the key; another language's table is put into hub.words by its own script. */
  const t = (text, values) => {
    const table = hub.words && hub.words[hub.language];
    const found = (table && table[text]) || text;
    return values ? found.replace(/\{(\w+)\}/g, (_, key) => decimal(values[key])) : found;
  };

  const PATHS = {
    check: "M4 10.5l4 4 8-9",
    phone: "M6.2 3.5l2 3.6-1.6 1.7a10 10 0 0 0 4.6 4.6l1.7-1.6 3.6 2v2.4c0 .8-.7 1.4-1.5 1.3C8.600 16.900 3.100 11.400 2.500 5c-.1-.8.5-1.5 1.300-1.500z",
    note: "M4 3.500h12v9l-4 4H4zM12 16.500v-4h4M7 7.500h6M7 10.500h3",
    clock: "M10 3a7 7 0 1 0 .01 0zM10 6.500V10l2.500 2",
    bell: "M5 14V9a5 5 0 0 1 10 0v5l1.500 1.500h-13zM8.500 17.500h3",
    up: "M10 16V4.500M5 9.500l5-5 5 5",
    done: "M10 3a7 7 0 1 0 .01 0zM7 10.200l2.200 2.200 4-4.600",
    back: "M12 4.500L6.500 10l5.500 5.500",
    next: "M8 4.500l5.500 5.500L8 15.500",
    search: "M9 3.500a5.500 5.500 0 1 0 .01 0zM13.200 13.200L17 17",
    moon: "M15.500 12.200A6.500 6.500 0 0 1 7.800 4.500a6.500 6.500 0 1 0 7.700 7.700z",
    sun: "M10 6.500a3.500 3.500 0 1 0 .01 0zM10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M15.700 4.300l-1.100 1.100M5.400 14.600l-1.100 1.100",
    close: "M5 5l10 10M15 5L5 15",
    undo: "M4 8h8a4 4 0 0 1 0 8H8M4 8l3.500-3.500M4 8l3.500 3.500",
    limits: "M3 6.500h6M13 6.500h4M3 13.500h3M10 13.500h7M11 4.500v4M8 11.500v4",
    keys: "M2.500 5.500h15v9h-15zM5.500 8.500h.01M8.500 8.500h.01M11.500 8.500h.01M14.500 8.500h.01M6.500 11.500h7",
    message: "M3 4.500h14v9H9l-4 3.500v-3.500H3z",
    out: "M12 3.500H4v13h8M8.500 10H17M14 7l3 3-3 3",
    device: "M6 3h8v14H6zM9 14.500h2",
    expand: "M11.500 3.500h5v5M8.500 16.500h-5v-5M16.500 3.500L11 9M3.500 16.500L9 11",
    more: "M4.500 10h.01M10 10h.01M15.500 10h.01",
    pause: "M7 5v10M13 5v10",
    play: "M7 4.500v11l8-5.500z",
  };
  const icon = (name, size) =>
    h("svg", {
      className: "icon", width: size || 18, height: size || 18, viewBox: "0 0 20 20", fill: "none",
      stroke: "currentColor", strokeWidth: 1.7, strokeLinecap: "round", strokeLinejoin: "round",
      "aria-hidden": "true", focusable: "false",
    }, h("path", { d: PATHS[name] }));

  /* Priority is told by shape and word as well as by colour: octagon, triangle, circle. */
  const SHAPES = {
    high: ["M6 1h8l5 5v8l-5 5H6l-5-5V6z", "M10 5.500v5.500M10 14.200v.1"],
    medium: ["M10 1.800L19.200 18H.8z", "M10 7.500v4.700M10 15.200v.1"],
    low: ["M10 1.500a8.500 8.500 0 1 0 .01 0z", "M6.200 10h7.600"],
  };
  const WORDS = { high: "Urgent", medium: "Soon", low: "Routine" };
  const WITHIN = { high: "act within 1 hour", medium: "act the same day", low: "act by tomorrow" };
  const mark = (priority, size, beside) =>
    h("svg", { className: "mark mark-" + priority, width: size || 20, height: size || 20, viewBox: "0 0 20 20",
      /* Beside its own word it is decoration; alone it says the word. */
      ...(beside ? { "aria-hidden": "true" } : { role: "img", "aria-label": t(WORDS[priority]) }) },
      h("path", { className: "mark-shape", d: SHAPES[priority][0] }),
      h("path", { className: "mark-sign", d: SHAPES[priority][1] }));

  /* Time. The server's clock counts: a ward computer's may be wrong. */
  let offset = 0;
  hub.serverNow = (iso) => { offset = new Date(iso).getTime() - Date.now(); };
  const now = () => Date.now() + offset;
  const span = (milliseconds, coarse) => {
    const minutes = Math.max(0, Math.floor(milliseconds / 60000));
    if (minutes < 60) return t("{n} min", { n: minutes });
    const hours = Math.floor(minutes / 60);
    if (hours < 24) {
      return minutes % 60 && hours < 6 && !coarse ? t("{h} h {m} min", { h: hours, m: minutes % 60 }) : t("{n} h", { n: hours });
    }
    const days = Math.floor(hours / 24);
    return days === 1 ? t("1 day") : t("{n} days", { n: days });
  };
  const since = (iso) => now() - new Date(iso).getTime();
  const dueIn = (iso, coarse) => {
    const left = new Date(iso).getTime() - now();
    if (left < -60000) return { text: t("Overdue {span}", { span: span(-left, coarse) }), late: true };
    if (left < 60000) return { text: t("Due now"), late: true };
    return { text: t("Due in {span}", { span: span(left, coarse) }), soon: left < 3600000 };
  };
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const two = (number) => String(number).padStart(2, "0");
  const clockTime = (iso) => { const at = new Date(iso); return two(at.getHours()) + ":" + two(at.getMinutes()); };
  const when = (iso) => {
    const at = new Date(iso), today = new Date(now());
    const day = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
    const days = Math.round((day(today) - day(at)) / 86400000);
    if (days === 0) return t("Today {time}", { time: clockTime(iso) });
    if (days === 1) return t("Yesterday {time}", { time: clockTime(iso) });
    const month = t(MONTHS[at.getMonth()]);
    const year = at.getFullYear() === today.getFullYear() ? "" : "-" + at.getFullYear();
    return two(at.getDate()) + "-" + month + year + " " + clockTime(iso);
  };
  /* The same in the middle of a sentence. */
  const whenIn = (iso) => {
    const words = when(iso);
    return /\d/.test(words[0]) ? words : words[0].toLowerCase() + words.slice(1);
  };
  /* How long ago, as people say it: nobody counts to zero minutes. */
  const ago = (iso) => {
    const passed = since(iso);
    return passed < 60000 ? t("just now") : t("{span} ago", { span: span(passed, true) });
  };
  const useTick = (milliseconds) => {
    const [, setCount] = React.useState(0);
    React.useEffect(() => {
      const timer = setInterval(() => setCount((count) => count + 1), milliseconds);
      return () => clearInterval(timer);
    }, [milliseconds]);
  };

  /* A fortnight in 84 x 28: a value of each day, gaps as gaps, the target as a band, a diamond where it ends outside. */
  const sparkline = (values, band, fired) => {
    if (!values) return null;
    const known = values.filter((value) => value !== null);
    if (!known.length) return null;
    const all = known.concat(band ? band.filter((edge) => edge !== null) : []);
    let low = Math.min(...all), high = Math.max(...all);
    if (high - low < 1e-9) { low -= 1; high += 1; }
    const width = 76, height = 20, step = width / Math.max(1, values.length - 1);
    const x = (index) => 4 + index * step;
    const y = (value) => 4 + (1 - (value - low) / (high - low)) * height;
    let path = "", open = false;
    values.forEach((value, index) => {
      if (value === null) { open = false; return; }
      path += (open ? "L" : "M") + x(index).toFixed(1) + " " + y(value).toFixed(1);
      open = true;
    });
    const alone = values.map((value, index) => ({ value, index })).filter(({ value, index }) =>
      value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null);
    const last = values.reduce((found, value, index) => (value === null ? found : index), -1);
    /* A measure without a target (weight) ends outside while the alert about it stands. */
    const out = fired && !band ? last >= 0 : band && last >= 0 &&
      ((band[0] !== null && values[last] <= band[0]) || (band[1] !== null && values[last] >= band[1]));
    const top = band ? y(band[1] === null ? high : band[1]) : 0;
    const bottom = band ? y(band[0] === null ? low : band[0]) : 0;
    return h("svg", { className: "spark", viewBox: "0 0 84 28", width: 84, height: 28, "aria-hidden": "true" },
      band && h("rect", { className: "spark-band", x: 0, width: 84, y: Math.max(0, top), height: Math.max(2, bottom - top) }),
      h("path", { className: "spark-line", d: path }),
      alone.map(({ value, index }) =>
        h("circle", { key: index, className: "spark-dot", cx: x(index), cy: y(value), r: 1.300 })),
      out ? h("path", { className: "spark-last out", d: "M" + x(last) + " " + (y(values[last]) - 4) + "l4 4-4 4-4-4z" })
        : h("circle", { className: "spark-last", cx: x(last), cy: y(values[last]), r: 2.600 }));
  };

  const avatar = (person, mine) =>
    h("span", { className: mine ? "avatar mine" : "avatar", title: person.name },
      h("span", { "aria-hidden": "true" }, person.initials),
      h("span", { className: "for-readers" }, person.name));

  /* The URL is the only selection: a click pushes it, and Dash's Location hears of it. */
  hub.go = (path) => {
    if (window.location.pathname + window.location.search === path) return;
    window.history.pushState({}, "", path);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.dispatchEvent(new CustomEvent("hearthward:path"));
  };
  const follow = (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.currentTarget;
    event.preventDefault();
    hub.go(link.getAttribute("href"));
  };
  const usePath = () => {
    const [path, setPath] = React.useState(window.location.pathname);
    React.useLayoutEffect(() => {
      const changed = () => setPath(window.location.pathname);
      window.addEventListener("popstate", changed);
      window.addEventListener("hearthward:path", changed);
      return () => {
        window.removeEventListener("popstate", changed);
        window.removeEventListener("hearthward:path", changed);
      };
    }, []);
    return path;
  };

  /* Whoever waits for an answer asks again a while after a request was lost; a slow one is waited for. */
  const useAgain = (waits, ask) => {
    const asks = React.useRef(ask);
    asks.current = ask;
    React.useEffect(() => {
      if (!waits) return undefined;
      let timer = null;
      const lost = () => { clearTimeout(timer); timer = setTimeout(() => asks.current(), 4000); };
      window.addEventListener("hearthward:failed", lost);
      return () => { clearTimeout(timer); window.removeEventListener("hearthward:failed", lost); };
    }, [waits]);
  };

  const cookie = (name) => {
    const found = document.cookie.split("; ").find((part) => part.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  };
  hub.post = (path, body, leaving) => fetch(path, {
    method: "POST", credentials: "same-origin", keepalive: Boolean(leaving),
    headers: { "content-type": "application/json", "x-csrftoken": cookie("hearthward_csrf") },
    body: JSON.stringify(body || {}),
  });

  hub.ui = { h, t, decimal, icon, mark, WORDS, WITHIN, now, span, since, ago, dueIn, when, whenIn, clockTime, useTick, sparkline, avatar,
    follow, usePath, useAgain, MONTHS };
})();
