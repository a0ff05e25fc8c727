/** The small dialog that asks before a button or choice marked with `confirm` takes effect. */

import { button } from "./buttons.js";
import { dialogProps } from "./dialog.js";
import { redraw } from "./store.js";
import { textObject, words } from "./text.js";
import { h } from "./vdom.js";

let open = null; // {confirm, view, answer}

/** Ask with a confirmation object; resolves to true only when the reader agrees. Without one it agrees at once. */
export function confirmed(confirm, view) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    open?.answer(false);
    open = { confirm, view, answer: resolve };
    redraw();
  });
}

function settle(yes) {
  const { answer } = open;
  open = null;
  answer(yes);
  redraw();
}

/** The dialog, when something is being asked. */
export function confirmDialog() {
  if (!open) return null;
  const { confirm, view } = open;
  const labels = { "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" };
  return h(
    "dialog",
    {
      key: "confirm",
      class: "dialog confirm",
      "data-testid": "confirm",
      ...labels,
      ...dialogProps(() => settle(false)),
    },
    h("h2", { id: "confirm-title" }, words(confirm.title) || "Are you sure?"),
    h("div", { id: "confirm-text", class: "confirm-text" }, textObject(confirm.text, view)),
    h(
      "div",
      { class: "dialog-foot" },
      button(words(confirm.deny) || "Cancel", () => settle(false), { "data-testid": "confirm-no" }),
      button(words(confirm.confirm) || "Yes", () => settle(true), {
        class: `btn ${confirm.style === "danger" ? "danger" : "primary"}`,
        "data-testid": "confirm-yes",
      }),
    ),
  );
}
