/** Draws the blocks of messages, forms and Home tabs. */

import { chart } from "./charts.js";
import { MORE } from "./blocks-more.js";
import { domId, element } from "./elements.js";
import { isDirty } from "./forms.js";
import { icon } from "./icons.js";
import { imageBlock } from "./images.js";
import { markdown } from "./markdown.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";
import { textObject, unknown, words } from "./text.js";
import { h } from "./vdom.js";

/** All blocks of `ctx`, or the given ones inside it. */
export function blocks(ctx, list = ctx.blocks) {
  return (list ?? []).map((block, i) => {
    const props = {
      key: `${block.block_id ?? i}:${block.type}`,
      class: `block b-${block.type}`,
      "data-block-id": block.block_id ?? null,
    };
    return h("div", props, drawn(block, ctx));
  });
}

function drawn(block, ctx) {
  const draw = DRAW[block.type] ?? MORE[block.type];
  if (!draw) return unknown(`block: ${block.type}`);
  try {
    return draw(block, ctx, blocks);
  } catch (error) {
    // One block that cannot be drawn must not take the page away; it is named, and the console says why.
    console.error("block", block, error);
    return unknown(`content in block: ${block.type}`);
  }
}

function section(block, ctx) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "field" }, textObject(field, ctx.view)));
  const text = h(
    "div",
    { class: "section-text" },
    block.text && h("div", { class: "text" }, textObject(block.text, ctx.view)),
    fields.length > 0 && h("div", { class: "fields" }, fields),
  );
  const accessory =
    block.accessory &&
    h("div", { class: "accessory" }, element(ctx, block, block.accessory, { label: words(block.text).slice(0, 120) }));
  return h("div", { class: `section${accessory ? " with-accessory" : ""}` }, text, accessory);
}

function context(block, ctx) {
  return (block.elements ?? []).map((part) => {
    if (part.type === "image") return element(ctx, block, part);
    if (part.type === "mrkdwn" || part.type === "plain_text")
      return h("span", { class: "context-text" }, textObject(part, ctx.view));
    return unknown(`element: ${part.type}`);
  });
}

function actions(block, ctx) {
  return (block.elements ?? []).map((part) => element(ctx, block, part));
}

/** Kinds whose label names a group instead of one control. */
const GROUPS = new Set(["checkboxes", "radio_buttons"]);

function input(block, ctx) {
  const part = block.element ?? {};
  const id = domId(`${ctx.key} ${block.block_id} ${part.action_id} ${part.type}`);
  const error = isDirty(ctx.key, block.block_id) ? null : ctx.errors[block.block_id];
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;
  const group = GROUPS.has(part.type);
  const field = {
    id,
    labelledby: `${id}-label`,
    describedby: described,
    invalid: Boolean(error),
    optional: block.optional,
    required: !block.optional,
  };
  return h(
    "div",
    { class: `input-block${error ? " has-error" : ""}` },
    h(
      "div",
      { class: "label" },
      h(group ? "span" : "label", { id: `${id}-label`, for: group ? null : id }, words(block.label)),
      block.optional && h("span", { class: "optional" }, " (optional)"),
    ),
    element(ctx, block, part, field),
    error && h("p", { class: "field-error", id: `${id}-error`, role: "alert" }, icon("warning"), error),
    block.hint && h("p", { class: "hint", id: `${id}-hint` }, textObject(block.hint, ctx.view)),
  );
}

const DRAW = {
  section,
  context,
  actions,
  input,
  context_actions: actions,
  header: (block, ctx) =>
    h("h3", { class: `block-header level-${block.level ?? 1}` }, textObject(block.text, ctx.view)),
  divider: () => h("hr"),
  image: (block, ctx) => imageBlock(ctx, block),
  rich_text: (block, ctx) => richText(block, ctx.view),
  table: (block, ctx) => table(block, ctx),
  data_table: (block, ctx) => dataTable(block, ctx),
  data_visualization: (block) => chart(block),
  markdown: (block, ctx) => markdown(block.text ?? "", ctx.view),
};
