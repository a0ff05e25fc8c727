/** Light or dark: what the reader chose here, else what their machine prefers. */

const KEY = "local-slack-theme";
const prefers = matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark now. */
export function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : prefers.matches;
}

/** Change to the other, and remember it. */
export function toggleTheme() {
  const next = dark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  keep(KEY, next);
}

/** Use what was chosen on an earlier visit; `changed` is called when the machine changes its mind. */
export function startTheme(changed) {
  const chosen = kept(KEY);
  if (chosen) document.documentElement.dataset.theme = chosen;
  prefers.addEventListener("change", changed);
}

/** Read from and write to the browser's storage, which may be switched off. */
export function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage the choice holds for this visit only.
  }
}
