/** The ten select menus of Block Kit, each a combobox with its own list and its own shape of value. */

import { post } from "./api.js";
import { combobox, narrow } from "./combobox.js";
import { pathOf, setValue, valueOf } from "./forms.js";
import { avatar, icon } from "./icons.js";
import { store } from "./store.js";
import { words } from "./text.js";

const KINDS = {
  static_select: { field: "selected_option", groups: fixed },
  external_select: { field: "selected_option", remote: true },
  users_select: { field: "selected_user", groups: users, ids: true },
  channels_select: { field: "selected_channel", groups: channels, ids: true },
  conversations_select: { field: "selected_conversation", groups: conversations, ids: true },
  multi_static_select: { field: "selected_options", groups: fixed, multi: true },
  multi_external_select: { field: "selected_options", remote: true, multi: true },
  multi_users_select: { field: "selected_users", groups: users, ids: true, multi: true },
  multi_channels_select: { field: "selected_channels", groups: channels, ids: true, multi: true },
  multi_conversations_select: { field: "selected_conversations", groups: conversations, ids: true, multi: true },
};

export const isSelect = (type) => type in KINDS;

/** Draw a select element; `field` gives `{id, label, describedby, invalid, optional, focus}`. */
export function select(ctx, block, element, field) {
  const kind = KINDS[element.type];
  const value = valueOf(ctx, block, element)[kind.field];
  const list = kind.multi ? (value ?? []) : value ? [value] : [];
  const change = (options) => {
    const raw = options.map((option) => (kind.ids ? option.id : option.raw));
    setValue(ctx, block, element, { [kind.field]: kind.multi ? raw : (raw[0] ?? null) });
  };
  return combobox(ctx, {
    ...field,
    name: pathOf(block, element),
    placeholder: words(element.placeholder) || (kind.multi ? "Choose options" : "Choose an option"),
    chosen: list.map((one) => (kind.ids ? named(one) : optionOf(one))),
    multi: kind.multi,
    limit: element.max_selected_items,
    clearable: field.optional,
    remote: kind.remote,
    minimum: kind.remote ? (element.min_query_length ?? 3) : 0,
    source: kind.remote ? (query) => ask(ctx, block, element, query) : (query) => narrow(kind.groups(element), query),
    change,
    done: () => ctx.chosen(block, element, valueOf(ctx, block, element)),
  });
}

function optionOf(option) {
  return { id: option.value, text: words(option.text), description: words(option.description), raw: option };
}

function fixed({ options, option_groups: groups }) {
  if (groups)
    return groups.map((group) => ({ label: words(group.label), options: (group.options ?? []).map(optionOf) }));
  return [{ label: null, options: (options ?? []).map(optionOf) }];
}

async function ask(ctx, block, element, value) {
  const answer = await post("options", {
    as: store.me,
    container: ctx.container,
    block_id: block.block_id,
    action_id: element.action_id,
    value,
  });
  if (answer.ok === false)
    return { error: answer.error || "The app did not send options in time. Type again to retry." };
  return { groups: fixed(answer).filter((group) => group.options.length) };
}

function userOption(person) {
  const name = person.real_name || person.name;
  return {
    id: person.id,
    text: name,
    description: person.title || null,
    words: `${person.handle} ${person.email ?? ""}`,
    icon: () => avatar(person, "tiny"),
  };
}

function users() {
  return [{ label: null, options: store.server.people.filter((person) => person.in_slack).map(userOption) }];
}

function channelOption(channel) {
  return { id: channel.id, text: channel.name, icon: () => icon(channel.is_private ? "lock" : "hash") };
}

function channels() {
  return [{ label: null, options: store.server.channels.filter((channel) => !channel.is_private).map(channelOption) }];
}

function conversations(element) {
  const include = element.filter?.include ?? ["public", "private", "im", "mpim"];
  const rooms = store.server.channels.filter((channel) => include.includes(channel.is_private ? "private" : "public"));
  const direct = store.server.dms.filter(
    (dm) => include.includes("im") && !(dm.app && element.filter?.exclude_bot_users),
  );
  const groups = [
    { label: "Channels", options: rooms.map(channelOption) },
    { label: "Direct messages", options: direct.map((dm) => ({ id: dm.id, text: dm.name, icon: () => icon("chat") })) },
  ];
  return groups.filter((group) => group.options.length);
}

function named(id) {
  const person = store.server.people.find((one) => one.id === id);
  if (person) return userOption(person);
  const channel = store.server.channels.find((one) => one.id === id);
  if (channel) return channelOption(channel);
  const dm = store.server.dms.find((one) => one.id === id);
  return { id, text: dm?.name ?? store.names.users[id] ?? store.names.channels[id] ?? id };
}
