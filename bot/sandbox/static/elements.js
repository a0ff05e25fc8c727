/** Draws every element a block may hold, and says so where it does not know one. */

import { fileInput } from "./files.js";
import { isBusy } from "./interact.js";
import { local, touch } from "./forms.js";
import { icon } from "./icons.js";
import { image } from "./images.js";
import { INPUTS } from "./inputs.js";
import { menuButton } from "./menu.js";
import { isSelect, select } from "./selects.js";
import { safeUrl, textObject, unknown, words } from "./text.js";
import { h } from "./vdom.js";

let count = 0;
const ids = new Map();

/** A page-wide unique id for a name, the same each time. */
export function domId(name) {
  if (!ids.has(name)) ids.set(name, `f${(count += 1)}`);
  return ids.get(name);
}

/** Draw `element` of `block`; `field` adds what a label knows (id, label, describedby, invalid, optional). */
export function element(ctx, block, part, field = {}) {
  const id = domId(`${ctx.key} ${block.block_id} ${part.action_id} ${part.type}`);
  const own = {
    id,
    label: field.labelledby
      ? null
      : words(part.placeholder) || part.accessibility_label || ctx.labelOf?.(block) || part.action_id,
    focus: part.focus_on_load && ctx.surface === "modal",
    ...field,
  };
  const draw = isSelect(part.type) ? select : DRAW[part.type];
  if (!draw) return unknown(`element: ${part.type}`);
  return h(
    "div",
    { key: `${part.action_id}:${part.type}`, class: `element el-${part.type}`, "data-action-id": part.action_id },
    draw(ctx, block, part, own),
  );
}

function button(ctx, block, part) {
  const busy = isBusy(ctx, block, part);
  const style = part.style === "primary" ? " primary" : part.style === "danger" ? " danger" : "";
  const props = {
    class: `btn${style}${busy ? " busy" : ""}`,
    type: "button",
    "aria-label": part.accessibility_label,
    "aria-busy": busy ? "true" : null,
    onclick: () => press(ctx, block, part, busy),
  };
  return h(
    "button",
    props,
    textObject(part.text, ctx.view),
    part.url && h("span", { class: "out", title: part.url }, icon("link")),
  );
}

function press(ctx, block, part, busy) {
  if (busy) return;
  if (part.url && safeUrl(part.url)) window.open(part.url, "_blank", "noopener");
  ctx.act(block, part, { value: part.value, text: part.text, ...(part.url ? { url: part.url } : {}) });
}

function overflow(ctx, block, part, field) {
  const state = local(ctx, `overflow:${field.id}`, { open: false });
  const set = (open) => {
    state.open = open;
    touch(ctx);
  };
  const choose = (option) => {
    if (option.url && safeUrl(option.url)) window.open(option.url, "_blank", "noopener");
    ctx.act(block, part, { selected_option: option });
  };
  const items = (part.options ?? []).map((option) => ({
    key: option.value,
    content: [
      h("span", null, textObject(option.text, ctx.view)),
      option.description && h("small", null, words(option.description)),
    ],
    run: () => choose(option),
  }));
  return menuButton({ open: state.open, set, label: "More actions", mark: "more", align: "right", items });
}

const ICONS = { trash: "trash" };

function iconButton(ctx, block, part) {
  const label = part.accessibility_label ?? words(part.text);
  const press_ = () => ctx.act(block, part, { value: part.value, text: part.text });
  return h(
    "button",
    { type: "button", class: "btn icon-only", "aria-label": label, title: words(part.text), onclick: press_ },
    icon(ICONS[part.icon] ?? "more"),
  );
}

function feedback(ctx, block, part) {
  const one = (choice, name) =>
    choice &&
    h(
      "button",
      {
        type: "button",
        class: `btn icon-only ${name}`,
        "aria-label": choice.accessibility_label ?? words(choice.text),
        title: words(choice.text),
        onclick: () => ctx.act(block, part, { value: choice.value, text: choice.text }),
      },
      icon("up"),
    );
  return h("span", { class: "feedback" }, one(part.positive_button, "good"), one(part.negative_button, "bad"));
}

const DRAW = {
  ...INPUTS,
  button,
  overflow,
  icon_button: iconButton,
  feedback_buttons: feedback,
  file_input: fileInput,
  image: (ctx, block, part) => image(ctx, part, "accessory-image"),
  workflow_button: (ctx, block, part) =>
    h(
      "button",
      { type: "button", class: "btn", disabled: true, title: "Workflows do not run in the local Slack" },
      textObject(part.text, ctx.view),
    ),
};
