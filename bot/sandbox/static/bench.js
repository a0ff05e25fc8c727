/** The test bench: makes Slack misbehave, beside the clock. */

import { post } from "./api.js";
import { button, iconButton } from "./buttons.js";
import { clock } from "./clock.js";
import { say } from "./notices.js";
import { redraw, refresh, store } from "./store.js";
import { h } from "./vdom.js";

const COUNTED = [
  ["deliver_twice", "Deliver twice", "The app gets the same thing two times"],
  ["out_of_order", "Out of order", "A later event arrives before an earlier one"],
  ["expired_trigger", "Expired trigger", "The app is too late to open a form"],
  ["api_429", "Refuse calls (429)", "Slack says the app calls too often"],
  ["api_500", "Fail calls (500)", "Slack breaks down at a call"],
  ["api_lost_answer", "Lose answers", "Slack does what it was asked, but the answer is lost"],
  ["api_nonsense", "Garble answers", "Slack does what it was asked, but a proxy's page is the answer"],
];
const TIMED = [
  ["deliver_late", "Deliver late", "Seconds before the app gets something"],
  ["api_slow", "Answer slowly", "Seconds a call takes longer"],
];
const SWITCHES = [
  ["slack_down", "Slack is down", "Nothing answers the app's calls"],
  ["smtp_down", "Mail is down", "No mail is taken"],
];

/** Open or close the panel. */
export function toggleBench() {
  store.bench = !store.bench;
  redraw();
  if (store.bench) setTimeout(() => document.querySelector(".bench button")?.focus());
}

/** The panel. */
export function bench() {
  if (!store.bench) return null;
  const escape = (event) => event.key === "Escape" && !event.defaultPrevented && toggleBench();
  return h(
    "aside",
    { key: "bench", class: "bench", "aria-label": "Test bench", "data-testid": "bench-panel", onkeydown: escape },
    h(
      "header",
      { class: "bench-head" },
      h("h2", null, "Test bench"),
      iconButton("close", "Close the test bench", toggleBench),
    ),
    clock(),
    store.server.workspaces.length > 1 && store.server.app.installed && removal(),
    faults(),
  );
}

function removal() {
  const { app, team } = store.server;
  return h(
    "section",
    { key: "removal" },
    h("h3", null, "Remove the app"),
    h("p", { class: "muted" }, `${app.name} hears of it, and its token for ${team.name} is worth nothing any more.`),
    button("Remove from this workspace", remove, { "data-testid": "uninstall" }),
  );
}

async function remove() {
  const answer = await post("uninstall", {});
  if (!answer.ok) say(answer.error);
  await refresh();
}

async function set(values) {
  const answer = await post("faults", values);
  if (!answer.ok) say(answer.error);
  await refresh();
  redraw();
}

async function limit(on) {
  const answer = await post("limits", { on });
  if (!answer.ok) say(answer.error);
  await refresh();
}

function faults() {
  const { faults: now_, limits } = store.server;
  return h(
    "section",
    null,
    h("h3", null, "Misbehave"),
    h("p", { class: "muted" }, "What should go wrong? The app has to cope with it."),
    COUNTED.map((one) => counted(one, now_)),
    detail("retry_after", "Seconds to wait after a 429", "number", now_),
    detail("api_method", "Only this method (such as chat.postMessage)", "text", now_),
    TIMED.map((one) => timed(one, now_)),
    SWITCHES.map(([name, title, words]) =>
      toggle(`fault-${name}`, title, words, now_[name], (on) => set({ [name]: on })),
    ),
    toggle("limits", "Rate limits", "Slack's own limits on calls apply", limits, limit),
    button("Behave again", calm, { "data-testid": "faults-clear" }),
  );
}

async function calm() {
  const off = Object.fromEntries([...COUNTED, ...SWITCHES].map(([name]) => [name, false]));
  await set({ ...off, deliver_late: 0, api_slow: 0, api_method: "" });
  if (store.server.limits) await limit(false);
}

function fault(name, title, words, on, control) {
  return h(
    "div",
    { key: name, class: `fault${on ? " on" : ""}` },
    h("label", { class: "fault-words", for: `fault-${name}` }, h("strong", null, title), h("small", null, words)),
    control,
  );
}

function counted([name, title, words], values) {
  const value = values[name];
  const shown = value === true ? "always" : value ? String(value) : "off";
  const choices = [
    ["off", "Off"],
    ["1", "Next time"],
    ["3", "Next 3 times"],
    ["always", "Always"],
  ];
  if (!choices.some(([id]) => id === shown)) choices.splice(3, 0, [shown, `${shown} more times`]);
  const choose = (event) =>
    set({ [name]: { off: false, always: true }[event.target.value] ?? Number(event.target.value) });
  const options = choices.map(([id, label]) => h("option", { key: id, value: id }, label));
  return fault(
    name,
    title,
    words,
    value,
    h("select", { id: `fault-${name}`, "data-testid": `fault-${name}`, value: shown, onchange: choose }, options),
  );
}

function timed([name, title, words], values) {
  const choose = (event) => set({ [name]: Math.max(0, Number(event.target.value) || 0) });
  return fault(
    name,
    title,
    words,
    values[name],
    h("input", {
      id: `fault-${name}`,
      "data-testid": `fault-${name}`,
      type: "number",
      min: "0",
      step: "0.5",
      value: String(values[name] ?? 0),
      onchange: choose,
    }),
  );
}

function detail(name, title, type, values) {
  const choose = (event) =>
    set({
      [name]: type === "number" ? Math.max(0, Math.round(Number(event.target.value)) || 0) : event.target.value.trim(),
    });
  return fault(
    name,
    title,
    null,
    false,
    h("input", {
      id: `fault-${name}`,
      "data-testid": `fault-${name}`,
      type,
      min: type === "number" ? "0" : null,
      value: String(values[name] ?? ""),
      onchange: choose,
    }),
  );
}

function toggle(testid, title, words, on, change) {
  const input = h("input", {
    type: "checkbox",
    role: "switch",
    "data-testid": testid,
    checked: Boolean(on),
    onchange: (event) => change(event.target.checked),
  });
  return h(
    "label",
    { key: testid, class: `fault${on ? " on" : ""}` },
    h("span", { class: "fault-words" }, h("strong", null, title), h("small", null, words)),
    input,
  );
}
