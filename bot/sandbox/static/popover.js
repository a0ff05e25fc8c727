/** Places lists and menus above everything else, beside what opened them. */

const GAP = 4;

/** Hooks for an element that floats below (or, lacking room, above) the element `anchor(el)` returns. */
export function floating(anchor, { align = "left", match = false } = {}) {
  let follow = null;
  return {
    popover: "manual",
    mounted: (el) => {
      el.showPopover?.();
      follow = () => place(el, anchor(el), align, match);
      follow();
      addEventListener("scroll", follow, true);
      addEventListener("resize", follow);
      el.__follow = follow;
    },
    updated: (el) => el.__follow?.(),
    removed: (el) => {
      removeEventListener("scroll", el.__follow, true);
      removeEventListener("resize", el.__follow);
    },
  };
}

function place(el, anchor, align, match) {
  if (!anchor) return;
  const box = anchor.getBoundingClientRect();
  if (match) el.style.minWidth = `${box.width}px`;
  el.style.maxWidth = `${innerWidth - 16}px`;
  const below = innerHeight - box.bottom - GAP - 8;
  const above = box.top - GAP - 8;
  const upward = below < Math.min(el.scrollHeight, 240) && above > below;
  el.style.maxHeight = `${Math.max(96, Math.min(320, upward ? above : below))}px`;
  el.style.top = upward ? "auto" : `${box.bottom + GAP}px`;
  el.style.bottom = upward ? `${innerHeight - box.top + GAP}px` : "auto";
  const left = align === "right" ? box.right - el.offsetWidth : box.left;
  el.style.left = `${Math.max(8, Math.min(left, innerWidth - el.offsetWidth - 8))}px`;
}
