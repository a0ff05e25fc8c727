/** Reads Slack's mrkdwn into a tree: paragraphs, quotes and code, with bold, links and mentions inside. */

import { emojiOf } from "./emoji.js";

const TOKEN = /^<([^<>\n]+)>/;
const BARE_URL = /^https?:\/\/[^\s<>|"]+/;
const EMOJI = /^:([a-z0-9_+'-]+):(?::skin-tone-([2-6]):)?/i;
const STYLES = { "*": "bold", _: "italic", "~": "strike" };
const WORD = /[\p{L}\p{N}]/u;

/** Undo Slack's three entities, and only those. */
export function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** Parse a whole text into blocks `{t: "para" | "quote" | "pre", …}`. `verbatim` leaves bare addresses alone. */
export function parse(text, { verbatim = false } = {}) {
  const blocks = [];
  const fence = /```\n?([\s\S]*?)\n?```/g;
  let from = 0;
  for (const match of text.matchAll(fence)) {
    if (!match[1].trim()) continue;
    lines(text.slice(from, match.index), verbatim, blocks, from > 0, true);
    blocks.push({ t: "pre", text: plain(match[1]) });
    from = match.index + match[0].length;
  }
  lines(text.slice(from), verbatim, blocks, from > 0, false);
  return blocks;
}

function lines(text, verbatim, blocks, afterFence, beforeFence) {
  let source = text;
  if (afterFence) source = source.replace(/^\n/, "");
  if (beforeFence) source = source.replace(/\n$/, "");
  if (!source) return;
  let rest = false;
  for (const line of source.split("\n")) {
    const all = rest ? null : line.match(/^(?:&gt;|>){3} ?(.*)$/);
    const one = all || (rest ? [line, line] : line.match(/^(?:&gt;|>) ?(.*)$/));
    rest ||= Boolean(all);
    push(blocks, one ? "quote" : "para", parseInline(one ? one[1] : line, { verbatim }));
  }
}

function push(blocks, t, line) {
  const last = blocks.at(-1);
  if (last?.t === t) last.lines.push(line);
  else blocks.push({ t, lines: [line] });
}

/** Parse one line into inline nodes `{t: "text" | "bold" | "link" | "user" | …}`. */
export function parseInline(line, { verbatim = false } = {}) {
  const nodes = [];
  let i = 0;
  while (i < line.length) {
    const found = at(line, i, verbatim);
    if (found) {
      nodes.push(found.node);
      i += found.length;
    } else {
      addText(nodes, line[i]);
      i += 1;
    }
  }
  for (const node of nodes) if (node.t === "text") node.text = unescape(node.text);
  return nodes;
}

function addText(nodes, char) {
  const last = nodes.at(-1);
  if (last?.t === "text") last.text += char;
  else nodes.push({ t: "text", text: char });
}

function at(line, i, verbatim) {
  const char = line[i];
  if (char === "`") return code(line, i);
  if (char === "<") return token(line.slice(i));
  if (char in STYLES) return styled(line, i, verbatim);
  if (char === ":") return emoji(line.slice(i));
  if (char === "h" && !verbatim && !WORD.test(line[i - 1] ?? " ")) return bareUrl(line.slice(i));
  return null;
}

function code(line, i) {
  const end = line.indexOf("`", i + 1);
  if (end <= i + 1) return null;
  return { node: { t: "code", text: plain(line.slice(i + 1, end)) }, length: end - i + 1 };
}

/** The text of a code span: addresses and mentions lose their angle brackets, entities are undone. */
function plain(text) {
  return unescape(
    text.replace(/<((?:https?|mailto|tel):[^<>|\n]+)(?:\|([^<>\n]+))?>/g, (_, url, label) => label ?? url),
  );
}

function styled(line, i, verbatim) {
  const mark = line[i];
  const before = line[i - 1] ?? " ";
  if (WORD.test(before) || before === mark || !line[i + 1] || /\s/.test(line[i + 1]) || line[i + 1] === mark)
    return null;
  for (let end = i + 2; end < line.length; end += 1) {
    if (line[end] === "`") end = skip(line, end, "`");
    else if (line[end] === "<") end = skip(line, end, ">");
    else if (line[end] === mark && closes(line, end, mark)) {
      const children = parseInline(line.slice(i + 1, end), { verbatim });
      return { node: { t: STYLES[mark], children }, length: end - i + 1 };
    }
  }
  return null;
}

function closes(line, end, mark) {
  const after = line[end + 1] ?? " ";
  return !/\s/.test(line[end - 1]) && !WORD.test(after) && after !== mark;
}

function skip(line, from, mark) {
  const end = line.indexOf(mark, from + 1);
  return end === -1 ? from : end;
}

function token(text) {
  const match = text.match(TOKEN);
  if (!match) return null;
  const node = tokenNode(match[1]);
  return node && { node, length: match[0].length };
}

function tokenNode(inner) {
  const cut = inner.indexOf("|");
  const target = cut === -1 ? inner : inner.slice(0, cut);
  const label = cut === -1 ? null : unescape(inner.slice(cut + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return { t: "user", id: target.slice(1), label };
  if (/^#[CGD][A-Z0-9]+$/.test(target)) return { t: "channel", id: target.slice(1), label };
  if (target.startsWith("!")) return special(target.slice(1), label);
  if (/^(https?:\/\/|mailto:|tel:)/i.test(target)) {
    const url = unescape(target);
    return { t: "link", url, children: [{ t: "text", text: label || url.replace(/^(mailto|tel):/i, "") }] };
  }
  return null;
}

function special(target, label) {
  if (["here", "channel", "everyone"].includes(target)) return { t: "broadcast", range: target };
  const [kind, first, format, url] = target.split("^");
  if (kind === "date" && /^\d+$/.test(first) && format) {
    return { t: "date", timestamp: Number(first), format, url: url ? unescape(url) : null, fallback: label ?? "" };
  }
  if (kind === "subteam") return { t: "usergroup", id: first, label };
  return { t: "text", text: label ?? `<!${target}>` };
}

function emoji(text) {
  const match = text.match(EMOJI);
  const unicode = match && emojiOf(match[1], match[2]);
  return unicode ? { node: { t: "emoji", name: match[1], unicode }, length: match[0].length } : null;
}

function bareUrl(text) {
  const match = text.match(BARE_URL);
  if (!match) return null;
  const url = match[0]
    .replace(/(?:[.,;:!?'*_~]|&gt;|&lt;)+$/, "")
    .replace(/\)+$/, (end) => (match[0].includes("(") ? end : ""));
  const href = unescape(url);
  return { node: { t: "link", url: href, children: [{ t: "text", text: href }] }, length: url.length };
}

/** Replace `:shortcodes:` in a plain text by their characters; what is not known stays as it is. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+'-]+):(?::skin-tone-([2-6]):)?/gi, (all, name, tone) => emojiOf(name, tone) ?? all);
}
