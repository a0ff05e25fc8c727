/** What happens in a select menu (`control`, as `combobox` made it): opening, typing, asking, choosing, closing. */

import { touch } from "./forms.js";

const ASK_AFTER = 200; // milliseconds without a key before options are asked for

export function press(event, control) {
  if (event.target.closest("button")) return;
  const input = event.currentTarget.querySelector("input");
  if (event.target !== input) event.preventDefault();
  input.focus();
  if (control.state.open) close(control);
  else open(control);
}

function open(control) {
  Object.assign(control.state, {
    open: true,
    query: "",
    active: selectedIndex(control),
    status: "idle",
    groups: [],
    follow: true,
  });
  if (control.remote) ask(control, 0);
  touch(control.ctx);
}

function selectedIndex({ remote, multi, chosen, source }) {
  if (remote || multi || !chosen[0]) return 0;
  const options = source("").flatMap((group) => group.options);
  return Math.max(
    0,
    options.findIndex((option) => option.id === chosen[0].id),
  );
}

function close(control) {
  const { state } = control;
  if (!state.open) return;
  Object.assign(state, { open: false, query: "", ask: state.ask + 1 });
  clearTimeout(state.timer);
  touch(control.ctx);
  settle(control);
}

function settle({ state, done }) {
  if (!state.changed) return;
  state.changed = false;
  done?.();
}

export function leave(event, control) {
  if (event.currentTarget.contains(event.relatedTarget)) return;
  close(control);
}

export function type(event, control) {
  const { state } = control;
  const text = event.target.value;
  if (!state.open) open(control);
  Object.assign(state, { query: text, active: 0, follow: true });
  if (control.remote) ask(control, ASK_AFTER);
  touch(control.ctx);
}

function ask(control, delay) {
  const { state, minimum, source, ctx } = control;
  clearTimeout(state.timer);
  state.ask += 1;
  const mine = state.ask;
  if (state.query.trim().length < minimum) {
    Object.assign(state, { status: "short", groups: [] });
    return;
  }
  state.status = "asking";
  state.timer = setTimeout(async () => {
    const answer = await source(state.query);
    if (mine !== state.ask) return; // something else was typed meanwhile
    if (answer.error) Object.assign(state, { status: "failed", words: answer.error, groups: [] });
    else Object.assign(state, { status: "idle", groups: answer.groups, active: 0 });
    touch(ctx);
  }, delay);
}

const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/** A key in the menu's input; `active` is the highlighted one of `options`. */
export function key(event, control, options, active) {
  const { state, chosen, multi } = control;
  if (event.key in STEPS) {
    event.preventDefault();
    if (state.open) step(control, options.length, STEPS[event.key]);
    else open(control);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (!state.open) open(control);
    else if (active && state.status !== "asking") choose(control, active);
  } else if (event.key === "Escape" && state.open) {
    event.preventDefault();
    event.stopPropagation();
    close(control);
  } else if (event.key === "Backspace" && multi && !event.target.value && chosen.length) {
    pick(control, chosen.slice(0, -1), !state.open);
  }
}

/** Single steps go round, long ones stop at the ends. */
function step(control, count, by) {
  const { state, ctx } = control;
  const to = Math.min(state.active, count - 1) + by;
  state.active = Math.abs(by) === 1 ? (to + count) % (count || 1) : Math.max(0, Math.min(count - 1, to));
  state.follow = true;
  touch(ctx);
}

export const without = (options, option) => options.filter((one) => one.id !== option.id);

/** Take an option; in a menu of many, taking it again gives it back. */
export function choose(control, option) {
  const { state, chosen, multi, limit, remote } = control;
  if (!multi) {
    if (option.id !== chosen[0]?.id) pick(control, [option], false);
    return close(control);
  }
  const rest = without(chosen, option);
  if (rest.length === chosen.length && limit && chosen.length >= limit) {
    Object.assign(state, { status: "failed", words: `You can choose up to ${limit}.` });
    return touch(control.ctx);
  }
  state.query = "";
  pick(control, rest.length < chosen.length ? rest : [...chosen, option], false);
  if (remote) state.groups = state.groups.map((group) => ({ ...group, options: without(group.options, option) }));
}

/** Keep what is chosen; `now` tells the app at once instead of when the list closes. */
export function pick(control, options, now) {
  control.state.changed = true;
  if (control.state.status === "failed") control.state.status = "idle";
  control.change(options);
  touch(control.ctx);
  if (now) settle(control);
}

export function clear(control) {
  pick(control, [], true);
  close(control);
}
