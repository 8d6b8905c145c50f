/* The bar on top: where you are, whether what you see is live, who you are. And what just happened, below. */
(function () {
  "use strict";
  const hub = window.hearthward;
  const { h, t, icon, follow, usePath } = hub.ui;
  const { Light, LightForReaders, Troubles } = hub.watch;

  const ThemeButton = (props) => {
    const dark = props.theme === "dark";
    const turn = () => {
      const theme = dark ? "light" : "dark";
      hub.setTheme(theme);
      props.setProps({ theme });
    };
    return h("button", { type: "button", className: "round-button", onClick: turn, id: "theme-button",
      "aria-label": dark ? t("Use light colours") : t("Use dark colours"),
      title: dark ? t("Use light colours") : t("Use dark colours") }, icon(dark ? "sun" : "moon", 20));
  };

  const KeysButton = () => h("button", { type: "button", className: "round-button keys-button", onClick: () => hub.showKeys(),
    "aria-label": t("Show the keys"), title: t("Show the keys") }, icon("keys", 20));

  const signOut = async () => {
    await hub.post("/sign-out");
    window.location.assign("/sign-in");
  };

  /* For whoever works on several wards: which one all pages show. With one there is nothing to choose. */
  const WardChoice = ({ ward, wards }) => {
    if (wards.length < 2) return null;
    const choose = async (event) => {
      const refused = await hub.tell("/api/ward", { ward: event.target.value });
      if (refused === null) window.location.assign("/app/alerts");
      else window.dispatchEvent(new CustomEvent("hearthward:notice", { detail: { n: "ward-" + Date.now(), kind: "refused",
        title: t("Not done"), text: refused } }));
    };
    return h("select", { className: "ward", id: "ward-choice", "aria-label": t("Ward"), value: ward, onChange: choose },
      wards.map((one) => h("option", { key: one.id, value: one.id }, one.name)));
  };

  const Menu = ({ person }) => h("details", { className: "menu", id: "person-menu" },
    h("summary", { "aria-label": t("You: {name}", { name: person.name }) },
      h("span", { className: "avatar mine", "aria-hidden": "true" }, person.initials),
      h("span", { className: "menu-name" }, person.name)),
    h("div", { className: "menu-list" },
      h("p", { className: "menu-who" }, person.name, h("small", null, person.role_word)),
      h("a", { href: "/app/settings", onClick: (event) => { follow(event); event.currentTarget.closest("details").open = false; } },
        icon("limits"), t("Settings")),
      h("button", { type: "button", onClick: signOut }, icon("out"), t("Sign out"))));

  const stays = (notice) => ["urgent", "reminder", "told"].includes(notice.kind);
  const Notice = ({ notice, undo, dismiss }) => {
    const lasting = stays(notice) || notice.kind === "refused";
    React.useEffect(() => {
      if (lasting) return undefined;
      const timer = setTimeout(dismiss, notice.undo ? 12000 : 6000);
      return () => clearTimeout(timer);
    }, [notice.n]);
    return h("div", { className: "notice notice-" + notice.kind, role: lasting ? "alert" : "status" },
      h("div", { className: "notice-words" },
        h("strong", null, notice.title), notice.text && h("span", null, notice.text)),
      notice.href && h("a", { href: notice.href, onClick: (event) => { follow(event); dismiss(); } }, t("Open")),
      notice.done && h("button", { type: "button", onClick: () => { notice.done(); dismiss(); } }, icon("check", 16), t("Done")),
      notice.undo && h("button", { type: "button", onClick: () => { undo(notice.undo); dismiss(); } },
        icon("undo", 16), t("Undo")),
      h("button", { type: "button", className: "notice-close", onClick: dismiss, "aria-label": t("Dismiss") },
        icon("close", 16)));
  };

  /* The dialog that is open on top of the page: what lies outside of it can be neither seen well nor reached. */
  const useTopLayer = () => {
    const [layer, setLayer] = React.useState(null);
    React.useEffect(() => {
      const look = () => setLayer([...document.querySelectorAll("dialog[open]")].pop() || null);
      const watch = new MutationObserver(look);
      watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["open"] });
      look();
      return () => watch.disconnect();
    }, []);
    return layer;
  };

  const Notices = (props) => {
    const [gone, setGone] = React.useState({});
    const [own, setOwn] = React.useState([]);
    React.useLayoutEffect(() => {
      const said = (event) => setOwn((list) =>
        list.some((one) => one.n === event.detail.n) ? list
          /* The same complaint again takes the place of the one before. */
          : list.filter((one) => stays(one) || one.title !== event.detail.title).slice(-3).concat(event.detail));
      window.addEventListener("hearthward:notice", said);
      return () => window.removeEventListener("hearthward:notice", said);
    }, []);
    React.useEffect(() => {
      if (props.notice) setOwn((list) => list.filter(stays).concat(props.notice).slice(-4));
    }, [props.notice && props.notice.n]);
    const layer = useTopLayer();
    const undo = (what) => what.path ? hub.takeBack(what) : props.setProps({ undo: Object.assign({ n: Date.now() }, what) });
    const list = h("div", { className: "notices", id: "notices" }, own.filter((one) => !gone[one.n]).map((one) =>
      h(Notice, { key: one.n, notice: one, undo, dismiss: () => setGone((map) => ({ ...map, [one.n]: true })) })));
    if (layer && layer.classList.contains("signed-out")) return null;
    return layer ? ReactDOM.createPortal(list, layer) : list;
  };

  /* Over everything, also an open dialog: whatever the page shows lies behind it, out of sight and reach. */
  const SignedOut = () => {
    const [ended, setEnded] = React.useState(false);
    const box = React.useRef(null);
    React.useLayoutEffect(() => {
      const end = () => setEnded(true);
      window.addEventListener("hearthward:signed-out", end);
      return () => window.removeEventListener("hearthward:signed-out", end);
    }, []);
    React.useEffect(() => { if (ended && !box.current.open) box.current.showModal(); }, [ended]);
    if (!ended) return null;
    const here = encodeURIComponent(window.location.pathname + window.location.search);
    return h("dialog", { className: "signed-out", role: "alertdialog", "aria-labelledby": "signed-out-title", ref: box,
      onCancel: (event) => event.preventDefault(), onClose: () => box.current && box.current.showModal() },
      h("div", { className: "signed-out-box" },
        h("h2", { id: "signed-out-title" }, t("You are signed out")),
        h("p", null, t("Nobody used this screen for a while, so patient details are hidden.")),
        document.querySelector("dialog.dialog[open] form") &&
          h("p", null, t("What you typed is kept: sign in again, and open the same form.")),
        h("a", { className: "button primary", href: "/sign-in?next=" + here, autoFocus: true }, t("Sign in again"))));
  };

  /* To whichever main part is on the screen: the patient, or another page. */
  const skip = (event) => {
    event.preventDefault();
    (document.querySelector("main.page") || document.getElementById("main")).focus();
  };

  /* To the alert that is open, or else the first of the list. */
  const skipToList = (event) => {
    event.preventDefault();
    const row = document.querySelector("#worklist-rows [aria-current]") || document.querySelector("#worklist-rows .row-link");
    if (row) row.focus();
  };
  hub.skip = skip;

  const Shell = (props) => {
    const data = props.data || { person: { id: "", name: "", initials: "", role_word: "" }, pages: [] };
    hub.me = data.person.id;
    hub.ward = data.ward;
    const path = usePath();
    if (hub.me) hub.forgetWords(hub.me);
    hub.words = { [data.language]: data.words };  /* drawn first, so that all else finds its words */
    React.useEffect(() => { if (!props.theme) props.setProps({ theme: hub.theme }); }, []);
    return h(React.Fragment, null,
      h("a", { className: "skip", href: "#main", onClick: skip }, t("Skip to the patient")),
      h("a", { className: "skip", href: "#worklist-rows", onClick: skipToList }, t("Skip to the alerts")),
      h("header", { className: "bar" },
        h("a", { className: "brand", href: "/app/alerts", onClick: follow },
          h("img", { src: "/static/favicon.svg", alt: "", width: 28, height: 28 }), h("span", null, "Hearthward")),
        h(WardChoice, { ward: data.ward, wards: data.wards || [] }),
        h("nav", { className: "pages", "aria-label": t("Pages") }, data.pages.map((page) =>
          h("a", { key: page.href, href: page.href, onClick: follow,
            "aria-current": path.startsWith(page.href) ? "page" : undefined }, t(page.name)))),
        h("div", { className: "bar-end" },
          h(Troubles), h(Light), h(LightForReaders), h(KeysButton), h(ThemeButton, props), h(Menu, { person: data.person }))),
      h(hub.KeysHelp), h(Notices, props), h(hub.reminders.Reminders), h(SignedOut));
  };
  window.dashboard.Shell = Shell;
})();
