/** Draws one message: who, when, what, and the marks for edited and only visible to you. */

import { attachments } from "./attachments.js";
import { blocks } from "./blocks.js";
import { clockTime, dayNumber, fullDate } from "./dates.js";
import { emojiOf } from "./emoji.js";
import { sizeWords } from "./files.js";
import { version } from "./forms.js";
import { appMark, avatar, icon } from "./icons.js";
import { context } from "./interact.js";
import { messageMenu } from "./shortcuts.js";
import { now, person, store } from "./store.js";
import { link, mrkdwn } from "./text.js";
import { h, lazy } from "./vdom.js";

export const messageKey = (channel, ts) => `message:${channel}:${ts}`;
export const whenOf = (message) => new Date(Number(message.ts) * 1000);

/** Who wrote it, as one word to compare. */
export function authorOf(message) {
  if (message.user && message.user !== store.server.app.bot_user_id && !message.username) return message.user;
  return `app:${message.username ?? ""}`;
}

/** A message in its list; `compact` leaves out the name when the one above is by the same author. */
export function messageItem(message, channel, compact) {
  const key = messageKey(channel, message.ts);
  return lazy(message.ts, draw, message, channel, compact, version(key), store.names, store.me, dayNumber(now()));
}

function draw(message, channel, compact) {
  const ctx = context({
    key: messageKey(channel, message.ts),
    container: { type: "message", channel, ts: message.ts },
    surface: "message",
    blocks: message.blocks?.length ? allBlocks(message) : [],
    view: { names: store.names, now: now(), me: store.me },
  });
  const classes = `message${compact ? " compact" : ""}${message.ephemeral ? " ephemeral" : ""}${message.reply_to ? " reply" : ""}`;
  const who = author(message);
  return h(
    "article",
    {
      class: classes,
      "data-testid": "message",
      "data-ts": message.ts,
      "aria-label": `${who.name}, ${clockTime(whenOf(message))}`,
    },
    h("div", { class: "message-side" }, compact ? time(message, true) : who.picture()),
    h(
      "div",
      { class: "message-main" },
      !compact && heading(message, who),
      message.ephemeral && privately(),
      body(ctx, message),
      attachments(ctx, message.attachments),
      files(message),
    ),
    messageMenu(ctx, message),
  );
}

function allBlocks(message) {
  return [...message.blocks, ...(message.attachments ?? []).flatMap((part) => part.blocks ?? [])];
}

function author(message) {
  const { app } = store.server;
  const writer = authorOf(message).startsWith("app:") ? null : person(message.user);
  if (writer) return { name: writer.real_name || writer.name, picture: () => avatar(writer) };
  const name =
    message.username ||
    (message.user && message.user !== app.bot_user_id && store.names.users[message.user]) ||
    app.name;
  return { name, app: true, picture: () => appPicture(message) };
}

function appPicture(message) {
  const shortcode = message.icon?.match(/^:([^:]+):$/);
  const unicode = shortcode && emojiOf(shortcode[1]);
  if (unicode) return h("span", { class: "avatar emoji-avatar", "aria-hidden": "true" }, unicode);
  return appMark();
}

function heading(message, who) {
  return h(
    "div",
    { class: "message-head" },
    h("strong", { class: "author" }, who.name),
    who.app && h("span", { class: "app-tag" }, "APP"),
    time(message),
    message.reply_to && h("span", { class: "muted" }, "replied in a thread"),
  );
}

function time(message, short = false) {
  const at = whenOf(message);
  const words = clockTime(at);
  return h("time", { datetime: at.toISOString(), title: fullDate(at) }, short ? words.replace(/\s[AP]M$/, "") : words);
}

function privately() {
  return h("div", { class: "only-you" }, icon("eye"), "Only visible to you");
}

function body(ctx, message) {
  const edited = message.edited && h("span", { class: "edited", title: "This message was changed" }, "(edited)");
  if (message.blocks?.length) return h("div", { class: "blocks" }, blocks(ctx, message.blocks), edited);
  if (!message.text && !edited) return null;
  return h("div", { class: "text" }, mrkdwn(message.text, ctx.view), edited && " ", edited);
}

function files(message) {
  if (!message.files?.length) return null;
  const one = (file) =>
    h(
      "div",
      { key: file.id, class: "file-card" },
      icon("file"),
      h("strong", null, file.title || file.name),
      file.size !== undefined && h("span", { class: "muted" }, sizeWords(file.size)),
      fileLink(file),
    );
  return h("div", { class: "files" }, message.files.map(one));
}

function fileLink(file) {
  const url = file.page_url ?? file.permalink ?? file.url_private_download ?? file.url_private;
  return url ? link(url, ["Open"]) : null;
}
