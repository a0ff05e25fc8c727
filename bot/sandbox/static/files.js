/** The file field of forms: uploads at once, shows what was taken and why something was not. */

import { upload } from "./api.js";
import { cross } from "./buttons.js";
import { local, pathOf, setValue, touch, valueOf } from "./forms.js";
import { icon } from "./icons.js";
import { store } from "./store.js";
import { h } from "./vdom.js";

const LARGEST = 10 * 1024 * 1024; // bytes Slack takes in one file of a form

/** Draw a `file_input` element. */
export function fileInput(ctx, block, element, field) {
  const state = local(ctx, `files:${pathOf(block, element)}`, { uploading: [], refused: null });
  const files = valueOf(ctx, block, element).files ?? [];
  const most = element.max_files ?? 10;
  const take = (event) => {
    const picked = [...event.target.files];
    event.target.value = "";
    add(ctx, block, element, state, picked, most);
  };
  const props = {
    id: field.id,
    type: "file",
    class: "file-native",
    multiple: most > 1,
    accept: accept(element),
    disabled: files.length >= most,
    "aria-label": field.label,
    "aria-describedby": field.describedby,
    "aria-invalid": field.invalid ? "true" : null,
    onchange: take,
  };
  return h(
    "div",
    { class: "file-field" },
    h(
      "label",
      { class: `btn file-button${files.length >= most ? " off" : ""}` },
      icon("clip"),
      files.length ? "Add another file" : "Choose a file",
      h("input", props),
    ),
    h(
      "ul",
      { class: "file-list", "aria-live": "polite" },
      files.map((file) => row(ctx, block, element, file)),
      state.uploading.map((name) =>
        h("li", { key: `up:${name}`, class: "uploading" }, icon("file"), `Uploading ${name}…`),
      ),
    ),
    state.refused && h("p", { class: "field-error", role: "alert" }, state.refused),
  );
}

function accept({ filetypes }) {
  return filetypes?.length ? filetypes.map((type) => `.${type}`).join(",") : null;
}

function row(ctx, block, element, file) {
  const files = valueOf(ctx, block, element).files ?? [];
  const drop = () => setValue(ctx, block, element, { files: files.filter((one) => one.id !== file.id) });
  const name = file.name ?? file.title ?? file.id;
  return h(
    "li",
    { key: file.id },
    icon("file"),
    h("span", null, name),
    file.size !== undefined && h("small", null, sizeWords(file.size)),
    cross(`Remove ${name}`, drop),
  );
}

async function add(ctx, block, element, state, picked, most) {
  state.refused = null;
  for (const file of picked) {
    const files = valueOf(ctx, block, element).files ?? [];
    state.refused = refusal(element, file, files.length, most) ?? state.refused;
    if (refusal(element, file, files.length, most)) continue;
    state.uploading.push(file.name);
    touch(ctx);
    const answer = await upload(store.me, file);
    state.uploading.splice(state.uploading.indexOf(file.name), 1);
    if (answer.ok)
      setValue(ctx, block, element, { files: [...(valueOf(ctx, block, element).files ?? []), answer.file] });
    else state.refused = `${file.name} could not be uploaded. ${answer.error}`;
  }
  touch(ctx);
}

function refusal(element, file, count, most) {
  const ending = file.name.split(".").at(-1).toLowerCase();
  const types = element.filetypes?.map((type) => type.toLowerCase().replace(/^\./, ""));
  if (count >= most) return `You can add up to ${most} file${most === 1 ? "" : "s"}; ${file.name} was left out.`;
  if (types?.length && !types.includes(ending))
    return `${file.name} is not one of the kinds asked for: ${types.join(", ")}.`;
  if (file.size > LARGEST) return `${file.name} is larger than 10 MB.`;
  return null;
}

/** "1.2 KB". */
export function sizeWords(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
