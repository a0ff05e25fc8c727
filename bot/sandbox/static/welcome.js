/** The first visit: three short steps to try, until it is put away. */

import { button, iconButton } from "./buttons.js";
import { prefill } from "./composer.js";
import { actAs, conversationId, startingPlace } from "./place.js";
import { redraw, store } from "./store.js";
import { keep, kept } from "./theme.js";
import { h } from "./vdom.js";

const KEY = "local-slack-welcome";
let shown = kept(KEY) !== "seen";

/** Show the panel again. */
export function showWelcome() {
  shown = !shown;
  if (!shown) keep(KEY, "seen");
  redraw();
}

/** The panel, or null once it was put away. */
export function welcome() {
  if (!shown || !store.server.app.installed) return null;
  const { app, team } = store.server;
  const command = app.commands[0]?.command ?? "/help";
  const invite = app.commands.some((one) => one.command === "/team") ? "/team invite " : `${command} `;
  const steps = [
    ["olivia", "Set up", `As Olivia, type ${command} below and set ${app.name} up.`, `${command} `],
    ["dana", "Ask", `As Dana, type ${invite.trim()} with a colleague's address: it becomes a request.`, invite],
    ["adam", "Approve", `As Adam, open ${app.name}: the request waits there with a button.`, null],
  ].filter(([handle]) => store.server.people.some((person) => person.handle === handle));
  return h(
    "section",
    { key: "welcome", class: "welcome", "data-testid": "welcome", "aria-label": "What to try first" },
    iconButton("close", "Put this away", showWelcome, { kind: "ghost welcome-close", "data-testid": "welcome-close" }),
    h("h2", null, `Welcome to ${team.name}`),
    h(
      "p",
      { class: "muted" },
      `A small Slack on your own machine, with ${app.name} in it. You can act as anybody on the left.`,
    ),
    h(
      "ol",
      { class: "steps" },
      steps.map((step, i) => stepItem(step, i)),
    ),
  );
}

function stepItem([handle, title, words, typed], i) {
  const person = store.server.people.find((one) => one.handle === handle);
  const name = (person.real_name || person.name).split(" ")[0];
  const go = async () => {
    await actAs(person.id, typed === null ? "messages" : startingPlace());
    if (typed !== null) prefill(conversationId(), typed);
  };
  return h(
    "li",
    { key: handle },
    h("span", { class: "step-number", "aria-hidden": "true" }, String(i + 1)),
    h(
      "div",
      null,
      h("strong", null, title),
      h("p", null, words),
      button(`Be ${name}`, go, { class: "btn small", "data-testid": `welcome-${handle}` }),
    ),
  );
}
