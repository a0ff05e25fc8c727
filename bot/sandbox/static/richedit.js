/** Turns what is typed into a plain editor into rich_text JSON, and such JSON back into text to edit. */

import { parseInline } from "./mrkdwn.js";

/** Text with light marks (*bold*, _italic_, ~strike~, `code`, lists, quotes, ``` fences) as a rich_text block, or null. */
export function toRichText(text) {
  if (!text.trim()) return null;
  const elements = [];
  let fence = null;
  for (const line of text.split("\n")) {
    if (line.trim().startsWith("```")) {
      if (fence)
        elements.push({ type: "rich_text_preformatted", elements: [{ type: "text", text: fence.join("\n") || " " }] });
      fence = fence ? null : [];
    } else if (fence) fence.push(line);
    else addLine(elements, line);
  }
  if (fence) addLine(elements, `\`\`\`\n${fence.join("\n")}`);
  return { type: "rich_text", elements };
}

function addLine(elements, line) {
  const bullet = line.match(/^( *)[-•] (.*)$/);
  const number = line.match(/^( *)\d+[.)] (.*)$/);
  const quote = line.match(/^> ?(.*)$/);
  if (bullet || number) return addItem(elements, bullet ? "bullet" : "ordered", bullet ?? number);
  return addRun(elements, quote ? "rich_text_quote" : "rich_text_section", quote ? quote[1] : line);
}

function addItem(elements, style, [, indent, text]) {
  const level = Math.min(8, Math.floor(indent.length / 2));
  let list = elements.at(-1);
  if (list?.type !== "rich_text_list" || list.style !== style || list.indent !== level) {
    list = { type: "rich_text_list", style, indent: level, elements: [] };
    elements.push(list);
  }
  list.elements.push({ type: "rich_text_section", elements: pieces(text) });
}

function addRun(elements, type, text) {
  const last = elements.at(-1);
  if (last?.type === type) last.elements.push({ type: "text", text: "\n" }, ...pieces(text));
  else elements.push({ type, elements: pieces(text) });
}

function pieces(text) {
  // The parser undoes Slack's entities, which typed text does not have.
  const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return parseInline(escaped).flatMap((node) => piece(node, {}));
}

function piece(node, style) {
  const worn = Object.keys(style).length ? { style } : {};
  if (node.t === "text") return node.text ? [{ type: "text", text: node.text, ...worn }] : [];
  if (node.t === "code") return [{ type: "text", text: node.text, style: { ...style, code: true } }];
  if (node.t === "link") return [{ type: "link", url: node.url, ...worn }];
  if (node.t === "emoji") return [{ type: "emoji", name: node.name, ...worn }];
  return node.children.flatMap((child) => piece(child, { ...style, [node.t]: true }));
}

/** A rich_text block as the text the editor shows. */
export function fromRichText(block) {
  return (block?.elements ?? []).map((part) => WRITE[part.type]?.(part) ?? run(part.elements)).join("\n");
}

const WRITE = {
  rich_text_preformatted: (part) => `\`\`\`\n${run(part.elements)}\n\`\`\``,
  rich_text_quote: (part) =>
    run(part.elements)
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n"),
  rich_text_list: (part) => (part.elements ?? []).map((item, i) => writeItem(part, item, i)).join("\n"),
};

function writeItem(part, item, i) {
  const mark = part.style === "ordered" ? `${i + 1 + (part.offset ?? 0)}.` : "-";
  return `${"  ".repeat(part.indent ?? 0)}${mark} ${run(item.elements)}`;
}

function run(elements) {
  return (elements ?? []).map(write).join("");
}

function write(element) {
  const text =
    element.text ??
    element.url ??
    (element.name ? `:${element.name}:` : element.user_id ? `<@${element.user_id}>` : "");
  const { code, strike, italic, bold } = element.style ?? {};
  let out = code ? `\`${text}\`` : text;
  if (strike) out = `~${out}~`;
  if (italic) out = `_${out}_`;
  return bold ? `*${out}*` : out;
}
