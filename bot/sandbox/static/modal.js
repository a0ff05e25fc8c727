/** Draws the forms an app opened: the top of the stack, with its errors, its wait and its keys. */

import { post } from "./api.js";
import { blocks } from "./blocks.js";
import { button, iconButton } from "./buttons.js";
import { dialogProps } from "./dialog.js";
import { clean, forget, gather, isDirty, local, prune, touch } from "./forms.js";
import { appMark } from "./icons.js";
import { context } from "./interact.js";
import { fresh, noticeBar, say } from "./notices.js";
import { now, refresh, store } from "./store.js";
import { words } from "./text.js";
import { h } from "./vdom.js";

const viewKey = (id) => `view:${id}`;

/** The dialog with the front form, or null. */
export function modal() {
  const stack = store.server.views;
  const front = stack.at(-1);
  if (!front) return null;
  const props = { key: "modal", class: "dialog modal", "data-testid": "modal", "aria-labelledby": "modal-title" };
  return h("dialog", { ...props, ...dialogProps(() => close(front, false)) }, form(front, stack.length));
}

function contextOf(front) {
  return context({
    key: viewKey(front.id),
    container: { type: "view", view_id: front.id },
    surface: "modal",
    blocks: front.view.blocks ?? [],
    view: { names: store.names, now: now(), me: store.me },
    errors: front.errors ?? {},
    given: front.values,
  });
}

function form(front, depth) {
  const ctx = contextOf(front);
  const state = local(ctx, "form", { sending: false });
  const busy = state.sending || front.busy;
  const { view } = front;
  return h(
    "form",
    {
      key: front.id,
      novalidate: true,
      "aria-busy": String(Boolean(busy)),
      "data-view-id": front.id,
      mounted: focusFirst,
      onsubmit: (event) => submit(event, ctx, front, state, busy),
    },
    head(front, depth),
    h("div", { class: "modal-body blocks" }, blocks(ctx)),
    noticeBar(),
    summary(ctx, view),
    foot(front, busy),
  );
}

function head(front, depth) {
  const back = () => close(front, false);
  const leave = () => close(front, depth > 1);
  return h(
    "header",
    { class: "modal-head" },
    depth > 1 ? iconButton("back", "Back to the form before", back, { "data-testid": "modal-back" }) : appMark(),
    h("h2", { id: "modal-title" }, words(front.view.title)),
    iconButton("close", depth > 1 ? "Close all forms" : "Close", leave, { "data-testid": "modal-close" }),
  );
}

function foot(front, busy) {
  const { view } = front;
  const submitProps = {
    type: "submit",
    class: `btn primary${busy ? " busy" : ""}`,
    "data-testid": "modal-submit",
    "aria-disabled": busy ? "true" : null,
  };
  return h(
    "footer",
    { class: "dialog-foot" },
    busy && h("span", { class: "sending", role: "status" }, "Working…"),
    button(words(view.close) || (view.submit ? "Cancel" : "Close"), () => close(front, false), {
      "data-testid": "modal-cancel",
    }),
    view.submit && h("button", submitProps, words(view.submit)),
  );
}

/** Errors the app put on blocks that cannot show one are not lost. */
function summary(ctx, view) {
  const shown = new Set((view.blocks ?? []).filter((block) => block.type === "input").map((block) => block.block_id));
  const lost = Object.entries(ctx.errors).filter(([id]) => !shown.has(id) && !isDirty(ctx.key, id));
  return (
    lost.length > 0 &&
    h(
      "div",
      { key: "lost", class: "notice", role: "alert" },
      lost.map(([id, text]) => h("p", { key: id }, `${text} (${id})`)),
    )
  );
}

function focusFirst(el) {
  const wanted =
    el.querySelector("[autofocus]") ??
    el.querySelector(".modal-body input:not([type=file]):not([disabled]), .modal-body textarea");
  (wanted ?? el.querySelector("[data-testid=modal-submit], [data-testid=modal-cancel]")).focus();
}

async function submit(event, ctx, front, state, busy) {
  event.preventDefault();
  if (busy || !front.view.submit) return;
  fresh();
  clean(ctx.key);
  state.sending = true;
  touch(ctx);
  const answer = await post("submit", { as: store.me, view_id: front.id, values: gather(ctx) });
  state.sending = false;
  if (!answer.ok) say(answer.error);
  touch(ctx);
  await refresh();
  if (Object.keys(answer.errors ?? {}).length) setTimeout(focusError);
}

function focusError() {
  const field = document.querySelector("dialog.modal .has-error");
  field?.scrollIntoView({ block: "center" });
  field?.querySelector("input, textarea, button")?.focus();
}

async function close(front, all) {
  fresh();
  const answer = await post("close", { as: store.me, view_id: front.id, all });
  if (!answer.ok) say(answer.error);
  await refresh();
}

/** Forget what was typed into forms that are closed, and into fields an update took away. */
export function tidyViews(server) {
  forget("view:", new Set(server.views.map((one) => viewKey(one.id))));
  for (const one of server.views) prune(viewKey(one.id), one.view.blocks);
}
