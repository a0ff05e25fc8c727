/** Draws the rarer blocks: alert, card, carousel, container, video, file, plan, task, call and sign-in. */

import { element } from "./elements.js";
import { local, touch } from "./forms.js";
import { icon } from "./icons.js";
import { image } from "./images.js";
import { richText } from "./richtext.js";
import { link, textObject, words } from "./text.js";
import { h } from "./vdom.js";

const LEVELS = {
  default: ["info", "Note"],
  info: ["info", "Information"],
  warning: ["warning", "Warning"],
  error: ["warning", "Error"],
  success: ["check", "Success"],
};

function alert(block, ctx) {
  const level = block.level in LEVELS ? block.level : "default";
  const [mark, word] = LEVELS[level];
  return h(
    "div",
    { class: `alert level-${level}`, role: level === "error" ? "alert" : "note" },
    icon(mark),
    h("div", null, h("span", { class: "sr-only" }, `${word}: `), textObject(block.text, ctx.view)),
  );
}

function card(block, ctx) {
  const buttons = (block.actions ?? []).map((part) => element(ctx, block, part));
  return h(
    "article",
    { class: "card" },
    block.hero_image && image(ctx, block.hero_image, "hero"),
    h(
      "div",
      { class: "card-head" },
      block.icon && image(ctx, block.icon, "card-icon"),
      h(
        "div",
        null,
        block.title && h("strong", null, textObject(block.title, ctx.view)),
        block.subtitle && h("div", { class: "muted" }, textObject(block.subtitle, ctx.view)),
      ),
    ),
    block.body && h("div", { class: "card-body" }, textObject(block.body, ctx.view)),
    block.subtext && h("div", { class: "muted" }, textObject(block.subtext, ctx.view)),
    buttons.length > 0 && h("div", { class: "card-actions" }, buttons),
  );
}

function carousel(block, ctx, draw) {
  return h(
    "div",
    { class: "carousel", role: "group", "aria-label": "Cards", tabindex: "0" },
    draw(ctx, block.elements),
  );
}

function container(block, ctx, draw) {
  const state = local(ctx, `container:${block.block_id}`, { open: !block.default_collapsed });
  const title = block.rich_text_title ? richText(block.rich_text_title, ctx.view) : textObject(block.title, ctx.view);
  const toggle = () => {
    state.open = !state.open;
    touch(ctx);
  };
  const heading = block.is_collapsible
    ? h(
        "button",
        { type: "button", class: "plain fold", "aria-expanded": String(state.open), onclick: toggle },
        icon("down"),
        h("strong", null, title),
      )
    : h("strong", null, title);
  const open = !block.is_collapsible || state.open;
  const head = h(
    "div",
    { class: `container-head${block.has_header_divider ? " ruled" : ""}` },
    block.icon && image(ctx, block.icon, "card-icon"),
    h("div", null, heading, block.subtitle && h("div", { class: "muted" }, textObject(block.subtitle, ctx.view))),
  );
  return h(
    "section",
    { class: `container width-${block.width ?? "standard"}` },
    head,
    open && h("div", { class: "container-body" }, draw(ctx, block.child_blocks)),
  );
}

function video(block, ctx) {
  const title = words(block.title);
  const by = [block.author_name, block.provider_name].filter(Boolean).join(" · ");
  return h(
    "div",
    { class: "video" },
    h("strong", null, block.title_url ? link(block.title_url, [title]) : title),
    by && h("div", { class: "muted" }, by),
    block.description && h("div", null, textObject(block.description, ctx.view)),
    h(
      "div",
      { class: "video-frame" },
      image(ctx, { image_url: block.thumbnail_url, alt_text: block.alt_text }, "block-image"),
      link(block.video_url, [icon("play"), " Watch the video"]),
    ),
  );
}

function file(block) {
  return h(
    "div",
    { class: "file-card" },
    icon("file"),
    h("span", null, `File ${block.external_id ?? block.file_id ?? ""}`),
    h("span", { class: "muted" }, block.source),
  );
}

const STATES = {
  pending: ["clock", "Waiting"],
  in_progress: ["clock", "Running"],
  complete: ["check", "Done"],
  error: ["warning", "Failed"],
};

function task(block, ctx) {
  const [mark, word] = STATES[block.status] ?? ["info", block.status];
  const sources = (block.sources ?? []).map((source) => h("li", null, link(source.url, [source.text ?? source.url])));
  return h(
    "div",
    { class: `task status-${block.status}` },
    h("div", { class: "task-head" }, icon(mark), h("strong", null, block.title), h("span", { class: "muted" }, word)),
    block.details && richText(block.details, ctx.view),
    block.output && richText(block.output, ctx.view),
    sources.length > 0 && h("ul", { class: "sources" }, sources),
  );
}

function plan(block, ctx) {
  return h(
    "div",
    { class: "plan" },
    h("strong", null, words(block.title)),
    (block.tasks ?? []).map((one) => task(one, ctx)),
  );
}

function call(block) {
  const info = block.call?.v1 ?? block.call ?? {};
  return h(
    "div",
    { class: "file-card" },
    icon("chat"),
    h("strong", null, info.name ?? "Call"),
    info.join_url && link(info.join_url, ["Join"]),
  );
}

function signIn(block, ctx) {
  const connected = block.is_connected;
  const text = connected
    ? [words(block.connected_identity), words(block.connected_context)].filter(Boolean).join(" · ")
    : words(block.description);
  const url = connected ? block.disconnect_url : block.auth_url;
  const state = h(
    "div",
    null,
    h("strong", null, words(block.name)),
    h("div", { class: "muted" }, text || (connected ? "Connected" : "Not connected")),
  );
  return h(
    "div",
    { class: "file-card" },
    icon("link"),
    state,
    url && link(url, [connected ? "Disconnect" : "Connect"]),
    connected && block.accessory && element(ctx, block, block.accessory),
  );
}

/** Block type -> `(block, ctx, draw)`; `draw(ctx, blocks)` draws nested blocks. */
export const MORE = {
  alert,
  card,
  carousel,
  container,
  video,
  file,
  plan,
  task_card: task,
  call,
  auth_provider: signIn,
};
