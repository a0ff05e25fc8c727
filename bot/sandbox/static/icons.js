/** The page's own line icons, as inline SVG. */

import { h } from "./vdom.js";

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  back: "M15 5l-7 7 7 7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M4 12l16-8-6 16-3-7z",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  hash: "M9 4L7 20M17 4l-2 16M4 9h17M3 15h17",
  lock: "M7 11V8a5 5 0 0110 0v3M6 11h12v9H6z",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  home: "M4 11l8-7 8 7M6 10v10h12V10M10 20v-6h4v6",
  chat: "M4 5h16v11H10l-4 4v-4H4z",
  flask: "M10 3h4M10 3v6L4.500 19a1.500 1.500 0 001.400 2h12.200a1.500 1.500 0 001.400-2L14 9V3M7 15h10",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5",
  moon: "M20 14.500A8 8 0 119.500 4a6.500 6.500 0 0010.500 10.500z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  clip: "M20 11l-8.500 8.500a5 5 0 01-7-7L13 4a3.500 3.500 0 015 5l-8.500 8.500a2 2 0 01-3-3L14 7",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z",
  clock: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3.500 2",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  info: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v5M12 8h.01",
  plus: "M12 5v14M5 12h14",
  play: "M8 5l11 7-11 7z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01",
  user: "M12 4a4 4 0 100 8 4 4 0 000-8zM4 20c1-4 4-6 8-6s7 2 8 6",
  link: "M10 14l4-4M9 17l-1 1a4 4 0 01-6-6l3-3a4 4 0 016 0M15 7l1-1a4 4 0 016 6l-3 3a4 4 0 01-6 0",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  star: "M12 4l2.500 5.200 5.500.8-4 4 1 5.700-5-2.700-5 2.700 1-5.700-4-4 5.500-.8z",
  up: "M7 11l4-7c2 0 2.500 1.500 2 4l-.500 2H19l-2 9H7zM3 11h4v8H3z",
};

/** An icon by name; it says nothing to screen readers, its button does. */
export function icon(name) {
  const d = PATHS[name] ?? PATHS.info;
  return h(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    h("path", { d }),
  );
}

/** The mark of the app: a small key ring, drawn in the accent colour. */
export function appMark() {
  return h(
    "svg",
    { class: "app-mark", viewBox: "0 0 36 36", "aria-hidden": "true" },
    h("rect", { width: "36", height: "36", rx: "9" }),
    h("circle", { cx: "14", cy: "15", r: "5.5" }),
    h("path", { d: "M18 19l8 8M23 24l3-3" }),
  );
}

/** A person's initials on their colour. */
export function avatar(person, extra = "") {
  const words = (person.real_name || person.name || "?").split(/\s+/);
  const initials = words.length > 1 ? words[0][0] + words.at(-1)[0] : words[0].slice(0, 2);
  const color = /^#?[0-9a-f]{6}$/i.test(person.color ?? "") ? `#${person.color.replace("#", "")}` : "#6b7773";
  return h(
    "span",
    { class: `avatar ${extra}`, style: { "--avatar": color }, "aria-hidden": "true" },
    initials.toUpperCase(),
  );
}
