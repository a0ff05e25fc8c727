/** Tells the reader what went wrong, near where they look, until they put it away. */

import { cross } from "./buttons.js";
import { icon } from "./icons.js";
import { redraw, store } from "./store.js";
import { h } from "./vdom.js";

/** Show words to the reader. */
export function say(text) {
  store.notice = { text };
  redraw();
}

/** Something was done anew: an old notice, even the server's, may be shown again. */
export function fresh() {
  store.notice = null;
  store.hiddenNotice = null;
}

/** The words to show now, or null. */
export function noticeWords() {
  if (store.notice) return store.notice.text;
  const words = store.server?.notice;
  return words && words !== store.hiddenNotice ? words : null;
}

/** The bar with those words. */
export function noticeBar() {
  const text = noticeWords();
  if (!text) return null;
  const hide = () => {
    store.notice = null;
    store.hiddenNotice = store.server?.notice ?? null;
    redraw();
  };
  return h(
    "div",
    { key: "notice", class: "notice", role: "alert", "data-testid": "notice" },
    icon("warning"),
    h("span", null, text),
    cross("Dismiss", hide),
  );
}
