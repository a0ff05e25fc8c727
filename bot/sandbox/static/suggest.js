/** Finds what to suggest for the word being typed: commands, people, channels, emoji. */

import { findEmoji } from "./emoji.js";
import { avatar, icon } from "./icons.js";
import { store } from "./store.js";
import { h } from "./vdom.js";

const MOST = 8;

/** Suggestions `{kind, from, to, items: [{id, insert, title, hint, words, icon}]}` for the text before `caret`, or null. */
export function suggestions(text, caret) {
  const typed = text.slice(0, caret);
  const command = typed.match(/^\/\S*$/);
  if (command) return found("command", 0, text.match(/^\S*/)[0].length, commands(command[0]));
  const word = typed.match(/(^|\s)([@#:])([\w.+-]*)$/);
  if (!word) return null;
  const [, , mark, query] = word;
  const from = caret - query.length - 1;
  if (mark === ":" && query.length < 2) return null;
  return found(mark, from, caret, { "@": people, "#": channels, ":": emoji }[mark](query.toLowerCase()));
}

function found(kind, from, to, items) {
  return items.length ? { kind, from, to, items } : null;
}

function commands(typed) {
  const begins = store.server.app.commands.filter((command) => command.command.startsWith(typed.toLowerCase()));
  begins.sort((a, b) => a.command.length - b.command.length);
  return begins.map((command) => ({
    id: command.command,
    insert: `${command.command} `,
    title: command.command,
    hint: command.usage_hint,
    words: command.description,
    icon: () => icon("bolt"),
  }));
}

function people(query) {
  const fits = (person) =>
    person.in_slack && `${person.handle} ${person.real_name || person.name}`.toLowerCase().includes(query);
  return store.server.people
    .filter(fits)
    .slice(0, MOST)
    .map((person) => ({
      id: person.id,
      insert: `@${person.handle} `,
      title: person.real_name || person.name,
      hint: `@${person.handle}`,
      words: person.title,
      icon: () => avatar(person, "tiny"),
    }));
}

function channels(query) {
  const fits = store.server.channels.filter((channel) => channel.name.includes(query));
  return fits.slice(0, MOST).map((channel) => ({
    id: channel.id,
    insert: `#${channel.name} `,
    title: `#${channel.name}`,
    words: channel.topic,
    icon: () => icon(channel.is_private ? "lock" : "hash"),
  }));
}

function emoji(query) {
  return findEmoji(query, MOST).map(([name, unicode]) => ({
    id: name,
    insert: `:${name}: `,
    title: `${unicode} :${name}:`,
  }));
}

/** The command that begins the text, when a space follows it or it is all there is; else null. */
export function commandOf(text) {
  const word = text.match(/^\/\S+/)?.[0];
  return word
    ? {
        word,
        rest: text.slice(word.length).trim(),
        known: store.server.app.commands.find((command) => command.command === word.toLowerCase()),
      }
    : null;
}

/** The list of suggestions above the composer. */
export function suggestionList(found, active, choose) {
  const row = (item, i) =>
    h(
      "div",
      {
        key: item.id,
        id: `suggest-${i}`,
        role: "option",
        class: `option${i === active ? " active" : ""}`,
        "aria-selected": String(i === active),
        onmousedown: (event) => event.preventDefault(),
        onclick: () => choose(item),
      },
      item.icon && h("span", { class: "combo-icon" }, item.icon()),
      h(
        "span",
        { class: "suggest-words" },
        h("span", null, h("strong", null, item.title), item.hint && h("span", { class: "usage" }, ` ${item.hint}`)),
        item.words && h("small", null, item.words),
      ),
    );
  return h(
    "div",
    {
      key: "suggest",
      id: "suggest",
      class: "suggest",
      role: "listbox",
      "aria-label": "Suggestions",
      "data-testid": "suggestions",
    },
    found.items.map(row),
    h("div", { class: "list-note", "aria-hidden": "true" }, "↑ ↓ to choose, Tab to complete"),
  );
}

/** One line that says how the typed command is used. */
export function usageLine(command) {
  return h(
    "div",
    { key: "usage", class: "usage-line", id: "usage", "data-testid": "usage" },
    h("strong", null, command.command),
    command.usage_hint && h("span", { class: "usage" }, ` ${command.usage_hint}`),
    command.description && h("span", { class: "muted" }, ` · ${command.description}`),
  );
}
