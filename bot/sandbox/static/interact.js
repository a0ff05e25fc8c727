/** Carries what a reader does in a message, form or Home tab to the app: actions with their confirmation and wait. */

import { post } from "./api.js";
import { confirmed } from "./confirm.js";
import { gather, local, pathOf, resetValue, touch } from "./forms.js";
import { refresh, store } from "./store.js";
import { say } from "./notices.js";

/**
 * What blocks need to be drawn and used. `container` is Slack's `{type, …}`, `surface` "message", "modal" or
 * "home", `view` what text needs, `errors` words by block_id, `given` the values the server remembers.
 */
export function context({ key, container, surface, blocks, view, errors = {}, given = {} }) {
  const ctx = { key, container, surface, blocks, view, errors, given };
  ctx.act = (block, element, part) => act(ctx, block, element, part);
  ctx.chosen = (block, element, value) => chosen(ctx, block, element, value);
  return ctx;
}

export function isBusy(ctx, block, element) {
  return local(ctx, "busy", new Set()).has(pathOf(block, element));
}

async function act(ctx, block, element, part) {
  if (!(await confirmed(element.confirm, ctx.view))) return false;
  const busy = local(ctx, "busy", new Set());
  const path = pathOf(block, element);
  busy.add(path);
  touch(ctx);
  const action = { type: element.type, action_id: element.action_id, block_id: block.block_id, ...part };
  const answer = await post("action", {
    as: store.me,
    container: ctx.container,
    block_id: block.block_id,
    action_id: element.action_id,
    action,
    state: { values: gather(ctx) },
  });
  busy.delete(path);
  if (!answer.ok) say(answer.error);
  touch(ctx);
  await refresh();
  return true;
}

async function chosen(ctx, block, element, value) {
  if (block.type === "input" && !block.dispatch_action) return;
  const sent = local(ctx, "sent", new Map());
  const path = pathOf(block, element);
  const { type, ...part } = value;
  const before = sent.get(path);
  if (await act(ctx, block, element, part)) sent.set(path, part);
  else resetValue(ctx, block, element, before);
}
