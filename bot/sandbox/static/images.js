/** Draws images; those of other machines are fetched only when the reader asks. */

import { local, touch } from "./forms.js";
import { icon } from "./icons.js";
import { textObject } from "./text.js";
import { h } from "./vdom.js";

/** An image of `{image_url | slack_file, alt_text}`. */
export function image(ctx, part, kind) {
  const url = part.image_url ?? part.slack_file?.url ?? "";
  const state = local(ctx, `image:${url}`, { shown: isLocal(url), failed: false });
  if (!/^(https?:|data:image\/|\/)/i.test(url) || state.failed) return placeholder(part, "Image", kind);
  if (!state.shown) {
    const show = () => {
      state.shown = true;
      touch(ctx);
    };
    return h(
      "button",
      {
        type: "button",
        class: `image-ask ${kind}`,
        title: url,
        "aria-label": `Show the image: ${part.alt_text ?? ""}`,
        onclick: show,
      },
      icon("image"),
      h("span", null, part.alt_text || hostOf(url)),
    );
  }
  const fail = () => {
    state.failed = true;
    touch(ctx);
  };
  return h("img", {
    class: kind,
    src: url,
    alt: part.alt_text ?? "",
    loading: "lazy",
    referrerpolicy: "no-referrer",
    onerror: fail,
  });
}

/** An image block: title, picture, and what it shows in words where the picture is missing. */
export function imageBlock(ctx, block) {
  return h(
    "figure",
    { class: "image-block" },
    block.title && h("figcaption", null, textObject(block.title, ctx.view)),
    image(ctx, block, "block-image"),
  );
}

function placeholder(part, word, kind) {
  return h(
    "span",
    { class: `image-missing ${kind}`, role: "img", "aria-label": part.alt_text ?? word },
    icon("image"),
    h("span", null, part.alt_text || `${word} not available`),
  );
}

function isLocal(url) {
  if (url.startsWith("data:") || url.startsWith("/")) return true;
  const host = hostOf(url);
  return host === location.hostname || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
}

function hostOf(url) {
  try {
    return new URL(url, location.href).hostname;
  } catch {
    return "";
  }
}
