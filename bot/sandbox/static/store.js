/** Holds what the page knows: the server's state, who and where the reader is, and what is open or half typed. */

import { fetchState, listen, speakIn } from "./api.js";

export const store = {
  server: null, // last state from /page/state
  me: null, // user id the reader acts as
  team: null, // workspace the reader is in, where there are several
  at: null, // channel id, "home", "messages" or "inbox"
  live: true, // whether changes still arrive
  missing: null, // words shown when the first load failed
  notice: null, // {text} of the last local failure
  hiddenNotice: null, // server notice the reader dismissed
  drawer: false, // sidebar on a narrow screen
  clockAhead: 0, // milliseconds the workspace's clock is ahead of this machine's
  bench: false, // panel with faults and clock
  drafts: new Map(), // "<user>:<place>" -> text in the composer
  names: { users: {}, channels: {} },
};

let drawPage = () => {};
let waiting = false;
let stop = () => {};
let fetching = null;
let again = false;
const afterState = [];

/** Register the function that draws everything. */
export function onDraw(draw) {
  drawPage = draw;
}

/** Register `hook(now, before)` to run after each new state, before it is drawn. */
export function onState(hook) {
  afterState.push(hook);
}

/** Draw soon; many calls in a row draw once. */
export function redraw() {
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => {
    waiting = false;
    drawPage();
  });
}

/** Fetch the state; a call made meanwhile causes one more fetch, so the last state shown is never an old one. */
export function refresh() {
  if (fetching) {
    again = true;
    return fetching;
  }
  fetching = (async () => {
    do {
      again = false;
      await load(store.me);
    } while (again);
  })().finally(() => {
    fetching = null;
  });
  return fetching;
}

async function load(as) {
  let next;
  try {
    next = await fetchState(as);
  } catch (error) {
    if (error.status && as && !store.server) {
      store.me = null; // the address names somebody this workspace does not have
      again = true;
      return;
    }
    store.live = false;
    if (!store.server) store.missing = "The local Slack does not answer. Is it running?";
    redraw();
    return;
  }
  if (as !== store.me) {
    again = true; // the reader became somebody else meanwhile
    return;
  }
  accept(next);
}

function accept(next) {
  const before = store.server;
  store.missing = null;
  store.server = share(before, next);
  store.clockAhead = new Date(next.clock.now) - Date.now();
  store.names = share(store.names, namesOf(next));
  enter(next.workspaces.length > 1 ? next.team.id : null);
  if (!store.me || !next.people.some((person) => person.id === store.me)) store.me = next.me.id;
  for (const hook of afterState) hook(store.server, before);
  redraw();
}

/** Be in a workspace; null where there is only one. */
export function enter(team) {
  store.team = team;
  speakIn(team);
}

function namesOf(state) {
  const users = Object.fromEntries(state.people.map((person) => [person.id, person.real_name || person.name]));
  users[state.app.bot_user_id] ??= state.app.name;
  return { users, channels: Object.fromEntries(state.channels.map((channel) => [channel.id, channel.name])) };
}

/** Follow the changes the person in `store.me` may see. */
export function follow() {
  stop();
  stop = listen(
    store.me,
    (version) => version === store.server?.version || refresh(),
    (alive) => {
      if (alive && !store.live) refresh();
      store.live = alive;
      redraw();
    },
  );
}

/** Reuse every part of `before` that `after` repeats, so that equal parts are the same object. */
export function share(before, after) {
  if (before === after || !before || !after || typeof before !== "object" || typeof after !== "object") return after;
  if (Array.isArray(before) !== Array.isArray(after)) return after;
  const keys = Object.keys(after);
  let same = keys.length === Object.keys(before).length;
  const result = Array.isArray(after) ? [] : {};
  for (const key of keys) {
    result[key] = share(before[key], after[key]);
    same = same && key in before && result[key] === before[key];
  }
  return same ? before : result;
}

/** The workspace's time now: its clock as last heard, and the time since. */
export const now = () => new Date(Date.now() + store.clockAhead);
export const person = (id) => store.server?.people.find((candidate) => candidate.id === id);
export const me = () => person(store.me);
export const appDm = () => store.server.dms.find((dm) => dm.app);
