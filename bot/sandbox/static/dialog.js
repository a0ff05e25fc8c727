/** What every dialog does: opens above the page, keeps the focus inside, leaves it where it was before. */

/** Properties of a `<dialog>`; `leave()` is called when the reader wants to get out with Escape or the Back key. */
export function dialogProps(leave) {
  const before = document.activeElement;
  const out = (event) => {
    event.preventDefault();
    leave();
  };
  return {
    mounted: (el) => {
      el.__before = before;
      el.showModal();
    },
    removed: (el) => el.__before?.isConnected && el.__before.focus(),
    onkeydown: (event) => event.key === "Escape" && !event.defaultPrevented && out(event),
    oncancel: out,
    // A browser may close a dialog by force; as long as it is described, it is there.
    onclose: (event) => event.currentTarget.isConnected && event.currentTarget.showModal(),
  };
}
