/** The page's own buttons: one with a word, one with only an icon. */

import { icon } from "./icons.js";
import { h } from "./vdom.js";

/** A button with a word; `extra` adds or replaces properties. */
export function button(label, onclick, extra = {}) {
  return h("button", { type: "button", class: "btn", onclick, ...extra }, label);
}

/** A quiet button that shows an icon and is called `label`; `kind` adds classes, `more` is drawn beside the icon. */
export function iconButton(mark, label, onclick, { kind = "ghost", more = null, ...extra } = {}) {
  const props = { type: "button", class: `btn icon-only ${kind}`, "aria-label": label, onclick, ...extra };
  return h("button", props, icon(mark), more);
}

/** A small cross without a frame. */
export function cross(label, onclick, extra = {}) {
  return h("button", { type: "button", class: "plain", "aria-label": label, onclick, ...extra }, icon("close"));
}
