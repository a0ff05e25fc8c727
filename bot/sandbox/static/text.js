/** Draws text: parsed mrkdwn, plain text and the inline pieces that mrkdwn, Markdown and rich text share. */

import { formatDate } from "./dates.js";
import { parse, withEmoji } from "./mrkdwn.js";
import { h } from "./vdom.js";

/** Text drawing needs `view = {names: {users, channels}, now: Date, me}`. */

/** A text object `{type, text}` as inline content. */
export function textObject(object, view) {
  if (!object) return [];
  if (typeof object === "string") return [withEmoji(object)];
  if (object.type === "mrkdwn") return mrkdwn(object.text, view, { verbatim: object.verbatim });
  return [object.emoji === false ? object.text : withEmoji(object.text)];
}

/** The words of a text object, for labels and titles. */
export function words(object) {
  if (!object) return "";
  return withEmoji(typeof object === "string" ? object : object.text);
}

/** A mrkdwn text as nodes. */
export function mrkdwn(text, view, options) {
  return parse(text ?? "", options).map((block) => {
    if (block.t === "pre") return h("pre", { class: "code-block" }, block.text);
    const lines = joined(
      block.lines.map((line) => inline(line, view)),
      () => h("br"),
    );
    return h(block.t === "quote" ? "blockquote" : "span", { class: block.t === "quote" ? null : "lines" }, lines);
  });
}

function joined(parts, between) {
  return parts.flatMap((part, i) => (i ? [between(), ...part] : part));
}

/** Inline nodes as page nodes. */
export function inline(nodes, view) {
  return nodes.map((node) => DRAW[node.t]?.(node, view) ?? unknown(`text ${node.t}`));
}

const DRAW = {
  text: (node) => ({ text: node.text }),
  br: () => h("br"),
  bold: (node, view) => h("strong", null, inline(node.children, view)),
  italic: (node, view) => h("em", null, inline(node.children, view)),
  strike: (node, view) => h("s", null, inline(node.children, view)),
  underline: (node, view) => h("u", null, inline(node.children, view)),
  code: (node) => h("code", null, node.text),
  emoji: (node) => h("span", { class: "emoji", title: `:${node.name}:` }, node.unicode),
  link: (node, view) => link(node.url, inline(node.children, view)),
  user: (node, view) => mention(node, view),
  channel: (node, view) => channel(node, view),
  broadcast: (node) => h("span", { class: "mention mine" }, `@${node.range}`),
  usergroup: (node) => h("span", { class: "mention" }, node.label || `@${node.id}`),
  date: (node, view) => dated(node, view),
  color: (node) =>
    h(
      "span",
      { class: "color" },
      /^#[0-9a-f]{3,8}$/i.test(node.value) && h("i", { style: { background: node.value } }),
      node.value,
    ),
};

/** A link that opens in a new tab, or only its words when the address is of a kind that could run something. */
export function link(url, children) {
  if (!safeUrl(url)) return h("span", { title: "The page opens only web and mail addresses" }, children);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, children);
}

export function safeUrl(url) {
  return /^(https?:\/\/|mailto:|tel:)/i.test(url ?? "");
}

function mention(node, view) {
  const name = view.names.users[node.id] ?? node.label ?? node.id;
  return h(
    "span",
    { class: node.id === view.me ? "mention mine" : "mention", title: node.id },
    `@${name.replace(/^@/, "")}`,
  );
}

function channel(node, view) {
  const name = view.names.channels[node.id] ?? node.label;
  if (!name) return h("span", { class: "mention", title: node.id }, "#private-channel");
  return h(
    "a",
    { class: "mention", href: `#as=${view.me}&at=${node.id}`, title: node.id },
    `#${name.replace(/^#/, "")}`,
  );
}

function dated(node, view) {
  const date = new Date(node.timestamp * 1000);
  const shown = Number.isNaN(date.getTime()) ? node.fallback : formatDate(date, node.format, view.now);
  const time = h(
    "time",
    { datetime: Number.isNaN(date.getTime()) ? null : date.toISOString(), title: node.fallback || null },
    shown,
  );
  return node.url ? link(node.url, [time]) : time;
}

/** What the page does not know, said visibly. */
export function unknown(what) {
  return h("span", { class: "unknown", role: "note" }, `Unknown ${what}`);
}
