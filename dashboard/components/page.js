/* The pages beside the alerts: one component, which draws whichever section the address names. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon, usePath, useAgain } = hub.ui;
  hub.sections = {};

  const PageHead = ({ title, count, children }) => h("header", { className: "page-head" },
    h("h1", null, t(title), count !== undefined && h("span", { className: "count" }, count)), children);
  const Empty = ({ words }) => h("p", { className: "page-empty" }, t(words));
  /* A table wider than the screen scrolls by itself, and by the keyboard. */
  /* On a phone a row may stand as a block: each cell then says which column it is of. */
  const labelled = (rows, columns) => React.Children.map(rows, (row) => (React.isValidElement(row) && row.type === "tr"
    ? React.cloneElement(row, {}, React.Children.toArray(row.props.children).map((cell, index) =>
      React.cloneElement(cell, { "data-label": t(columns[index] || "") }))) : row));
  const Table = ({ label, columns, children }) => h("div", { className: "page-table", role: "region", tabIndex: 0,
    "aria-label": t(label) },
    h("table", null, h("thead", null, h("tr", null, columns.map((name) => h("th", { key: name, scope: "col" }, t(name))))),
      h("tbody", null, labelled(children, columns))));
  /* Pages by cursor: `next` asks for the one after; the way back is remembered here. */
  const Pager = ({ label, next, ask }) => {
    const [trail, setTrail] = React.useState([]);
    const go = (way) => { setTrail(way); ask(way[way.length - 1] || null); };
    if (!next && !trail.length) return null;
    return h("nav", { className: "pager", "aria-label": t(label) },
      h("button", { type: "button", disabled: !trail.length, onClick: () => go(trail.slice(0, -1)), "aria-label": t("Previous page") }, icon("back", 16)),
      h("span", null, t("Page {n}", { n: trail.length + 1 })),
      h("button", { type: "button", disabled: !next, onClick: () => go(trail.concat([next])), "aria-label": t("Next page") }, icon("next", 16)));
  };
  hub.page = { PageHead, Empty, Table, Pager };

  const Page = (props) => {
    const path = usePath();
    const data = props.data;
    const shown = data && path === "/app/" + data.section;
    /* Asked at another instant, so that the same question is asked again: who comes back finds the search as it
       was, and today's rows. A step from alert to alert asks nothing here. */
    const askHere = () => {
      const section = path.replace(/^\/app\//, "");
      const before = props.query && props.query.section === section ? props.query : { section };
      if (hub.sections[section]) props.setProps({ query: { ...before, asked: Date.now() } });
    };
    React.useEffect(askHere, [path]);
    useAgain(!shown, askHere);
    React.useEffect(() => {
      if (shown) document.title = t(hub.sections[data.section].title) + " · Hearthward";
    }, [shown, data && data.section]);
    if (!shown) return null;
    const section = hub.sections[data.section];
    const ask = (query) => props.setProps({ query: { section: data.section, ...query } });
    if (data.now) hub.serverNow(data.now);
    return h("main", { className: "page", id: "page-" + data.section, tabIndex: -1 },
      h("div", { className: "page-body" }, h(section.draw, { key: data.section, data, ask })));
  };
  window.dashboard.Page = Page;
})();
