/* The worklist: sections by priority, one row a patient, and rows that never move under the pointer. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon, mark, WORDS, WITHIN, span, since, dueIn, when, whenIn, useTick, sparkline, avatar, follow, usePath } =
    hub.ui;
  const ORDER = ["high", "medium", "low"];
  const IDLE_AFTER = 10000;  /* nobody touched anything for so long: the list may rearrange itself */

  let touched = Date.now();
  ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"].forEach((name) =>
    window.addEventListener(name, () => { touched = Date.now(); }, { passive: true }));
  /* A pointer that rests on the list, or the keyboard's focus in it, is about to choose a row. */
  const idle = () => document.hidden || (Date.now() - touched > IDLE_AFTER &&
    !document.querySelector("#worklist-rows:hover, #worklist-rows:focus-within"));

  /* An alert that another of the same patient's has overtaken: it is still open, and its row says that there is more. */
  const behind = (row, fresh) => {
    const first = fresh.find((one) => one.patient === row.patient && (one.others || []).includes(row.id));
    if (!first) return null;
    const unseen = (first.others_unseen || 0) + (first.seen ? 0 : 1) - (row.seen ? 0 : 1);
    return { ...row, more: first.more, others: first.others, others_unseen: Math.max(1, unseen) };
  };

  /* What the list shows after news: known rows are refreshed in place, the rest waits to be asked for. */
  const merged = (shown, fresh) => {
    const byId = new Map(fresh.map((row) => [row.id, row]));
    const known = new Set(shown.map((row) => row.id));
    const rows = shown.map((row) => byId.get(row.id) || behind(row, fresh) || { ...row, gone: true });
    const news = fresh.filter((row) => !known.has(row.id));
    const sameOrder = rows.every((row, index) => fresh[index] && fresh[index].id === row.id) &&
      rows.length === fresh.length;
    return { rows, news: news.length, left: rows.filter((row) => row.gone).length, sameOrder };
  };

  /* Only one's own: what colleagues want to be reminded of is theirs. */
  const Bell = ({ row }) => {
    const mine = (row.reminders || []).filter(([who]) => who === hub.me).map(([, at]) => at).sort()[0];
    if (!mine) return null;
    const due = new Date(mine).getTime() <= hub.ui.now();
    return h("span", { className: "row-bell" + (due ? " due" : "") }, icon("bell", 14),
      h("span", { className: "for-readers" }, t("Reminder"), " "), when(mine));
  };

  const Status = ({ row }) => {
    if (row.gone) return h("span", { className: "row-due quiet" }, t("No longer open"));
    if (row.waits_for) {
      return h("span", { className: "row-due late" }, row.waits_for.id === hub.me ? t("Waiting for you")
        : t("Waiting for {name}", { name: row.waits_for.name }));
    }
    if (row.snoozed_until) return h("span", { className: "row-due quiet" }, t("Until {when}", { when: whenIn(row.snoozed_until) }));
    if (row.seen) return h("span", { className: "row-due seen" }, icon("check", 14), t("Seen"));
    const due = dueIn(row.due, true);
    return h("span", { className: "row-due " + (due.late ? "late" : due.soon ? "soon" : "") }, due.text);
  };

  const moreWords = ({ more, others_unseen: unseen }) => {
    if (!unseen) return more === 1 ? t("1 more alert") : t("{n} more alerts", { n: more });
    return h("b", null, more === 1 ? t("1 more, not seen") : t("{n} more, {unseen} not seen", { n: more, unseen }));
  };

  const Row = React.memo(({ row, current, picked, pick }) =>
    h("li", { className: "row" + (current ? " current" : "") + (row.seen ? " is-seen" : "") + (row.gone ? " is-gone" : "") },
      pick && h("label", { className: "row-pick" },
        h("input", { type: "checkbox", checked: picked, onChange: () => pick(row) }),
        h("span", { className: "for-readers" }, t("Select {name}", { name: row.name }))),
      h("a", { className: "row-link", href: "/app/alerts/" + row.id, onClick: follow,
        "aria-current": current ? "true" : undefined, "data-alert": row.id },
        h("span", { className: "row-mark" }, mark(row.priority)),
        h("span", { className: "row-words" },
          h("span", { className: "row-name" }, row.name, " ", h("small", null, row.about)),
          h("span", { className: "row-reason" }, row.reason),
          h("span", { className: "row-notes" },
            row.more > 0 && h("span", { className: "row-more" }, moreWords(row)),
            row.escalated && h("span", { className: "row-escalated" }, row.escalated),
            row.cleared && h("span", { className: "row-cleared" }, t("Back in range")),
            row.withdrawn && h("span", { className: "row-cleared" }, t("No longer holds")),
            h(Bell, { row }))),
        h("span", { className: "row-spark" }, sparkline(row.spark, row.band, !row.technical && !row.cleared)),
        h("span", { className: "row-end" },
          h("span", { className: "row-age" }, row.owner && avatar(row.owner, row.owner.id === hub.me),
            h("span", null, span(since(row.raised), true))),
          h(Status, { row })))));

  const Section = ({ priority, count, rows, path, picking }) => {
    const pickable = picking && priority === "low";
    return h("section", { className: "section", "aria-labelledby": "section-" + priority },
      h("h2", { className: "section-head", id: "section-" + priority },
        mark(priority, 16, true), h("span", null, t(WORDS[priority])), h("span", { className: "section-count" }, count),
        h("span", { className: "section-target" }, t(WITHIN[priority]))),
      h("ol", { className: "rows" }, rows.map((row) =>
        h(Row, { key: row.id, row, current: path === "/app/alerts/" + row.id,
          picked: pickable ? picking.picked.has(row.id) : false, pick: pickable && !row.seen && !row.gone ? picking.pick : null }))));
  };

  const Filters = ({ data, ask }) => {
    const [words, setWords] = React.useState(data.query.search);
    React.useEffect(() => {
      if (words === data.query.search) return undefined;
      const timer = setTimeout(() => ask({ search: words }), 200);
      return () => clearTimeout(timer);
    }, [words]);
    const shows = [["all", "All"], ["mine", "Mine"], ["unseen", "Not seen"], ["snoozed", "Snoozed"]];
    return h(React.Fragment, null, h("div", { className: "worklist-title" },
      h("h1", null, t("Open alerts"), h("span", { className: "count" }, data.total)),
      h("div", { className: "search" }, icon("search", 16),
        h("input", { type: "search", id: "worklist-search", value: words, placeholder: t("Find patient"),
          "aria-label": t("Find a patient by name or number"), autoComplete: "off",
          onChange: (event) => setWords(event.target.value) }))),
    h("div", { className: "filters" },
      h("div", { className: "segments", role: "group", "aria-label": t("Which alerts") }, shows.map(([key, word]) =>
        h("button", { key, type: "button", "aria-pressed": data.query.show === key, onClick: () => ask({ show: key }) },
          t(word), key === "snoozed" && data.snoozed > 0 ? [" ", h("b", { key: "n" }, data.snoozed)] : null))),
      h("div", { className: "chips", role: "group", "aria-label": t("Priority") }, ORDER.map((priority) =>
        h("button", { key: priority, type: "button", "aria-pressed": data.query.priority === priority,
          onClick: () => ask({ priority: data.query.priority === priority ? null : priority }) },
          mark(priority, 15, true), h("span", { className: "chip-word" }, t(WORDS[priority])), " ",
          h("b", null, data.counts[priority]))))));
  };

  const Nothing = ({ query }) => {
    const searched = query.search || query.priority;
    const words = searched ? [t("No open alert matches."), t("Clear the search or the priority to see the rest.")]
      : query.show === "mine" ? [t("You have no open alert."), t("Acknowledge one and it is yours.")]
      : query.show === "unseen" ? [t("Everything has been seen."), ""]
      : query.show === "snoozed" ? [t("Nothing is snoozed."), ""]
      : [t("No open alerts."), t("New ones appear here by themselves.")];
    return h("div", { className: "nothing" }, icon("done", 32), h("p", null, h("strong", null, words[0])),
      words[1] && h("p", null, words[1]));
  };

  const Pager = ({ data, ask, trail, setTrail }) => {
    const page = trail.length;
    const first = page * data.page_size + 1;
    if (!data.next && !page) return null;
    const back = () => { setTrail(trail.slice(0, -1)); ask({ after: trail[trail.length - 2] || null }, true); };
    const forth = () => { setTrail(trail.concat(data.next)); ask({ after: data.next }, true); };
    return h("nav", { className: "pager", "aria-label": t("More alerts") },
      h("button", { type: "button", disabled: !page, onClick: back, "aria-label": t("Previous page") }, icon("back", 16)),
      h("span", null, t("{first}–{last} of {total}",
        { first, last: first + data.rows.length - 1, total: data.total })),
      h("button", { type: "button", disabled: !data.next, onClick: forth, "aria-label": t("Next page") },
        icon("next", 16)));
  };

  /* Only an urgent alert speaks up, and what waits for this person; it stays until somebody looks. */
  const announce = (one) => setTimeout(() => window.dispatchEvent(new CustomEvent("hearthward:notice", { detail: {
    n: keyOf(one), kind: one.lost ? "told" : "urgent", text: one.reason, href: "/app/alerts/" + one.id,
    title: t(one.lost ? "{by} has it now: {name}" : one.to ? "Waiting for you: {name}" : "Urgent: {name}", one) } })), 0);
  const keyOf = (one) => (one.lost ? "lost-" + one.id + one.at : (one.to ? "waiting-" : "alert-") + one.id);

  /* Which of the ward's urgent alerts are news, whatever part of the list is shown. The first answer is none: all it
     names, and all that are older than what it has room for, were there before. */
  const newsOf = (heard, data, rows) => {
    const pressing = data.pressing || [];
    const urgent = pressing.filter((one) => !one.to && !one.lost).concat(rows);
    const first = !heard.told;
    if (first) {
      const due = urgent.map((one) => new Date(one.due).getTime());
      Object.assign(heard, { told: new Set(), newest: data.newest, from: due.length < 20 ? 0 : Math.min(...due) });
    }
    const mine = pressing.filter((one) => one.to === hub.me || one.lost === hub.me);
    const isNews = (one) => one.to || one.lost ||
      (!first && (one.id > heard.newest || new Date(one.due).getTime() > heard.from));
    const fresh = new Map(urgent.concat(mine).filter((one) => !heard.told.has(keyOf(one)) && isNews(one))
      .map((one) => [keyOf(one), one]));
    /* What was taken back speaks up again when it is handed on again. */
    heard.told.forEach((key) => { if (key.startsWith("waiting-")) heard.told.delete(key); });
    urgent.concat(mine).forEach((one) => heard.told.add(keyOf(one)));
    return [...fresh.values()];
  };

  const placeOf = (rows, path) => rows.findIndex((row) => path === "/app/alerts/" + row.id);
  /* `last` is where the open alert stood when the list still had it: after it was closed, the next one stands there. */
  const step = (rows, path, by, last) => {
    const here = placeOf(rows, path);
    const gone = here < 0 && last.path === path;
    const open = rows.filter((row) => !row.gone);
    if (here < 0 && !gone) return by > 0 ? open[0] : open[open.length - 1];
    const rest = by < 0 ? rows.slice(0, gone ? last.index : here).reverse() : rows.slice(gone ? last.index : here + 1);
    return rest.find((row) => !row.gone);
  };

  /* Dash calls this when something was asked, told or done. The answer is the same for the whole ward, made once
     for all who ask at one moment: which rows are this person's, and what they did last, is known here. */
  const listed = async (query, _live, acted) => {
    try {
      const answer = await hub.post("/api/worklist", query);
      if (answer.ok) return { ...await answer.json(), acted: acted ? acted.n : 0 };
    } catch { /* the person was told: live.js */ }
    return window.dash_clientside.no_update;
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { hearthward: { listed } });

  const Worklist = (props) => {
    useTick(15000);
    const path = usePath();
    const data = props.data;
    const [shown, setShown] = React.useState({ rows: [], news: 0, left: 0 });
    const [trail, setTrail] = React.useState([]);
    const [picked, setPicked] = React.useState(new Set());
    const heard = React.useRef({});
    React.useEffect(() => {
      if (!data) return;
      hub.serverNow(data.now);
      /* Another ward was chosen on another of this person's screens: this one follows, but never under a dialog. */
      if (hub.ward && data.ward !== hub.ward && !document.querySelector("dialog[open]")) window.location.reload();
      setShown((before) => {
        const next = merged(before.rows, data.rows);
        /* The answer to what this person did may rearrange the list; news of others may not. */
        const answers = JSON.stringify([data.acted, data.query]);
        const adopt = answers !== before.answers || next.sameOrder || !before.rows.length || idle();
        return adopt ? { rows: data.rows, news: 0, left: 0, answers } : { ...next, answers };
      });
      newsOf(heard.current, data, data.rows.filter((row) => row.priority === "high" && !row.seen)).forEach(announce);
    }, [data]);
    const asked = React.useRef(null);
    React.useEffect(() => { if (data) asked.current = data.query; }, [data]);
    const showNews = () => setShown((before) => ({ ...before, rows: data.rows, news: 0, left: 0 }));
    const ask = (change, samePlace) => {
      if (!samePlace) setTrail([]);
      setPicked(new Set());
      /* Two changes within one answer's time add up: the second must not bring back what the first left. */
      asked.current = { ...(asked.current || data.query), after: null, ...change };
      props.setProps({ query: asked.current });
    };
    const last = React.useRef({});
    React.useLayoutEffect(() => {
      const index = placeOf(shown.rows, path);
      if (index >= 0) last.current = { path, index };
      hub.step = (by) => {
        const row = step(shown.rows, window.location.pathname, by, last.current);
        if (!row) return;
        hub.go("/app/alerts/" + row.id);
        const link = document.querySelector('[data-alert="' + row.id + '"]');
        if (link) link.scrollIntoView({ block: "nearest" });
      };
    });
    if (!data) return h("aside", { className: "worklist", "aria-busy": "true", "aria-label": t("Open alerts") });
    const pick = (row) => setPicked((before) => {
      const after = new Set(before);
      if (!after.delete(row.id)) after.add(row.id);
      return after;
    });
    const picking = data.query.priority === "low" && props.bulk ? { picked, pick } : null;
    const acknowledgePicked = () => {
      props.setProps({ bulk_action: { n: Date.now(), alerts: shown.rows.filter((row) => picked.has(row.id))
        .map((row) => ({ alert: row.id, rev: row.rev })) } });
      setPicked(new Set());
    };
    return h("aside", { className: "worklist", "aria-label": t("Open alerts") },
      h("div", { className: "worklist-head" },
        h(Filters, { data, ask })),
      h("div", { className: "worklist-rows", id: "worklist-rows" },
        h("a", { className: "skip", href: "#main", onClick: (event) => hub.skip(event) }, t("Skip to the patient")),
        shown.news + shown.left > 0 && h("button", { type: "button", className: "news", onClick: showNews },
          shown.news ? t(shown.news === 1 ? "1 new alert – show" : "{n} new alerts – show", { n: shown.news })
            : t("The list changed – update")),
        h("div", { className: "for-readers", role: "status" },
          shown.news ? t(shown.news === 1 ? "1 new alert" : "{n} new alerts", { n: shown.news }) : ""),
        ORDER.map((priority) => {
          const rows = shown.rows.filter((row) => row.priority === priority);
          return rows.length ? h(Section, { key: priority, priority, count: data.counts[priority], rows, path, picking })
            : null;
        }),
        shown.rows.length ? null : h(Nothing, { query: data.query }),
        picking && picked.size > 0 && h("div", { className: "bulk" },
          h("button", { type: "button", className: "button primary", onClick: acknowledgePicked }, icon("check"),
            t("Acknowledge {n} routine", { n: picked.size }))),
        h(Pager, { data, ask, trail, setTrail })));
  };
  window.dashboard.Worklist = Worklist;
})();
