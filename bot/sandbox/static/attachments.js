/** Draws legacy attachments: a coloured bar beside text, fields, pictures or blocks. */

import { blocks } from "./blocks.js";
import { fullDate } from "./dates.js";
import { image } from "./images.js";
import { link, mrkdwn, unknown } from "./text.js";
import { h } from "./vdom.js";

const NAMED = { good: "#2f9e62", warning: "#d99a1c", danger: "#c8372d" };

/** All attachments of a message. */
export function attachments(ctx, list) {
  return (list ?? []).map((part, i) => h("div", { key: `a${part.id ?? i}` }, attachment(ctx, part)));
}

function attachment(ctx, part) {
  const hex = /^#?[0-9a-f]{6}$/i.test(part.color ?? "") ? `#${part.color.replace("#", "")}` : null;
  const color = NAMED[part.color] ?? hex;
  return h(
    "div",
    { class: "attachment-outer" },
    part.pretext && h("div", { class: "text" }, mrkdwn(part.pretext, ctx.view)),
    h(
      "div",
      { class: "attachment", style: color ? { "border-left-color": color } : {} },
      h("div", { class: "attachment-main" }, part.blocks ? blocks(ctx, part.blocks) : legacy(ctx, part)),
      part.thumb_url && image(ctx, { image_url: part.thumb_url, alt_text: "" }, "thumb"),
    ),
    footer(part),
  );
}

function legacy(ctx, part) {
  const title = part.title && (part.title_link ? link(part.title_link, [part.title]) : part.title);
  const fields = (part.fields ?? []).map((field) => fieldOf(ctx, field));
  return [
    author(ctx, part),
    title && h("div", { class: "attachment-title" }, h("strong", null, title)),
    part.text && h("div", { class: "text" }, mrkdwn(part.text, ctx.view)),
    fields.length > 0 && h("div", { class: "fields" }, fields),
    part.image_url && image(ctx, { image_url: part.image_url, alt_text: part.fallback }, "block-image"),
    part.actions?.length > 0 && unknown("attachment actions: use blocks instead"),
  ];
}

function author(ctx, part) {
  if (!part.author_name) return null;
  const name = part.author_link ? link(part.author_link, [part.author_name]) : part.author_name;
  return h(
    "div",
    { class: "attachment-author" },
    part.author_icon && image(ctx, { image_url: part.author_icon, alt_text: "" }, "tiny-image"),
    name,
  );
}

function fieldOf(ctx, field) {
  return h(
    "div",
    { class: field.short ? "field" : "field long" },
    h("strong", null, field.title),
    h("div", null, mrkdwn(field.value ?? "", ctx.view)),
  );
}

function footer(part) {
  const time = part.ts && fullDate(new Date(Number(part.ts) * 1000));
  const words = [part.footer, time].filter(Boolean).join(" · ");
  return words ? h("div", { class: "attachment-footer muted" }, words) : null;
}
