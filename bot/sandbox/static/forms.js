/** Keeps what is chosen and typed in the forms of views and messages, in the shape Slack's `state.values` has. */

import { fromRichText, toRichText } from "./richedit.js";
import { redraw } from "./store.js";

/** container key -> {version, values: Map(path -> value), local: Map(name -> object)} */
const kept = new Map();

function shelf(key) {
  if (!kept.has(key)) kept.set(key, { version: 0, values: new Map(), local: new Map(), dirty: new Set() });
  return kept.get(key);
}

/** A number that grows whenever something in this container was typed, chosen or opened. */
export function version(key) {
  return kept.get(key)?.version ?? 0;
}

/** Draw the container of `ctx` again. */
export function touch(ctx) {
  shelf(ctx.key).version += 1;
  redraw();
}

/** A small state object of one control, born as `initial`. */
export function local(ctx, name, initial) {
  const shelves = shelf(ctx.key).local;
  if (!shelves.has(name)) shelves.set(name, initial);
  return shelves.get(name);
}

/** Forget containers whose key is not in `alive` and begins with `prefix`. */
export function forget(prefix, alive) {
  for (const key of kept.keys()) if (key.startsWith(prefix) && !alive.has(key)) kept.delete(key);
}

export const pathOf = (block, element) => `${block.block_id}/${element.action_id}/${element.type}`;

/** The value object `{type, …}` of a field now. As in Slack, what a field first held stays through updates of the
 * view that keep its block_id and action_id, even when the app gives another initial value. */
export function valueOf(ctx, block, element) {
  const { values } = shelf(ctx.key);
  const path = pathOf(block, element);
  if (!values.has(path)) values.set(path, ctx.given?.[block.block_id]?.[element.action_id] ?? initialValue(element));
  return values.get(path);
}

/** Keep a chosen value; an error shown on its block no longer applies. */
export function setValue(ctx, block, element, part) {
  const own = shelf(ctx.key);
  own.values.set(pathOf(block, element), { type: element.type, ...part });
  own.dirty.add(block.block_id);
  touch(ctx);
}

/** Go back to `part`, or to what the app gave, after the reader changed their mind. */
export function resetValue(ctx, block, element, part) {
  if (part) return setValue(ctx, block, element, part);
  shelf(ctx.key).values.delete(pathOf(block, element));
  return touch(ctx);
}

/** Whether the block changed since `clean` was called. */
export const isDirty = (key, blockId) => kept.get(key)?.dirty.has(blockId) ?? false;
export const clean = (key) => shelf(key).dirty.clear();

/** Drop what was typed into fields the container no longer has. */
export function prune(key, blocks) {
  const own = kept.get(key);
  if (!own) return;
  const paths = new Set([...fields(blocks)].map(({ block, element }) => pathOf(block, element)));
  for (const path of own.values.keys()) if (!paths.has(path)) own.values.delete(path);
  for (const name of own.local.keys())
    if (name.startsWith("rich:") && !paths.has(name.slice(5))) own.local.delete(name);
}

const none =
  (...names) =>
  () =>
    Object.fromEntries(names.map((name) => [name, name.endsWith("s") ? [] : null]));

/** What an untouched field of each kind holds. */
const INITIAL = {
  plain_text_input: (e) => ({ value: e.initial_value || null }),
  email_text_input: (e) => ({ value: e.initial_value || null }),
  url_text_input: (e) => ({ value: e.initial_value || null }),
  number_input: (e) => ({ value: e.initial_value ?? null }),
  rich_text_input: (e) => ({ rich_text_value: e.initial_value ?? null }),
  datepicker: (e) => ({ selected_date: e.initial_date ?? null }),
  timepicker: (e) => ({ selected_time: e.initial_time ?? null }),
  datetimepicker: (e) => ({ selected_date_time: e.initial_date_time ?? null }),
  checkboxes: (e) => ({ selected_options: e.initial_options ?? [] }),
  radio_buttons: (e) => ({ selected_option: e.initial_option ?? null }),
  static_select: (e) => ({ selected_option: e.initial_option ?? null }),
  external_select: (e) => ({ selected_option: e.initial_option ?? null }),
  users_select: (e) => ({ selected_user: e.initial_user ?? null }),
  channels_select: (e) => ({ selected_channel: e.initial_channel ?? null }),
  conversations_select: (e) => ({ selected_conversation: e.initial_conversation ?? null }),
  multi_static_select: (e) => ({ selected_options: e.initial_options ?? [] }),
  multi_external_select: (e) => ({ selected_options: e.initial_options ?? [] }),
  multi_users_select: (e) => ({ selected_users: e.initial_users ?? [] }),
  multi_channels_select: (e) => ({ selected_channels: e.initial_channels ?? [] }),
  multi_conversations_select: (e) => ({ selected_conversations: e.initial_conversations ?? [] }),
  file_input: none("files"),
};

function initialValue(element) {
  return { type: element.type, ...INITIAL[element.type]?.(element) };
}

/** Every field that has a value, with its block. */
export function* fields(blocks) {
  for (const block of blocks ?? []) {
    const elements = [block.element, block.accessory, ...(block.type === "actions" ? (block.elements ?? []) : [])];
    for (const element of elements) if (element && element.type in INITIAL) yield { block, element };
    if (block.type === "container") yield* fields(block.child_blocks);
  }
}

/** `state.values` of a container. */
export function gather(ctx) {
  const values = {};
  for (const { block, element } of fields(ctx.blocks)) {
    (values[block.block_id] ??= {})[element.action_id] = valueOf(ctx, block, element);
  }
  return values;
}

/** The text shown in a rich text editor; kept apart so that the typed form is not rewritten under the cursor. */
export function richTextOf(ctx, block, element) {
  const own = local(ctx, `rich:${pathOf(block, element)}`, {
    text: fromRichText(valueOf(ctx, block, element).rich_text_value),
  });
  return own.text;
}

export function setRichText(ctx, block, element, text) {
  local(ctx, `rich:${pathOf(block, element)}`, {}).text = text;
  setValue(ctx, block, element, { rich_text_value: toRichText(text) });
}
