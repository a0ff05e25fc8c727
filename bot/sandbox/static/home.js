/** Draws the Home tab the app published for this person. */

import { blocks } from "./blocks.js";
import { prune } from "./forms.js";
import { context } from "./interact.js";
import { now, store } from "./store.js";
import { h } from "./vdom.js";

const homeKey = (user) => `home:${user}`;

/** The content of the Home tab. */
export function home() {
  const { home: view, app } = store.server;
  if (!view) {
    const words =
      app.home_tab === false ? `${app.name} has no Home tab.` : `${app.name} has not shown anything here yet.`;
    return h("div", { key: "home-empty", class: "home" }, h("p", { class: "empty" }, words));
  }
  const ctx = context({
    key: homeKey(store.me),
    container: { type: "home" },
    surface: "home",
    blocks: view.blocks,
    view: { names: store.names, now: now(), me: store.me },
    given: view.values,
  });
  return h(
    "div",
    {
      key: `home:${store.me}`,
      class: "home",
      tabindex: "0",
      role: "tabpanel",
      id: "panel-home",
      "aria-labelledby": "tab-home",
      "data-testid": "home",
    },
    h("div", { class: "home-page blocks" }, blocks(ctx)),
  );
}

/** Forget what was typed into fields the Home tab no longer has. */
export function tidyHome(server) {
  if (server.home) prune(homeKey(server.me.id), server.home.blocks);
}
