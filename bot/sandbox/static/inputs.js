/** Fields to type, pick and tick in: text, e-mail, number, address, dates, check boxes, radio buttons, rich text. */

import { pathOf, richTextOf, setRichText, setValue, valueOf } from "./forms.js";
import { textObject, words } from "./text.js";
import { h } from "./vdom.js";

const TYPING_PAUSE = 500; // milliseconds after the last key before "on_character_entered" or a date is sent
const timers = new Map();

function soon(ctx, block, element) {
  const name = `${ctx.key} ${pathOf(block, element)}`;
  clearTimeout(timers.get(name));
  timers.set(
    name,
    setTimeout(() => now(ctx, block, element), TYPING_PAUSE),
  );
}

function now(ctx, block, element) {
  clearTimeout(timers.get(`${ctx.key} ${pathOf(block, element)}`));
  ctx.chosen(block, element, valueOf(ctx, block, element));
}

function common(field) {
  return {
    id: field.id,
    "aria-label": field.label,
    "aria-describedby": field.describedby,
    "aria-invalid": field.invalid ? "true" : null,
    "aria-required": field.required ? "true" : null,
    autofocus: field.focus || null,
  };
}

const KINDS = {
  email_text_input: ["email", "email"],
  url_text_input: ["url", "url"],
  number_input: ["text", "decimal"],
  plain_text_input: ["text", "text"],
};

function textInput(ctx, block, element, field) {
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const props = {
    ...common(field),
    value: valueOf(ctx, block, element).value ?? "",
    placeholder: words(element.placeholder) || null,
    autocomplete: "off",
    oninput: (event) => {
      setValue(ctx, block, element, { value: event.target.value || null });
      if (block.dispatch_action && on.includes("on_character_entered")) soon(ctx, block, element);
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.isComposing || !block.dispatch_action || !on.includes("on_enter_pressed"))
        return;
      if (element.multiline && event.shiftKey) return;
      event.preventDefault();
      now(ctx, block, element);
    },
  };
  const counter =
    element.max_length &&
    h("span", { class: "counter", "aria-hidden": "true" }, `${props.value.length} / ${element.max_length}`);
  if (element.multiline)
    return h(
      "div",
      { class: "text-field" },
      h("textarea", { ...props, rows: "4", maxlength: element.max_length }),
      counter,
    );
  const [type, mode] = KINDS[element.type];
  // The browser's own e-mail and address checks speak another language than the form: type stays "text".
  return h(
    "div",
    { class: "text-field" },
    h("input", { ...props, type: "text", inputmode: mode, "data-kind": type, maxlength: element.max_length }),
    counter,
  );
}

function richTextInput(ctx, block, element, field) {
  const oninput = (event) => {
    setRichText(ctx, block, element, event.target.value);
    if (block.dispatch_action) soon(ctx, block, element);
  };
  return h(
    "div",
    { class: "text-field" },
    h("textarea", {
      ...common(field),
      rows: "5",
      value: richTextOf(ctx, block, element),
      placeholder: words(element.placeholder) || null,
      oninput,
    }),
    h("span", { class: "counter" }, "*bold*  _italic_  ~strike~  `code`  - list  > quote"),
  );
}

/** A native date or time field; a half typed year (0002) is not yet a choice. */
function picker(type, read, write) {
  return (ctx, block, element, field) => {
    const set = (event) => {
      const part = read(event.target.value);
      if (part === undefined) return;
      setValue(ctx, block, element, part);
      soon(ctx, block, element);
    };
    return h("input", {
      ...common(field),
      class: "picker",
      type,
      value: write(valueOf(ctx, block, element)),
      title: words(element.placeholder) || null,
      onchange: set,
    });
  };
}

const two = (number) => String(number).padStart(2, "0");

function localMoment(seconds) {
  if (!seconds) return "";
  const date = new Date(seconds * 1000);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

const early = (text) => text && Number(text.slice(0, 4)) < 1000;

const datepicker = picker(
  "date",
  (text) => (early(text) ? undefined : { selected_date: text || null }),
  (value) => value.selected_date ?? "",
);
const timepicker = picker(
  "time",
  (text) => ({ selected_time: text || null }),
  (value) => value.selected_time ?? "",
);
const datetimepicker = picker(
  "datetime-local",
  (text) => (early(text) ? undefined : { selected_date_time: text ? Math.floor(new Date(text) / 1000) : null }),
  (value) => localMoment(value.selected_date_time),
);

function ticks(type) {
  return (ctx, block, element, field) => {
    const value = valueOf(ctx, block, element);
    const chosen = type === "radio" ? [value.selected_option].filter(Boolean) : (value.selected_options ?? []);
    const pick = (option, on) => {
      const rest = chosen.filter((one) => one.value !== option.value);
      const options = element.options.filter((one) =>
        one.value === option.value ? on : rest.some((other) => other.value === one.value),
      );
      setValue(ctx, block, element, type === "radio" ? { selected_option: option } : { selected_options: options });
      ctx.chosen(block, element, valueOf(ctx, block, element));
    };
    const rows = (element.options ?? []).map((option, i) => {
      const checked = chosen.some((one) => one.value === option.value);
      const box = {
        type,
        id: i === 0 ? field.id : null,
        name: `${field.id}-group`,
        checked,
        autofocus: (field.focus && i === 0) || null,
        onchange: (event) => pick(option, event.target.checked),
      };
      const text = h(
        "span",
        null,
        textObject(option.text, ctx.view),
        option.description && h("small", null, textObject(option.description, ctx.view)),
      );
      return h("label", { key: option.value, class: "tick-row" }, h("input", box), text);
    });
    const group = {
      class: "ticks",
      role: type === "radio" ? "radiogroup" : "group",
      "aria-label": field.label,
      "aria-labelledby": field.labelledby,
      "aria-describedby": field.describedby,
      "aria-invalid": field.invalid && type === "radio" ? "true" : null,
    };
    return h("div", group, rows);
  };
}

/** Element type -> `(ctx, block, element, field)` drawing it. */
export const INPUTS = {
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  rich_text_input: richTextInput,
  datepicker,
  timepicker,
  datetimepicker,
  checkboxes: ticks("checkbox"),
  radio_buttons: ticks("radio"),
};
