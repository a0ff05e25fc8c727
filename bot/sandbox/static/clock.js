/** The workspace's clock: shows it and moves it forward. */

import { post } from "./api.js";
import { button } from "./buttons.js";
import { clockTime } from "./dates.js";
import { icon } from "./icons.js";
import { say } from "./notices.js";
import { now, redraw, refresh, store } from "./store.js";
import { h } from "./vdom.js";

const HOUR = 3600; // seconds
const UNITS = { minutes: 60, hours: HOUR, days: 24 * HOUR };
const DAY = { weekday: "short", month: "short", day: "numeric", year: "numeric" };
const ui = { amount: "3", unit: "days", moving: false };

/** The clock's part of the test bench. */
export function clock() {
  const off = !store.server.clock.movable || ui.moving;
  const step = (testid, label, seconds) => button(label, () => move(seconds), { "data-testid": testid, disabled: off });
  return h(
    "section",
    null,
    h("h3", null, "Clock"),
    face(now()),
    !store.server.clock.movable &&
      h("p", { class: "muted" }, "This workspace runs on the real clock, which cannot be moved."),
    h(
      "div",
      { class: "clock-steps" },
      step("clock-hour", "+1 hour", HOUR),
      step("clock-day", "+1 day", 24 * HOUR),
      step("clock-week", "+7 days", 7 * 24 * HOUR),
    ),
    custom(off),
  );
}

function face(at) {
  const date = h("span", { class: "muted" }, at.toLocaleDateString("en-US", DAY));
  return h(
    "p",
    { class: "clock-now", "data-testid": "clock-now" },
    icon("clock"),
    h("span", null, clockTime(at)),
    date,
  );
}

function custom(off) {
  const seconds = Number(ui.amount) * UNITS[ui.unit];
  const change = (name) => (event) => {
    ui[name] = event.target.value;
    redraw();
  };
  const amount = { type: "number", min: "1", value: ui.amount, disabled: off, oninput: change("amount") };
  const unit = { value: ui.unit, disabled: off, onchange: change("unit") };
  return h(
    "div",
    { class: "clock-custom" },
    h("input", { ...amount, "aria-label": "How far to move the clock", "data-testid": "clock-amount" }),
    h(
      "select",
      { ...unit, "aria-label": "Unit", "data-testid": "clock-unit" },
      Object.keys(UNITS).map((name) => h("option", { key: name, value: name }, name)),
    ),
    button("Move forward", () => move(seconds), { "data-testid": "clock-custom", disabled: off || !(seconds > 0) }),
  );
}

async function move(seconds) {
  ui.moving = true;
  redraw();
  const answer = await post("clock", { advance_seconds: seconds });
  ui.moving = false;
  if (!answer.ok) say(answer.error);
  await refresh();
  redraw();
}
