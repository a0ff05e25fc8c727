/** Builds the page from small descriptions and patches it in place, so that focus, typed text and scroll stay. */

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "indeterminate"]);
const HOOKS = new Set(["key", "mounted", "updated", "removed"]);

let pending = [];

/** Describe an element. `props` holds attributes, `on…` listeners, `style` (object), `key` and the hooks
 * `mounted(el)`, `updated(el)`, `removed(el)`. A child without a key is known by its place among the arguments (and
 * in its list), so one that comes or goes does not mix up its siblings. */
export function h(tag, props, ...children) {
  return { tag, props: props || {}, key: props?.key, children: flatten(children, [], "") };
}

/** Describe a part that is built again only when one of `args` is another object than last time. */
export function lazy(key, view, ...args) {
  return { lazy: view, args, key };
}

function flatten(items, into, path) {
  items.forEach((item, i) => {
    const place = `${path}.${i}`;
    if (Array.isArray(item)) flatten(item, into, place);
    else if (item === null || item === undefined || typeof item === "boolean") return;
    else {
      const node = typeof item === "object" ? item : { text: String(item) };
      node.id = node.key === undefined ? place : `key ${node.key}`;
      into.push(node);
    }
  });
  return into;
}

/** Make the content of `root` be `vnodes`. */
export function draw(root, vnodes) {
  const next = flatten(vnodes, [], "");
  patchChildren(root, root.__children || [], next, false);
  root.__children = next;
  const hooks = pending;
  pending = [];
  for (const run of hooks) run();
}

function create(vnode, svg) {
  if (vnode.text !== undefined) return (vnode.el = document.createTextNode(vnode.text));
  if (vnode.lazy) {
    vnode.node = vnode.lazy(...vnode.args);
    return (vnode.el = create(vnode.node, svg));
  }
  const inSvg = svg || vnode.tag === "svg";
  const el = inSvg ? document.createElementNS(SVG, vnode.tag) : document.createElement(vnode.tag);
  vnode.el = el;
  // The outer hook runs first: a dialog is open before something inside it takes the focus.
  if (vnode.props.mounted) pending.push(() => vnode.props.mounted(el));
  patchChildren(el, [], vnode.children, inSvg);
  patchProps(el, {}, vnode.props);
  return el;
}

function alike(before, after) {
  if (after.text !== undefined || before.text !== undefined)
    return before.text !== undefined && after.text !== undefined;
  if (before.lazy || after.lazy) return before.lazy === after.lazy;
  return before.tag === after.tag;
}

function patch(before, after, svg) {
  after.el = before.el;
  if (after.text !== undefined) {
    if (before.text !== after.text) before.el.data = after.text;
    return;
  }
  if (after.lazy) {
    if (after.args.length === before.args.length && after.args.every((arg, i) => arg === before.args[i])) {
      after.node = before.node;
      return;
    }
    after.node = after.lazy(...after.args);
    if (alike(before.node, after.node)) patch(before.node, after.node, svg);
    else replace(before.node, after.node, svg);
    after.el = after.node.el;
    return;
  }
  const inSvg = svg || after.tag === "svg";
  patchChildren(after.el, before.children, after.children, inSvg);
  patchProps(after.el, before.props, after.props);
  if (after.props.updated) pending.push(() => after.props.updated(after.el));
}

function replace(before, after, svg) {
  const el = create(after, svg);
  before.el.replaceWith(el);
  forget(before);
}

function patchChildren(parent, before, after, svg) {
  const known = new Map(before.map((child) => [child.id, child]));
  const kept = new Set();
  const partners = after.map((child) => {
    const candidate = known.get(child.id);
    if (!candidate || kept.has(candidate) || !alike(candidate, child)) return null;
    kept.add(candidate);
    return candidate;
  });
  for (const child of before) {
    if (kept.has(child)) continue;
    child.el.remove();
    forget(child);
  }
  let cursor = parent.firstChild;
  after.forEach((child, i) => {
    if (partners[i]) patch(partners[i], child, svg);
    else create(child, svg);
    if (child.el === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(child.el, cursor);
  });
}

function forget(vnode) {
  if (vnode.lazy) return forget(vnode.node);
  if (vnode.text !== undefined) return;
  vnode.props.removed?.(vnode.el);
  vnode.children.forEach(forget);
}

function patchProps(el, before, after) {
  for (const name of Object.keys(before)) {
    if (!(name in after)) setProp(el, name, before[name], undefined);
  }
  for (const [name, value] of Object.entries(after)) {
    if (PROPERTIES.has(name)) {
      // What is being typed into a field whose description did not change is the reader's.
      const typing = name === "value" && value === before.value && el === document.activeElement;
      if (el[name] !== value && !typing) el[name] = value ?? "";
    } else if (value !== before[name]) setProp(el, name, before[name], value);
  }
}

function setProp(el, name, before, value) {
  if (HOOKS.has(name)) return;
  if (name === "style") {
    for (const key of Object.keys(before || {})) if (!value || !(key in value)) el.style.removeProperty(key);
    for (const [key, part] of Object.entries(value || {})) el.style.setProperty(key, part);
  } else if (name.startsWith("on")) listen(el, name.slice(2), value);
  else if (value === undefined || value === null || value === false) el.removeAttribute(name);
  else el.setAttribute(name, value === true ? "" : value);
}

function listen(el, type, handler) {
  el.__on ??= {};
  if (!(type in el.__on)) el.addEventListener(type, hear);
  el.__on[type] = handler;
}

function hear(event) {
  this.__on[event.type]?.(event);
}
