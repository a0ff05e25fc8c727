/** The mailbox of the person: a list of mails and the one being read, its links opening in new tabs. */

import { post } from "./api.js";
import { button, iconButton } from "./buttons.js";
import { clockTime, dayHeading, fullDate } from "./dates.js";
import { now, redraw, refresh, store } from "./store.js";
import { link } from "./text.js";
import { h } from "./vdom.js";

const ui = { open: new Map(), plain: false };

/** The inbox. */
export function inbox() {
  const mails = [...store.server.mail].reverse();
  const open = mails.find((mail) => mail.id === ui.open.get(store.me));
  return h(
    "div",
    { key: `inbox:${store.me}`, class: `inbox${open ? " reading" : ""}`, "data-testid": "inbox-page" },
    h(
      "ul",
      { class: "mail-list", "aria-label": "Mails" },
      mails.map((mail) => row(mail, open)),
      !mails.length && h("li", { class: "empty" }, `No mail for ${store.server.me.email || store.server.me.name} yet.`),
    ),
    open
      ? letter(open)
      : mails.length > 0 && h("div", { class: "letter none" }, h("p", { class: "empty" }, "Choose a mail to read it.")),
  );
}

const received = (mail) => new Date(typeof mail.received === "number" ? mail.received * 1000 : mail.received);

function row(mail, open) {
  const at = received(mail);
  return h(
    "li",
    { key: mail.id },
    h(
      "button",
      {
        type: "button",
        class: `mail-row${mail.read ? "" : " unread"}${mail === open ? " active" : ""}`,
        "data-testid": "mail-item",
        "aria-current": mail === open ? "true" : null,
        onclick: () => read(mail),
      },
      h(
        "span",
        { class: "mail-top" },
        h("span", { class: "mail-from" }, sender(mail.from)),
        h("time", { datetime: at.toISOString(), title: fullDate(at) }, `${dayHeading(at, now())} ${clockTime(at)}`),
      ),
      h(
        "span",
        { class: "mail-subject" },
        !mail.read && h("span", { class: "sr-only" }, "Unread: "),
        mail.subject || "(no subject)",
      ),
      h("span", { class: "mail-peek" }, mail.text.trim().slice(0, 120)),
    ),
  );
}

const sender = (from) => from.replace(/\s*<[^>]*>$/, "").replace(/^"|"$/g, "") || from;

async function read(mail) {
  ui.open.set(store.me, mail.id);
  redraw();
  if (mail.read) return;
  await post("mail/read", { as: store.me, id: mail.id });
  await refresh();
}

function letter(mail) {
  return h(
    "article",
    { key: mail.id, class: "letter", "data-testid": "mail", "aria-label": mail.subject },
    letterHead(mail),
    mail.html && !ui.plain ? html(mail) : h("div", { class: "letter-text" }, linked(mail.text)),
    mail.links.length > 0 && links(mail.links),
  );
}

function letterHead(mail) {
  const back = () => {
    ui.open.delete(store.me);
    redraw();
  };
  const flip = () => {
    ui.plain = !ui.plain;
    redraw();
  };
  const both = mail.html && mail.text.trim();
  return h(
    "header",
    { class: "letter-head" },
    iconButton("back", "Back to the list", back, { kind: "ghost only-narrow" }),
    h(
      "div",
      { class: "letter-who" },
      h("h2", null, mail.subject || "(no subject)"),
      h("p", { class: "muted" }, `From ${mail.from}`, h("br"), `To ${mail.to} · ${fullDate(received(mail))}`),
    ),
    both && button(ui.plain ? "Show as designed" : "Show as text", flip, { class: "btn small" }),
  );
}

function links(urls) {
  const one = (url) => {
    const href = /^https?:/i.test(url) ? url : null;
    const props = { href, target: "_blank", rel: "noopener noreferrer", "data-testid": "mail-link" };
    return h("li", { key: url }, h("a", props, url));
  };
  return h("footer", { class: "letter-links" }, h("h3", null, "Links in this mail"), h("ul", null, urls.map(one)));
}

const PAPER = `
  :root { color-scheme: light }
  body { margin: 16px; background: #fff; font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
  img { max-width: 100% }`;

/** The HTML part in a frame that runs no scripts; it is given a height once it is there. */
function html(mail) {
  const page = `<!doctype html><base target="_blank"><style>${PAPER}</style>${mail.html}`;
  const fit = (event) => {
    const frame = event.currentTarget;
    frame.style.height = "0";
    const inner = frame.contentDocument?.documentElement;
    frame.style.height = `${Math.max(120, Math.min(4000, (inner?.scrollHeight ?? 316) + 4))}px`;
  };
  return h("iframe", {
    key: `html:${mail.id}`,
    class: "letter-html",
    title: `Mail: ${mail.subject}`,
    "data-testid": "mail-html",
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    srcdoc: page,
    onload: fit,
  });
}

/** Plain text with its web addresses as links. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"')\]]+)/).map((part, i) => {
    if (i % 2 === 0) return part;
    const url = part.replace(/[.,;:!?]+$/, "");
    return [link(url, [url]), part.slice(url.length)];
  });
}
