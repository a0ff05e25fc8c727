/** Draws markdown blocks: standard Markdown with headings, lists, tables, code, quotes and links. */

import { emojiOf } from "./emoji.js";
import { inline } from "./text.js";
import { h } from "./vdom.js";

const BARE_URL = /^https?:\/\/[^\s<>|"]+[^\s<>|".,;:!?'*_~)]/;

/** A whole Markdown text as page nodes. */
export function markdown(text, view) {
  return h("div", { class: "markdown" }, blocks(text.replace(/\r\n?/g, "\n").split("\n"), view));
}

const RULES = [
  [/^\s*(```|~~~)/, fence],
  [/^#{1,6}\s/, heading],
  [/^\s*([-*_])(\s*\1){2,}\s*$/, (lines) => [h("hr"), 1, lines]],
  [/^\s*>/, quote],
  [/^\s*([-*+]|\d+[.)])\s/, list],
  [/^\s*\|.*\|\s*$/, table],
];

const DEEPEST = 12; // quotes and lists inside each other; what is deeper is drawn as plain lines

function blocks(lines, view, depth = 0) {
  const out = [];
  let i = 0;
  while (i < lines.length) {
    if (!lines[i].trim()) i += 1;
    else {
      const rest = lines.slice(i);
      const rule = depth < DEEPEST && RULES.find(([pattern]) => pattern.test(lines[i]));
      const [node, used] = (rule && rule[1](rest, view, depth)) || paragraph(rest, view);
      out.push(node);
      i += used;
    }
  }
  return out;
}

function paragraph(lines, view) {
  let used = 1;
  while (used < lines.length && lines[used].trim() && !RULES.some(([pattern]) => pattern.test(lines[used]))) used += 1;
  const content = lines.slice(0, used).flatMap((line, i) => [i ? h("br") : null, spans(line.trim(), view)]);
  return [h("p", null, content), used];
}

function fence(lines) {
  const mark = lines[0].trim().slice(0, 3);
  const end = lines.findIndex((line, i) => i && line.trim().startsWith(mark));
  const last = end === -1 ? lines.length : end;
  return [h("pre", { class: "code-block" }, lines.slice(1, last).join("\n")), Math.min(last + 1, lines.length)];
}

function heading(lines, view) {
  const [, marks, text] = lines[0].match(/^(#{1,6})\s+(.*?)\s*#*\s*$/) ?? [null, "#", lines[0]];
  return [
    h(
      "p",
      { class: `md-heading md-h${marks.length}`, role: "heading", "aria-level": String(marks.length + 2) },
      spans(text, view),
    ),
    1,
  ];
}

function quote(lines, view, depth) {
  const end = lines.findIndex((line) => !/^\s*>/.test(line));
  const used = end === -1 ? lines.length : end;
  return [
    h(
      "blockquote",
      null,
      blocks(
        lines.slice(0, used).map((line) => line.replace(/^\s*> ?/, "")),
        view,
        depth + 1,
      ),
    ),
    used,
  ];
}

function list(lines, view, depth) {
  const marker = /^(\s*)([-*+]|(\d+)[.)])\s+(.*)$/;
  const [, indent, , start] = lines[0].match(marker) ?? [null, "", "", null];
  const items = [];
  let used = 0;
  for (; used < lines.length && lines[used].trim(); used += 1) {
    const match = lines[used].match(marker);
    if (match && match[1].length <= indent.length + 1) items.push([match[4]]);
    else if (match || /^\s{2,}/.test(lines[used])) items.at(-1).push(lines[used].slice(indent.length + 2));
    else break;
  }
  const node = h(
    start ? "ol" : "ul",
    { class: "rt-list", start: start && start !== "1" ? start : null },
    items.map((item) => listItem(item, view, depth)),
  );
  return [node, used];
}

function listItem([first, ...rest], view, depth) {
  const task = first.match(/^\[([ xX])\]\s+(.*)$/);
  const box = task && h("input", { type: "checkbox", disabled: true, checked: task[1] !== " ", "aria-label": task[2] });
  return h(
    "li",
    { class: task ? "task" : null },
    box,
    spans(task ? task[2] : first, view),
    rest.length ? blocks(rest, view, depth + 1) : null,
  );
}

function table(lines, view) {
  if (!/^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[1] ?? "")) return null;
  const end = lines.findIndex((line) => !/\|/.test(line));
  const used = end === -1 ? lines.length : end;
  const aligns = cells(lines[1]).map((cell) =>
    /^:.*:$/.test(cell) ? "center" : cell.endsWith(":") ? "right" : "left",
  );
  const row = (line, tag) =>
    h(
      "tr",
      null,
      cells(line).map((cell, i) => h(tag, { class: `to-${aligns[i] ?? "left"}` }, spans(cell, view))),
    );
  const body = lines.slice(2, used).map((line) => row(line, "td"));
  return [
    h("div", { class: "table-wrap" }, h("table", null, h("thead", null, row(lines[0], "th")), h("tbody", null, body))),
    used,
  ];
}

function cells(line) {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

function spans(text, view) {
  return inline(parseSpans(text), view);
}

const SPANS = [
  [/^\\([\\`*_{}[\]()#+\-.!~|<>])/, (m) => ({ t: "text", text: m[1] })],
  [/^(`+)(.+?)\1(?!`)/, (m) => ({ t: "code", text: m[2].trim() })],
  [
    /^!\[([^\]]*)\]\(([^)\s]+)[^)]*\)/,
    (m) => ({ t: "link", url: m[2], children: [{ t: "text", text: m[1] || m[2] }] }),
  ],
  [/^\[((?:[^\][]|\[[^\]]*\])+)\]\(([^)\s]+)[^)]*\)/, (m) => ({ t: "link", url: m[2], children: parseSpans(m[1]) })],
  [/^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/, (m) => ({ t: "user", id: m[1] })],
  [/^<#([CGD][A-Z0-9]+)(?:\|([^>]*))?>/, (m) => ({ t: "channel", id: m[1], label: m[2] })],
  [
    /^<((?:https?:\/\/|mailto:)[^>\s|]+)(?:\|([^>]+))?>/,
    (m) => ({ t: "link", url: m[1], children: [{ t: "text", text: m[2] ?? m[1] }] }),
  ],
  [/^\*\*\*(?=\S)(.+?)\*\*\*/, (m) => ({ t: "bold", children: [{ t: "italic", children: parseSpans(m[1]) }] })],
  [/^(\*\*|__)(?=\S)(.+?)\1/, (m) => ({ t: "bold", children: parseSpans(m[2]) })],
  [/^~~(?=\S)(.+?)~~/, (m) => ({ t: "strike", children: parseSpans(m[1]) })],
  [/^\*(?=\S)([^*]+?)\*/, (m) => ({ t: "italic", children: parseSpans(m[1]) })],
  [/^_(?=\S)([^_]+?)_(?![\p{L}\p{N}])/u, (m) => ({ t: "italic", children: parseSpans(m[1]) })],
  [/^:([a-z0-9_+-]+):/i, (m) => emojiOf(m[1]) && { t: "emoji", name: m[1], unicode: emojiOf(m[1]) }],
];

function parseSpans(text) {
  const nodes = [];
  let i = 0;
  while (i < text.length) {
    const found = spanAt(text, i);
    if (found) nodes.push(found.node);
    else if (nodes.at(-1)?.open) nodes.at(-1).text += text[i];
    else nodes.push({ t: "text", text: text[i], open: true });
    i += found?.length ?? 1;
  }
  return nodes;
}

function spanAt(text, i) {
  if (!/[\\`*_![<~:h]/.test(text[i])) return null;
  const rest = text.slice(i);
  const inWord = i > 0 && /[\p{L}\p{N}]/u.test(text[i - 1]);
  if (inWord && /[_h:]/.test(text[i])) return null;
  for (const [pattern, make] of SPANS) {
    const match = rest.match(pattern);
    const node = match && make(match);
    if (node) return { node, length: match[0].length };
  }
  const url = rest.match(BARE_URL);
  return url && { node: { t: "link", url: url[0], children: [{ t: "text", text: url[0] }] }, length: url[0].length };
}
