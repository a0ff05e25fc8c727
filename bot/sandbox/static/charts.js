/** Draws data_visualization blocks (bar, line, area and pie) as SVG with the figures in a table for screen readers. */

import { unknown } from "./text.js";
import { h } from "./vdom.js";

const COLORS = [
  "#0d7a6f",
  "#d9772b",
  "#5b6ee1",
  "#b8456b",
  "#7a9c1e",
  "#8a6bbf",
  "#2f8fbf",
  "#c9a227",
  "#77807d",
  "#3f9b54",
  "#a1553a",
  "#4b5d8a",
];
const WIDTH = 520;
const HEIGHT = 220;
const LEFT = 48;
const BOTTOM = 190;
const TOP = 12;

/** A `{type: "data_visualization", title, chart}` block. */
export function chart(block) {
  const data = block.chart ?? {};
  if (data.type === "pie")
    return figure(block.title, pie(data.segments ?? []), data.segments ?? [], pieTable(data.segments ?? []));
  if (!["bar", "line", "area"].includes(data.type)) return unknown(`chart: ${data.type}`);
  return figure(
    block.title,
    plot(data),
    (data.series ?? []).map((series) => ({ label: series.name })),
    seriesTable(data),
  );
}

function figure(title, drawing, legend, table) {
  const key = legend.map((item, i) => h("li", null, h("i", { style: { background: color(i) } }), item.label));
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", null, title),
    drawing,
    h("ul", { class: "legend", "aria-hidden": "true" }, key),
    table,
  );
}

const color = (i) => COLORS[i % COLORS.length];

function pie(segments) {
  const total = segments.reduce((sum, segment) => sum + segment.value, 0) || 1;
  let angle = -Math.PI / 2;
  const slices = segments.map((segment, i) => {
    const from = angle;
    angle += (segment.value / total) * 2 * Math.PI;
    return h("path", { d: slice(from, angle), fill: color(i) });
  });
  return h("svg", { viewBox: "0 0 220 220", class: "pie", "aria-hidden": "true" }, slices);
}

function slice(from, to) {
  const end = to - from >= 2 * Math.PI ? to - 0.0001 : to;
  const point = (angle) => `${110 + 100 * Math.cos(angle)} ${110 + 100 * Math.sin(angle)}`;
  return `M110 110 L${point(from)} A100 100 0 ${end - from > Math.PI ? 1 : 0} 1 ${point(end)} Z`;
}

function plot(data) {
  const series = data.series ?? [];
  const labels = data.axis_config?.categories ?? series[0]?.data?.map((point) => point.label) ?? [];
  const values = series.flatMap((one) => one.data.map((point) => point.value));
  const low = Math.min(0, ...values);
  const high = Math.max(1, ...values);
  const scale = {
    y: (value) => BOTTOM - ((value - low) / (high - low)) * (BOTTOM - TOP),
    x: (i) => LEFT + ((i + 0.5) * (WIDTH - LEFT)) / Math.max(1, labels.length),
    band: (WIDTH - LEFT) / Math.max(1, labels.length),
  };
  const marks = data.type === "bar" ? bars(series, scale) : lines(series, scale, data.type === "area");
  return h(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
    grid(low, high, scale),
    marks,
    names(labels, scale),
  );
}

function grid(low, high, scale) {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const value = low + part * (high - low);
    const shown = Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 100) / 100;
    return h(
      "g",
      { class: "grid" },
      h("line", { x1: LEFT, x2: WIDTH, y1: scale.y(value), y2: scale.y(value) }),
      h("text", { x: LEFT - 6, y: scale.y(value) + 4, "text-anchor": "end" }, String(shown)),
    );
  });
}

function names(labels, scale) {
  const every = Math.ceil(labels.length / 8);
  return labels.map(
    (label, i) =>
      i % every === 0 &&
      h(
        "text",
        { class: "axis", x: scale.x(i), y: HEIGHT - 10, "text-anchor": "middle" },
        label.length > 14 ? `${label.slice(0, 13)}…` : label,
      ),
  );
}

function bars(series, scale) {
  const width = (scale.band * 0.7) / Math.max(1, series.length);
  return series.flatMap((one, s) =>
    one.data.map((point, i) => {
      const top = Math.min(scale.y(point.value), scale.y(0));
      const x = scale.x(i) - scale.band * 0.35 + s * width;
      return h("rect", {
        x,
        y: top,
        width,
        height: Math.abs(scale.y(point.value) - scale.y(0)),
        rx: 2,
        fill: color(s),
      });
    }),
  );
}

function lines(series, scale, filled) {
  return series.map((one, s) => {
    const points = one.data.map((point, i) => `${scale.x(i)},${scale.y(point.value)}`);
    const area =
      filled &&
      h("polygon", {
        points: [`${scale.x(0)},${scale.y(0)}`, ...points, `${scale.x(one.data.length - 1)},${scale.y(0)}`].join(" "),
        fill: color(s),
        "fill-opacity": "0.25",
      });
    return h(
      "g",
      null,
      area,
      h("polyline", { points: points.join(" "), fill: "none", stroke: color(s), "stroke-width": "2.5" }),
    );
  });
}

function pieTable(segments) {
  return hidden(
    ["", "Value"],
    segments.map((segment) => [segment.label, segment.value]),
  );
}

function seriesTable(data) {
  const series = data.series ?? [];
  const labels = data.axis_config?.categories ?? [];
  return hidden(
    [data.axis_config?.x_label ?? "", ...series.map((one) => one.name)],
    labels.map((label, i) => [label, ...series.map((one) => one.data[i]?.value ?? "")]),
  );
}

function hidden(head, rows) {
  const row = (tag) => (cells) =>
    h(
      "tr",
      null,
      cells.map((cell) => h(tag, null, cell)),
    );
  return h("table", { class: "sr-only" }, h("thead", null, row("th")(head)), h("tbody", null, rows.map(row("td"))));
}
