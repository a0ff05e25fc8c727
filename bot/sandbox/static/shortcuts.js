/** Runs the app's shortcuts, from the composer's menu or from the menu of a message. */

import { post } from "./api.js";
import { local, touch } from "./forms.js";
import { menuButton } from "./menu.js";
import { fresh, say } from "./notices.js";
import { refresh, store } from "./store.js";
import { h } from "./vdom.js";

/** A shortcut as an item of a menu; `message` (`{channel, ts}`) is given for those of a message. */
export function shortcutItem(shortcut, message = {}) {
  const run = async () => {
    fresh();
    const answer = await post("shortcut", { as: store.me, callback_id: shortcut.callback_id, ...message });
    if (!answer.ok) say(answer.error);
    await refresh();
  };
  return {
    key: shortcut.callback_id,
    content: [h("strong", null, shortcut.name), h("small", null, shortcut.description)],
    run,
  };
}

/** The menu of a message, when the app has shortcuts for messages. */
export function messageMenu(ctx, message) {
  const list = store.server.app.shortcuts.filter((shortcut) => shortcut.type === "message");
  if (!list.length || message.ephemeral) return null;
  const state = local(ctx, "message menu", { open: false });
  const set = (open) => {
    state.open = open;
    touch(ctx);
  };
  const { channel, ts } = ctx.container;
  return h(
    "div",
    { class: `message-menu${state.open ? " open" : ""}` },
    menuButton({
      open: state.open,
      set,
      label: "Message shortcuts",
      mark: "bolt",
      align: "right",
      items: list.map((one) => shortcutItem(one, { channel, ts })),
    }),
  );
}
