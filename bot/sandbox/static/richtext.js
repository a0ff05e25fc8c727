/** Draws rich_text blocks: sections, lists, code and quotes with their styled pieces. */

import { emojiOf } from "./emoji.js";
import { inline, unknown } from "./text.js";
import { h } from "./vdom.js";

/** A `{type: "rich_text", elements}` block. */
export function richText(block, view) {
  return h("div", { class: "rich-text" }, nested(block.elements ?? [], view));
}

const PARTS = {
  rich_text_section: (part, view) => h("div", { class: "rt-section" }, pieces(part.elements, view)),
  rich_text_preformatted: (part) => h("pre", { class: "code-block" }, plain(part.elements)),
  rich_text_quote: (part, view) => h("blockquote", null, pieces(part.elements, view)),
};

function nested(parts, view) {
  return parts.map((part) => {
    if (part.type === "rich_text_list") return list(part, view);
    return PARTS[part.type]?.(part, view) ?? unknown(`rich text: ${part.type}`);
  });
}

function list(part, view) {
  const ordered = part.style === "ordered";
  const style = { "--indent": part.indent ?? 0 };
  const start = ordered && part.offset ? part.offset + 1 : null;
  const classes = `rt-list${part.border ? " bordered" : ""} level-${(part.indent ?? 0) % 3}`;
  return h(
    ordered ? "ol" : "ul",
    { class: classes, style, start },
    (part.elements ?? []).map((item) => h("li", null, pieces(item.elements, view))),
  );
}

function pieces(elements, view) {
  return (elements ?? []).map((element) => piece(element, view));
}

function piece(element, view) {
  const node = NODES[element.type]?.(element);
  if (!node) return unknown(`rich text: ${element.type}`);
  if (element.style?.code && element.type === "text")
    return styled([h("code", null, element.text)], { ...element.style, code: false });
  return styled(inline(Array.isArray(node) ? node : [node], view), element.style);
}

const NODES = {
  text: (element) =>
    element.text
      .split("\n")
      .flatMap((line, i) => (i ? [{ t: "br" }, { t: "text", text: line }] : [{ t: "text", text: line }])),
  link: (element) => ({ t: "link", url: element.url, children: [{ t: "text", text: element.text || element.url }] }),
  emoji: (element) => emojiNode(element),
  user: (element) => ({ t: "user", id: element.user_id }),
  channel: (element) => ({ t: "channel", id: element.channel_id }),
  usergroup: (element) => ({ t: "usergroup", id: element.usergroup_id }),
  team: (element) => ({ t: "text", text: element.team_id }),
  broadcast: (element) => ({ t: "broadcast", range: element.range }),
  color: (element) => ({ t: "color", value: element.value }),
  date: (element) => ({
    t: "date",
    timestamp: element.timestamp,
    format: element.format,
    url: element.url,
    fallback: element.fallback ?? "",
  }),
};

function emojiNode(element) {
  const own = element.unicode && String.fromCodePoint(...element.unicode.split("-").map((code) => parseInt(code, 16)));
  const unicode = own || emojiOf(element.name, element.skin_tone);
  return unicode ? { t: "emoji", name: element.name, unicode } : { t: "text", text: `:${element.name}:` };
}

function styled(children, style) {
  const tags = { bold: "strong", italic: "em", strike: "s", underline: "u", highlight: "mark" };
  return Object.entries(tags).reduce((inner, [name, tag]) => (style?.[name] ? [h(tag, null, inner)] : inner), children);
}

function plain(elements) {
  return (elements ?? [])
    .map((element) => element.text ?? element.url ?? (element.name ? `:${element.name}:` : ""))
    .join("");
}
