/** A select menu with type-ahead: one or many choices, from a fixed list or asked for while typing. */

import { cross } from "./buttons.js";
import { choose, clear, key, leave, pick, press, type, without } from "./choosing.js";
import { local } from "./forms.js";
import { icon } from "./icons.js";
import { floating } from "./popover.js";
import { h } from "./vdom.js";

/**
 * Draw a select menu.
 *
 * An option is `{id, text, description, icon, raw}`. `source(query)` returns groups `[{label, options}]`, or a
 * promise of them when `remote`; `minimum` is how many characters a remote source wants first. `change(options)`
 * gets what is chosen after each choice, `done()` is called when the list closes after a change.
 */
export function combobox(ctx, menu) {
  const { name, chosen, multi, remote, source } = menu;
  const state = local(ctx, `combo:${name}`, { open: false, query: "", active: 0, groups: [], status: "idle", ask: 0 });
  const control = { ctx, state, minimum: 0, ...menu };
  if (state.open && !remote) state.groups = filtered(source(state.query), chosen, multi);
  const options = state.open ? state.groups.flatMap((group) => group.options) : [];
  const active = options[Math.min(state.active, options.length - 1)];
  return h(
    "div",
    { class: `combo${state.open ? " open" : ""}`, onfocusout: (event) => leave(event, control) },
    box(control, options, active),
    state.open && list(control, options, active),
  );
}

function box(control, options, active) {
  const { state, chosen, multi, clearable } = control;
  const single = !multi && chosen[0];
  return h(
    "div",
    { class: "combo-box", onmousedown: (event) => press(event, control) },
    multi && chosen.map((option) => chip(option, control)),
    single?.icon && !state.open && h("span", { class: "combo-icon" }, single.icon()),
    h("input", {
      ...labels(control, options, active),
      placeholder: single && state.open ? single.text : multi && chosen.length ? "" : control.placeholder,
      value: state.open ? state.query : single ? single.text : "",
      oninput: (event) => type(event, control),
      onkeydown: (event) => key(event, control, options, active),
      onfocus: (event) => event.target.select(),
    }),
    clearable && single && cross("Clear the choice", () => clear(control), { class: "plain clear" }),
    h("span", { class: "chevron", "aria-hidden": "true" }, icon("down")),
  );
}

/** What the input says of itself to screen readers. */
function labels({ id, label, describedby, invalid, required, focus, state }, options, active) {
  return {
    id,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    autofocus: focus || null,
    "aria-expanded": String(state.open),
    "aria-controls": `${id}-list`,
    "aria-autocomplete": "list",
    "aria-activedescendant": state.open && active ? `${id}-${options.indexOf(active)}` : null,
    "aria-label": label,
    "aria-describedby": describedby,
    "aria-invalid": invalid ? "true" : null,
    "aria-required": required ? "true" : null,
  };
}

function filtered(groups, chosen, multi) {
  if (!multi) return groups;
  const taken = new Set(chosen.map((option) => option.id));
  return groups
    .map((group) => ({ ...group, options: group.options.filter((option) => !taken.has(option.id)) }))
    .filter((group) => group.options.length);
}

/** Groups narrowed to the options whose text, or extra words, contain what was typed. */
export function narrow(groups, query) {
  const typed = query.trim().toLowerCase();
  if (!typed) return groups;
  const fits = (option) => `${option.text} ${option.words ?? ""}`.toLowerCase().includes(typed);
  return groups
    .map((group) => ({ ...group, options: group.options.filter(fits) }))
    .filter((group) => group.options.length);
}

function list(control, options, active) {
  const { id, state, multi } = control;
  const groups = state.groups.map((group, i) =>
    h(
      "div",
      { key: `g${i}`, role: group.label ? "group" : "presentation", "aria-label": group.label },
      group.label && h("div", { class: "group-label", "aria-hidden": "true" }, group.label),
      group.options.map((option) => row(control, option, options.indexOf(option), option === active)),
    ),
  );
  const note = noteOf(control, options);
  const props = {
    key: "list",
    id: `${id}-list`,
    class: "floating listbox",
    role: "listbox",
    "aria-multiselectable": multi ? "true" : null,
    onmousedown: (event) => event.preventDefault(),
    ...floating((el) => el.parentElement, { match: true }),
  };
  return h("div", props, note && h("div", { key: "note", class: "list-note", role: "status" }, note), groups);
}

function row(control, option, index, active) {
  const { id, state, chosen } = control;
  const selected = chosen.some((one) => one.id === option.id);
  const follow = (el) => {
    if (!active || !state.follow) return;
    state.follow = false;
    el.scrollIntoView({ block: "nearest" });
  };
  const props = {
    key: option.id,
    id: `${id}-${index}`,
    class: `option${active ? " active" : ""}`,
    role: "option",
    "aria-selected": String(selected),
    onmousedown: (event) => event.preventDefault(),
    onclick: () => choose(control, option),
    mounted: follow,
    updated: follow,
  };
  return h(
    "div",
    props,
    option.icon && h("span", { class: "combo-icon" }, option.icon()),
    h("span", null, option.text, option.description && h("small", null, option.description)),
    selected && h("span", { class: "tick" }, icon("check")),
  );
}

/** The line above the options that says what is going on, or null. */
function noteOf({ state, minimum }, options) {
  if (state.status === "short") return `Type at least ${minimum} character${minimum === 1 ? "" : "s"} to search`;
  if (state.status === "failed") return state.words;
  if (options.length) return null;
  return state.status === "asking" ? "Searching…" : "No matches";
}

function chip(option, control) {
  const remove = () => pick(control, without(control.chosen, option), true);
  return h("span", { key: `chip:${option.id}`, class: "chip" }, option.text, cross(`Remove ${option.text}`, remove));
}
