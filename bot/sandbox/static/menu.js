/** A button that opens a menu: arrow keys, Escape and a click elsewhere do what one expects. */

import { icon } from "./icons.js";
import { floating } from "./popover.js";
import { h } from "./vdom.js";

/**
 * Draw the button and, while `open`, its menu. `set(open)` keeps whether it is open, `items` are
 * `{key, content, run()}`, `empty` the words shown when there are none.
 */
export function menuButton({ open, set, label, testid, mark, align = "left", items, empty = "" }) {
  const close = (host) => {
    set(false);
    host.querySelector("button").focus();
  };
  const choose = (item, event) => {
    close(event.currentTarget.closest(".menu-host"));
    item.run();
  };
  const away = (event) => event.currentTarget.contains(event.relatedTarget) || (open && set(false));
  const props = {
    type: "button",
    class: "btn icon-only",
    "data-testid": testid,
    "aria-label": label,
    title: label,
    "aria-haspopup": "menu",
    "aria-expanded": String(open),
    onclick: () => set(!open),
  };
  return h(
    "span",
    { class: "menu-host", onfocusout: away, onkeydown: (event) => open && keys(event, close) },
    h("button", props, icon(mark)),
    open && menu(label, align, items, choose, empty),
  );
}

function menu(label, align, items, choose, empty) {
  const float = floating((el) => el.parentElement, { align });
  const mounted = (el) => {
    float.mounted(el);
    el.querySelector("[role=menuitem]")?.focus();
  };
  const rows = items.map((item) =>
    h(
      "button",
      { key: item.key, type: "button", role: "menuitem", class: "menu-item", onclick: (event) => choose(item, event) },
      item.content,
    ),
  );
  return h(
    "div",
    { key: "menu", class: "floating menu", role: "menu", "aria-label": label, ...float, mounted },
    rows.length ? rows : h("div", { class: "list-note" }, empty),
  );
}

function keys(event, close) {
  const items = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (step !== undefined && items.length) {
    event.preventDefault();
    items[(step + items.length) % items.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
    close(event.currentTarget);
  }
}
