/** Draws the messages of a channel or direct conversation, by day, and keeps the reader's place in them. */

import { dayHeading, dayNumber } from "./dates.js";
import { forget, prune } from "./forms.js";
import { icon } from "./icons.js";
import { authorOf, messageItem, messageKey, whenOf } from "./message.js";
import { now, redraw, store } from "./store.js";
import { unescape } from "./mrkdwn.js";
import { h } from "./vdom.js";

const TOGETHER = 300; // seconds within which messages of one author share a heading
const NEAR = 80; // pixels from the end that count as reading the end

const scrolled = new Map(); // place -> scrollTop left behind, or "end"
let entered = { place: null, from: null };
let below = 0; // messages that came while reading further up

/** The list of messages of conversation `id`; `top` is drawn above them, `empty` says what to do when there are none. */
export function conversation(id, top, empty) {
  const messages = (id && store.server.conversations[id]) ?? [];
  const place = `${store.me}:${id}`;
  enter(place, id, messages);
  return h(
    "div",
    {
      key: `conv:${place}`,
      class: "conversation",
      ...(store.at === "messages" ? { role: "tabpanel", id: "panel-messages", "aria-labelledby": "tab-messages" } : {}),
    },
    h(
      "div",
      {
        class: "scroll",
        tabindex: "0",
        role: "log",
        "aria-live": "off",
        "aria-label": "Messages",
        mounted: (el) => arrive(el, place),
        updated: (el) => stay(el, place, messages),
        removed: (el) => el.__watch.disconnect(),
        onscroll: (event) => note(event.currentTarget, place),
      },
      h(
        "div",
        { class: "scroll-content" },
        top,
        messages.length ? list(id, messages) : h("p", { class: "empty" }, empty),
      ),
    ),
    below > 0 &&
      h(
        "button",
        { key: "jump", type: "button", class: "btn jump", onclick: jump },
        icon("down"),
        `${below} new message${below === 1 ? "" : "s"}`,
      ),
  );
}

function enter(place, id, messages) {
  if (entered.place === place) return;
  const row = [...store.server.channels, ...store.server.dms].find((one) => one.id === id);
  const others = messages.filter((message) => message.user !== store.me);
  entered = { place, from: row?.unread ? others.at(-row.unread)?.ts : null, last: messages.at(-1)?.ts };
  below = 0;
}

function list(id, messages) {
  const nodes = [];
  let before = null;
  for (const message of messages) {
    const at = whenOf(message);
    const newDay = !before || dayNumber(whenOf(before)) !== dayNumber(at);
    if (newDay) nodes.push(divider(`day:${dayNumber(at)}`, dayHeading(at, now()), "day"));
    if (entered.from === message.ts) nodes.push(divider("new", "New", "new"));
    nodes.push(messageItem(message, id, !newDay && entered.from !== message.ts && together(before, message)));
    before = message;
  }
  return nodes;
}

function together(before, message) {
  return (
    authorOf(before) === authorOf(message) &&
    before.ephemeral === message.ephemeral &&
    Number(message.ts) - Number(before.ts) < TOGETHER
  );
}

function divider(key, words, kind) {
  return h("div", { key, class: `divider ${kind}`, role: "separator", "aria-label": words }, h("span", null, words));
}

function atEnd(el) {
  return el.scrollHeight - el.scrollTop - el.clientHeight < NEAR;
}

function arrive(el, place) {
  const left = scrolled.get(place);
  const fresh = el.querySelector(".divider.new");
  if (fresh) el.scrollTop += fresh.getBoundingClientRect().top - el.getBoundingClientRect().top - el.clientHeight / 3;
  else el.scrollTop = left === undefined || left === "end" ? el.scrollHeight : left;
  note(el, place);
  // Pictures and a wider window change heights later: who reads the end keeps reading the end.
  el.__watch = new ResizeObserver(() => {
    if (scrolled.get(place) === "end") el.scrollTop = el.scrollHeight;
  });
  el.__watch.observe(el);
  el.__watch.observe(el.firstElementChild);
}

function note(el, place) {
  scrolled.set(place, atEnd(el) ? "end" : el.scrollTop);
  if (below && atEnd(el)) {
    below = 0;
    redraw();
  }
}

function stay(el, place, messages) {
  const last = messages.at(-1);
  const came = last?.ts !== entered.last ? messages.filter((message) => message.ts > (entered.last ?? "")) : [];
  entered.last = last?.ts;
  if (scrolled.get(place) === "end" || came.some((message) => message.user === store.me)) {
    el.scrollTop = el.scrollHeight;
    scrolled.set(place, "end");
  } else if (came.length) {
    below += came.length;
    redraw();
  }
}

function jump(event) {
  const el = event.currentTarget.parentElement.querySelector(".scroll");
  el.scrollTo({ top: el.scrollHeight, behavior: "smooth" });
}

/** Forget what was typed into messages that are gone, and into fields that an edit took away. */
export function tidyMessages(server) {
  const alive = new Set();
  for (const [channel, messages] of Object.entries(server.conversations)) {
    for (const message of messages) {
      const key = messageKey(channel, message.ts);
      alive.add(key);
      prune(key, [...(message.blocks ?? []), ...(message.attachments ?? []).flatMap((part) => part.blocks ?? [])]);
    }
  }
  forget("message:", alive);
}

/** Words for screen readers about messages that just came into conversation `id`. */
export function announcement(server, before, id) {
  const seen = new Set((before?.conversations[id] ?? []).map((message) => message.ts));
  if (!before || before.me.id !== server.me.id) return "";
  const came = (server.conversations[id] ?? []).filter(
    (message) => !seen.has(message.ts) && message.user !== server.me.id,
  );
  return came
    .map((message) => `${store.names.users[message.user] ?? server.app.name}: ${unescape(message.text ?? "")}`)
    .join(" ");
}
