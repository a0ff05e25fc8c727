/** Starts the page, draws it, and reacts to what changes. */

import { post } from "./api.js";
import { bench } from "./bench.js";
import { composer } from "./composer.js";
import { confirmDialog } from "./confirm.js";
import { announcement, conversation, tidyMessages } from "./conversation.js";
import { header, placeTitle } from "./header.js";
import { home, tidyHome } from "./home.js";
import { inbox } from "./inbox.js";
import { modal, tidyViews } from "./modal.js";
import { noticeBar } from "./notices.js";
import { conversationId, readAddress, settle } from "./place.js";
import { people, sidebar, toggleDrawer } from "./sidebar.js";
import { appDm, follow, onDraw, onState, redraw, refresh, store } from "./store.js";
import { startTheme } from "./theme.js";
import { draw, h } from "./vdom.js";
import { welcome } from "./welcome.js";

const root = document.getElementById("app");
const live = document.getElementById("live");

function drawPage() {
  if (!store.server) {
    draw(root, [h("div", { class: "loading", role: "status" }, store.missing ?? "Opening the local Slack…")]);
    return;
  }
  const switching = store.server.me.id !== store.me || (store.team && store.server.team.id !== store.team);
  if (switching && store.live) return; // the other person's state is on its way
  if (!switching) settle();
  const shell = h(
    "div",
    { class: `shell${store.drawer ? " drawer-open" : ""}${store.bench ? " bench-open" : ""}` },
    h("div", { class: "drawer" }, people(), sidebar()),
    store.drawer &&
      h("button", {
        key: "scrim",
        type: "button",
        class: "scrim",
        "aria-label": "Close people and places",
        onclick: () => toggleDrawer(false),
      }),
    h("main", { key: "main", id: "main", inert: switching, tabindex: "-1" }, header(), banner(), place()),
    bench(),
  );
  draw(root, [shell, switching ? null : modal(), confirmDialog()]);
  document.title = titleWords();
  if (!switching) arrived();
}

function banner() {
  if (!store.live)
    return h("p", { key: "lost", class: "strip", role: "status" }, "The local Slack does not answer; trying again…");
  if (store.server.app.installed === false)
    return h(
      "p",
      { key: "gone", class: "strip", role: "status" },
      `${store.server.app.name} ${store.server.app.removed ? "was removed from" : "is not installed in"} this workspace.`,
    );
  return null;
}

function place() {
  if (store.at === "inbox") return [inbox(), noticeBar()];
  if (store.at === "home") return [home(), noticeBar()];
  const id = conversationId();
  const { name } = placeTitle();
  return [
    conversation(id, welcome(), emptyWords(name)),
    store.server.views.length ? null : noticeBar(),
    composer(id, isChannel(id) ? `#${name}` : name, closedWords(id)),
  ];
}

const isChannel = (id) => store.server.channels.some((channel) => channel.id === id);

function emptyWords(name) {
  if (store.at === "messages") return `This is your conversation with ${name}. What it tells you appears here.`;
  return isChannel(store.at)
    ? `This is the beginning of #${name}.`
    : `This is the beginning of your conversation with ${name}.`;
}

function closedWords(id) {
  const { app, channels } = store.server;
  const channel = channels.find((one) => one.id === id);
  if (channel?.archived) return "This channel is archived: nothing can be written here.";
  if (store.at === "messages" && app.messages_read_only)
    return `Sending messages to ${app.name} is turned off. Type commands in a channel, such as #${channels[0]?.name ?? "general"}.`;
  return null;
}

function titleWords() {
  const unread = store.server.people.find((one) => one.id === store.me)?.unread;
  return `${unread ? `(${unread}) ` : ""}${placeTitle().name} · ${store.server.team.name} · Local Slack`;
}

let place_ = "";

/** What follows from being somewhere: the app hears that its tab was opened, and messages on show are read. */
function arrived() {
  const here = `${store.team} ${store.me} ${store.at}`;
  const moved = here !== place_;
  place_ = here;
  if (moved && (store.at === "home" || store.at === "messages") && store.server.me.in_slack) {
    post("home", { as: store.me, tab: store.at });
  }
  markRead();
}

let reading = false;

async function markRead() {
  const id = conversationId();
  const row = [...store.server.channels, ...store.server.dms].find((one) => one.id === id);
  if (!row?.unread || document.hidden || reading) return;
  reading = true;
  await post("read", { as: store.me, channel: id });
  await refresh();
  reading = false;
}

onDraw(drawPage);
onState((server, before) => {
  tidyMessages(server);
  tidyViews(server);
  tidyHome(server);
  const words = announcement(server, before, conversationId());
  if (words) live.textContent = words;
  if (
    before &&
    before.me.id === server.me.id &&
    (appDm()?.unread ?? 0) > (before.dms.find((dm) => dm.app)?.unread ?? 0) &&
    store.at !== "messages"
  ) {
    live.textContent = `New message from ${server.app.name}`;
  }
});

addEventListener("popstate", async () => {
  const changed = readAddress();
  redraw();
  if (!changed) return;
  follow();
  await refresh();
});
addEventListener(
  "keydown",
  (event) => event.key === "Escape" && store.drawer && !event.defaultPrevented && toggleDrawer(false),
);
addEventListener("resize", redraw);
document.querySelector("[data-skip]").addEventListener("click", (event) => {
  event.preventDefault(); // the address says who and where, it has no room for "#main"
  document.getElementById("main")?.focus();
});
document.addEventListener("visibilitychange", () => !document.hidden && store.server && refresh());
setInterval(() => store.bench && redraw(), 10000); // the clock on the bench ticks

startTheme(redraw);
readAddress();
drawPage();
await refresh();
while (!store.server) {
  await new Promise((wake) => setTimeout(wake, 1500));
  await refresh();
}
follow();
