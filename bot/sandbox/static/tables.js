/** Draws table and data_table blocks: the second can be sorted and paged. */

import { button } from "./buttons.js";
import { local, touch } from "./forms.js";
import { richText } from "./richtext.js";
import { unknown } from "./text.js";
import { h } from "./vdom.js";

/** A `{type: "table", rows, column_settings}` block; its first row is the heading. */
export function table(block, ctx) {
  const settings = block.column_settings ?? [];
  const [head, ...body] = block.rows ?? [];
  const cell = (tag) => (value, i) => h(tag, cellProps(settings[i], tag), cellContent(value, ctx));
  return wrap("Table", [
    h("thead", null, h("tr", null, (head ?? []).map(cell("th")))),
    h(
      "tbody",
      null,
      body.map((row) => h("tr", null, row.map(cell("td")))),
    ),
  ]);
}

function wrap(label, children) {
  return h(
    "div",
    { class: "table-wrap", role: "region", "aria-label": label, tabindex: "0" },
    h("table", null, children),
  );
}

function cellProps(setting, tag) {
  const classes = [`to-${setting?.align ?? "left"}`, setting?.is_wrapped ? "wrapped" : "unwrapped"];
  return { class: classes.join(" "), scope: tag === "th" ? "col" : null };
}

function cellContent(cell, ctx) {
  if (cell?.type === "rich_text") return richText(cell, ctx.view);
  if (cell?.type === "raw_number") return cell.text ?? String(cell.value);
  return cell?.type === "raw_text" ? cell.text : unknown(`cell: ${cell?.type}`);
}

/** A `{type: "data_table", caption, rows, page_size}` block. */
export function dataTable(block, ctx) {
  const state = local(ctx, `table:${block.block_id}`, { page: 0, column: null, down: false });
  const [head, ...body] = block.rows ?? [];
  const size = block.page_size ?? 5;
  const pages = Math.max(1, Math.ceil(body.length / size));
  const page = Math.min(state.page, pages - 1);
  const shown = sorted(body, state).slice(page * size, (page + 1) * size);
  const main = block.row_header_column_index ?? 0;
  const body_ = shown.map((row) =>
    h(
      "tr",
      null,
      row.map((cell, i) => h(i === main ? "th" : "td", { scope: i === main ? "row" : null }, cellContent(cell, ctx))),
    ),
  );
  return h(
    "div",
    { class: "data-table" },
    wrap(block.caption ?? "Table", [
      h("caption", null, block.caption),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          (head ?? []).map((cell, i) => sortable(cell, i, state, ctx)),
        ),
      ),
      h("tbody", null, body_),
    ]),
    pages > 1 &&
      pager(page, pages, (to) => {
        state.page = to;
        touch(ctx);
      }),
  );
}

function sortable(cell, i, state, ctx) {
  const direction = state.column !== i ? "none" : state.down ? "descending" : "ascending";
  const sort = () => {
    Object.assign(state, { column: i, down: state.column === i && !state.down, page: 0 });
    touch(ctx);
  };
  const mark = { none: "", ascending: " ▲", descending: " ▼" }[direction];
  return h(
    "th",
    { scope: "col", "aria-sort": direction },
    h("button", { type: "button", class: "plain", onclick: sort }, cellContent(cell, ctx), mark),
  );
}

function sorted(rows, { column, down }) {
  if (column === null) return rows;
  const key = (row) => row[column]?.value ?? row[column]?.text ?? "";
  const order = (a, b) =>
    typeof key(a) === "number" && typeof key(b) === "number"
      ? key(a) - key(b)
      : String(key(a)).localeCompare(String(key(b)));
  return [...rows].sort((a, b) => (down ? -order(a, b) : order(a, b)));
}

function pager(page, pages, go) {
  return h(
    "div",
    { class: "pager" },
    button("Previous", () => go(page - 1), { class: "btn small", disabled: page === 0 }),
    h("span", null, `Page ${page + 1} of ${pages}`),
    button("Next", () => go(page + 1), { class: "btn small", disabled: page === pages - 1 }),
  );
}
