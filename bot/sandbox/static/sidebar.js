/** Draws who the reader can act as and where they can go: people, app, channels, direct messages, inbox. */

import { appMark, avatar, icon } from "./icons.js";
import { actAs, goTo, visit } from "./place.js";
import { appDm, redraw, store } from "./store.js";
import { h } from "./vdom.js";

const FEW = 12; // people up to which everybody has a line under direct messages

/** The strip of people to act as. */
export function people() {
  const shown = store.server.people.filter((person) => !person.deleted);
  const hidden = store.server.people_hidden ?? 0;
  return h(
    "nav",
    { key: "people", class: "people", "aria-label": "Act as" },
    h("h2", { class: "people-title" }, "Act as"),
    h("ul", null, shown.map(personItem)),
    hidden > 0 && h("p", { class: "people-more" }, `and ${hidden} more`),
  );
}

function personItem(person) {
  const current = person.id === store.me;
  const name = person.real_name || person.name;
  const about = person.title || (person.in_slack ? "" : "has only e-mail");
  const label = `${name}${person.unread ? `, ${person.unread} unread` : ""}`;
  return h(
    "li",
    { key: person.id },
    h(
      "button",
      {
        type: "button",
        class: `person${current ? " current" : ""}`,
        "data-testid": `person-${person.handle}`,
        "aria-current": current ? "true" : null,
        "aria-label": label,
        title: `${name}${about ? ` · ${about}` : ""}`,
        onclick: () => actAs(person.id),
      },
      h(
        "span",
        { class: "person-face" },
        avatar(person),
        badge(person.unread),
        !person.in_slack && h("span", { class: "mail-only" }, icon("mail")),
      ),
      h("span", { class: "person-name" }, name.split(/[\s@]/)[0]),
    ),
  );
}

function badge(count) {
  return count > 0 && h("span", { class: "badge", "aria-hidden": "true" }, count > 99 ? "99+" : String(count));
}

/** The list of places. */
export function sidebar() {
  const { server } = store;
  const me = server.me;
  return h(
    "nav",
    { key: "sidebar", class: "sidebar", "aria-label": "Places" },
    h(
      "header",
      { class: "team" },
      h("h1", null, server.team.name),
      h("p", { class: "muted" }, "Local Slack"),
      server.workspaces.length > 1 && workspaces(),
    ),
    h(
      "div",
      { class: "whoami" },
      avatar(me, "small"),
      h("div", null, h("strong", null, me.real_name || me.name), h("div", { class: "muted" }, me.title || me.email)),
    ),
    h("div", { class: "places" }, me.in_slack && [known(server.app) && apps(), channels(), direct()], mailbox()),
  );
}

/** Whether the app is, or was, in this workspace. */
const known = (app) => app.installed || app.removed;

/** The choice between several workspaces. */
function workspaces() {
  const { workspaces: all, team } = store.server;
  const words = (one) => `${one.name}${one.enterprise ? ` (${one.enterprise})` : ""}`;
  const options = all.map((one) => h("option", { key: one.id, value: one.id }, words(one)));
  const choose = (event) => visit(event.target.value);
  const about = { class: "workspaces", "aria-label": "Workspace", "data-testid": "workspaces" };
  return h("select", { ...about, value: team.id, onchange: choose }, options);
}

function section(title, items) {
  return h("section", { key: title, class: "place-group" }, h("h2", null, title), h("ul", null, items));
}

function place({ at, label, picture, unread = 0, testid, active = store.at === at }) {
  return h(
    "li",
    { key: at },
    h(
      "button",
      {
        type: "button",
        class: `place${active ? " active" : ""}${unread ? " unread" : ""}`,
        "data-testid": testid,
        "aria-current": active ? "page" : null,
        onclick: () => goTo(at),
      },
      picture,
      h("span", { class: "place-name" }, label),
      unread > 0 && h("span", { class: "sr-only" }, `, ${unread} unread`),
      badge(unread),
    ),
  );
}

function apps() {
  const { app } = store.server;
  const active = store.at === "messages" || store.at === "home";
  return section("App", [
    place({
      at: active ? store.at : "messages",
      label: app.name,
      picture: appMark(),
      unread: appDm()?.unread,
      testid: "dm-app",
      active,
    }),
  ]);
}

function channels() {
  return section(
    "Channels",
    store.server.channels.map((channel) =>
      place({
        at: channel.id,
        label: channel.name,
        picture: icon(channel.is_private ? "lock" : "hash"),
        unread: channel.unread,
        testid: `channel-${channel.name}`,
      }),
    ),
  );
}

function direct() {
  const { dms, people: everybody, app } = store.server;
  const mates = everybody.filter(
    (person) => person.in_slack && !person.deleted && person.id !== store.me && person.id !== app.bot_user_id,
  );
  const open = dms.filter((dm) => !dm.app);
  const rest = mates.length <= FEW ? mates.filter((person) => !open.some((dm) => dm.user === person.id)) : [];
  const of = (id) => everybody.find((person) => person.id === id);
  const rows = [
    ...open.map((dm) =>
      place({
        at: dm.id,
        label: dm.name,
        picture: avatar(of(dm.user) ?? { name: dm.name }, "tiny"),
        unread: dm.unread,
        testid: `dm-${of(dm.user)?.handle ?? dm.user}`,
      }),
    ),
    ...rest.map((person) =>
      place({
        at: person.id,
        label: person.real_name || person.name,
        picture: avatar(person, "tiny"),
        testid: `dm-${person.handle}`,
      }),
    ),
  ];
  return section("Direct messages", rows);
}

function mailbox() {
  const unread = store.server.mail.filter((mail) => !mail.read).length;
  return section("E-mail", [place({ at: "inbox", label: "Inbox", picture: icon("mail"), unread, testid: "inbox" })]);
}

/** Open or close the sidebar on a narrow screen. */
export function toggleDrawer(open = !store.drawer) {
  store.drawer = open;
  redraw();
  setTimeout(() => document.querySelector(open ? ".person.current" : "[data-testid=menu]")?.focus());
}
