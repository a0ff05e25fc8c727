/** Where the reader is: kept in the address (`#as=U..&at=C..`, `&team=T..` where there are several), so that two tabs can be two people. */

import { appDm, enter, follow, me, person, redraw, refresh, store } from "./store.js";

/** Read the address into the store; returns whether the person or the workspace changed. */
export function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const as = parts.get("as");
  const at = parts.get("at");
  const team = parts.get("team");
  const changed = (Boolean(as) && as !== store.me) || (Boolean(team) && team !== store.team);
  if (team) enter(team);
  if (as) store.me = as;
  if (at) store.at = at;
  return changed;
}

/** Write the store into the address, as a step the Back button undoes unless `replace`. */
export function writeAddress(replace = false) {
  const where = store.team ? `&team=${encodeURIComponent(store.team)}` : "";
  const hash = `#as=${encodeURIComponent(store.me)}&at=${encodeURIComponent(store.at)}${where}`;
  if (location.hash === hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", hash);
}

/** Make sure the reader stands in a place this person has. */
export function settle() {
  const server = store.server;
  if (!server) return;
  const here = me();
  const allowed = ["inbox"];
  if (here?.in_slack)
    allowed.push("home", "messages", ...[...server.channels, ...server.dms, ...server.people].map((one) => one.id));
  if (store.at && store.at === appDm()?.id) store.at = "messages";
  store.at = server.dms.find((dm) => dm.user === store.at)?.id ?? store.at;
  if (!allowed.includes(store.at)) store.at = here?.in_slack ? startingPlace() : "inbox";
  writeAddress(true);
}

/** Where a newcomer begins: somewhere commands can be typed. */
export function startingPlace() {
  const { app, channels } = store.server;
  return app.installed && app.messages_tab && !app.messages_read_only ? "messages" : (channels[0]?.id ?? "messages");
}

/** The id of the conversation on show, or null on Home and in the inbox. */
export function conversationId() {
  if (store.at === "home" || store.at === "inbox") return null;
  return store.at === "messages" ? (appDm()?.id ?? store.server.app.bot_user_id) : store.at;
}

/** Go to a place: a channel id, "home", "messages" or "inbox". */
export function goTo(at) {
  store.at = at === appDm()?.id ? "messages" : at;
  store.drawer = false;
  writeAddress();
  redraw();
}

let beforeMail = null; // place left to look into the mailbox of somebody without Slack

/** Act as somebody else, staying in the same kind of place. */
export async function actAs(id, place = null) {
  const target = person(id);
  if (!target) return;
  if (me()?.in_slack) beforeMail = target.in_slack ? null : store.at;
  const at = place ?? beforeMail ?? store.at;
  const dmMate = store.server.dms.some((dm) => dm.id === at);
  store.me = id;
  store.at = !target.in_slack ? "inbox" : dmMate ? "messages" : at;
  store.notice = null;
  store.hiddenNotice = null;
  writeAddress();
  follow();
  await refresh();
}

/** Go to another workspace, as the first person there. */
export async function visit(team) {
  enter(team);
  store.me = "";
  store.at = "";
  store.notice = null;
  store.hiddenNotice = null;
  writeAddress();
  await refresh();
  follow();
}
