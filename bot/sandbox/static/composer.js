/** The box to type in: plain messages, slash commands with suggestions, and the shortcuts menu. */

import { post } from "./api.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { fresh, say } from "./notices.js";
import { redraw, refresh, store } from "./store.js";
import { shortcutItem } from "./shortcuts.js";
import { commandOf, suggestionList, suggestions, usageLine } from "./suggest.js";
import { h } from "./vdom.js";

const ui = { caret: 0, active: 0, hidden: null, menu: false, sending: 0, sent: [], recall: 0 };

const narrow = matchMedia("(max-width: 760px)");

const placeKey = (channel) => `${store.me}:${channel}`;
const draftOf = (channel) => store.drafts.get(placeKey(channel)) ?? "";

function setDraft(channel, text, caret = text.length) {
  store.drafts.set(placeKey(channel), text);
  Object.assign(ui, { caret, active: 0, hidden: null });
  redraw();
}

/** Put words into the composer of a conversation and go into it, for the welcome steps. */
export function prefill(channel, text) {
  setDraft(channel, text);
  setTimeout(() => document.querySelector("[data-testid=composer]")?.focus(), 50);
}

/** The composer of conversation `channel`; `name` is what it is called, `closed` why one cannot write here. */
export function composer(channel, name, closed) {
  if (!channel || closed)
    return h("div", { key: "closed", class: "composer closed" }, closed || "This conversation is not open yet.");
  const text = draftOf(channel);
  const found = ui.hidden === text ? null : suggestions(text, Math.min(ui.caret, text.length));
  const command = commandOf(text);
  const usage = !found && command?.known;
  return h(
    "form",
    { key: `composer:${placeKey(channel)}`, class: "composer", onsubmit: (event) => submit(event, channel) },
    found && suggestionList(found, ui.active, (item) => complete(channel, text, found, item)),
    usage && usageLine(command.known),
    h(
      "div",
      { class: `composer-box${command ? " is-command" : ""}` },
      shortcuts(),
      textarea(channel, name, text, found),
      h(
        "button",
        {
          type: "submit",
          class: "btn primary icon-only",
          "data-testid": "send",
          "aria-label": "Send",
          disabled: !text.trim(),
        },
        icon("send"),
      ),
    ),
    foot(),
  );
}

function foot() {
  const key = (name) => h("kbd", null, name);
  const keys = [key("/"), " commands ", key("Enter"), " send ", key("Shift Enter"), " new line"];
  const content = ui.sending ? h("span", { class: "sending" }, "Sending…") : h("span", { class: "keys" }, keys);
  return h("div", { class: "composer-foot", "aria-live": "polite" }, content);
}

function textarea(channel, name, text, found) {
  const grow = (el) => {
    el.style.height = "auto";
    el.style.height = `${Math.min(el.scrollHeight, 180)}px`;
    if (el.__caret !== undefined) el.setSelectionRange(el.__caret, el.__caret);
    el.__caret = undefined;
  };
  const move = (event) => {
    if (event.target.selectionStart === ui.caret) return;
    ui.caret = event.target.selectionStart;
    redraw();
  };
  return h("textarea", {
    "data-testid": "composer",
    rows: "1",
    value: text,
    placeholder: narrow.matches ? "Message, or / for a command" : `Message ${name}, or / for a command`,
    "aria-label": `Message ${name}`,
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": String(Boolean(found)),
    "aria-controls": "suggest",
    "aria-activedescendant": found ? `suggest-${ui.active}` : null,
    mounted: grow,
    updated: grow,
    oninput: (event) => setDraft(channel, event.target.value, event.target.selectionStart),
    onkeydown: (event) => key(event, channel, text, found),
    onkeyup: move,
    onclick: move,
  });
}

function key(event, channel, text, found) {
  if (event.isComposing) return;
  if (found ? suggestionKey(event, channel, text, found) : plainKey(event, channel, text)) event.preventDefault();
}

/** A key while suggestions are shown; returns whether it was for them. */
function suggestionKey(event, channel, text, found) {
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const item = found.items[ui.active];
  if (move) ui.active = (ui.active + move + found.items.length) % found.items.length;
  else if (event.key === "Escape") ui.hidden = text;
  else if (event.key === "Tab" && !event.shiftKey) complete(channel, text, found, item);
  else if (event.key === "Enter" && !event.shiftKey && !typedOut(text, found)) complete(channel, text, found, item);
  else return plainKey(event, channel, text);
  redraw();
  return true;
}

/** Enter sends; the arrow up brings back what was sent last. */
function plainKey(event, channel, text) {
  if (event.key === "Enter" && !event.shiftKey) send(channel, text);
  else if (event.key === "ArrowUp" && !text && ui.sent.length) setDraft(channel, ui.sent[0]);
  else return false;
  return true;
}

/** Whether the highlighted suggestion is already there word for word, so that Enter sends. */
function typedOut(text, found) {
  return text.slice(found.from, found.to).trim() === found.items[ui.active].insert.trim();
}

function complete(channel, text, found, item) {
  const rest = text.slice(found.to).replace(/^ /, "");
  const next = text.slice(0, found.from) + item.insert + rest;
  const caret = found.from + item.insert.length;
  const el = document.querySelector("[data-testid=composer]");
  el.__caret = caret;
  setDraft(channel, next, caret);
  el.focus();
}

function submit(event, channel) {
  event.preventDefault();
  send(channel, draftOf(channel));
}

async function send(channel, text) {
  if (!text.trim()) return;
  const command = commandOf(text);
  fresh();
  const as = store.me;
  setDraft(channel, "");
  ui.sent = [text, ...ui.sent.filter((one) => one !== text)].slice(0, 20);
  ui.sending += 1;
  const answer = command
    ? await post("command", { as, channel, command: command.word, text: command.rest })
    : await post("message", { as, channel, text: text.trim() });
  ui.sending -= 1;
  if (!answer.ok) {
    const key_ = `${as}:${channel}`;
    if (!store.drafts.get(key_)) store.drafts.set(key_, text);
    say(answer.error);
  }
  redraw();
  await refresh();
}

function shortcuts() {
  const list = store.server.app.shortcuts.filter((shortcut) => shortcut.type !== "message");
  const set = (open) => {
    ui.menu = open;
    redraw();
  };
  return menuButton({
    open: ui.menu,
    set,
    label: "Shortcuts",
    testid: "shortcuts",
    mark: "bolt",
    items: list.map((one) => shortcutItem(one)),
    empty: "The app has no shortcuts.",
  });
}
