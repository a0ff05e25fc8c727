/** The bar above a place: its name, the tabs of the app, and the page's own switches. */

import { toggleBench } from "./bench.js";
import { iconButton } from "./buttons.js";
import { appMark, avatar, icon } from "./icons.js";
import { goTo } from "./place.js";
import { toggleDrawer } from "./sidebar.js";
import { person, redraw, store } from "./store.js";
import { dark, toggleTheme } from "./theme.js";
import { h } from "./vdom.js";
import { showWelcome } from "./welcome.js";

/** What the place on show is called and about: `{picture, name, about}`. */
export function placeTitle() {
  const { server, at } = store;
  if (at === "inbox") return { picture: icon("mail"), name: "Inbox", about: server.me.email };
  if (at === "home" || at === "messages") return { picture: appMark(), name: server.app.name, about: null };
  const channel = server.channels.find((one) => one.id === at);
  if (channel) return { picture: icon(channel.is_private ? "lock" : "hash"), name: channel.name, about: channel.topic };
  const dm = server.dms.find((one) => one.id === at);
  const mate = person(dm?.user ?? at);
  return {
    picture: avatar(mate ?? { name: "?" }, "tiny"),
    name: mate?.real_name ?? dm?.name ?? "",
    about: mate?.title,
  };
}

/** The header of the main part. */
export function header() {
  const { picture, name, about } = placeTitle();
  const inApp = store.at === "home" || store.at === "messages";
  return h(
    "header",
    { key: "header", class: "bar" },
    drawerButton(),
    h(
      "div",
      { class: "bar-title" },
      picture,
      h("h2", null, name),
      about && h("p", { class: "muted about", title: about }, about),
    ),
    inApp && tabs(),
    tools(),
  );
}

const dot = () => h("span", { class: "dot" });

function drawerButton() {
  const waiting = store.server.people.reduce((sum, one) => sum + one.unread, 0);
  const label = waiting ? `People and places, ${waiting} unread` : "People and places";
  const props = { kind: "ghost only-narrow", "data-testid": "menu", "aria-expanded": String(store.drawer) };
  return iconButton("menu", label, () => toggleDrawer(), { ...props, more: waiting > 0 && dot() });
}

function tools() {
  const tool = (testid, mark, title, onclick, extra) =>
    iconButton(mark, title, onclick, { "data-testid": testid, title, ...extra });
  const flip = () => {
    toggleTheme();
    redraw();
  };
  const pressed = { kind: store.bench ? "ghost pressed" : "ghost", "aria-pressed": String(store.bench) };
  return h(
    "div",
    { class: "bar-tools" },
    h("span", { class: "only-narrow" }, avatar(store.server.me, "small")),
    tool("help", "info", "What to try first", showWelcome),
    tool("theme", dark() ? "sun" : "moon", dark() ? "Use light colours" : "Use dark colours", flip),
    tool("bench", "flask", "Test bench: clock and faults", toggleBench, { ...pressed, more: misbehaving() && dot() }),
  );
}

function tabs() {
  const { app } = store.server;
  const tab = (at, label, shown) =>
    shown !== false &&
    h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "tab",
        id: `tab-${at}`,
        "data-testid": `tab-${at}`,
        "aria-selected": String(store.at === at),
        "aria-controls": store.at === at ? `panel-${at}` : null,
        tabindex: store.at === at ? "0" : "-1",
        onclick: () => goTo(at),
      },
      label,
    );
  const keys = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    goTo(store.at === "home" ? "messages" : "home");
    setTimeout(() => document.getElementById(`tab-${store.at}`)?.focus());
  };
  return h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": app.name, onkeydown: keys },
    tab("home", "Home", app.home_tab),
    tab("messages", "Messages", app.messages_tab),
  );
}

function misbehaving() {
  const { retry_after, api_method, ...faults } = store.server.faults;
  return store.server.limits || Object.values(faults).some((value) => value);
}
