/** Speaks the page's JSON API and keeps listening for changes. */

const LOST =
  "The local Slack does not answer. Start it again: this page goes on by itself, and what you typed is kept.";

let team = null;

/** Everything said from now on is about this workspace; null: the first one that knows the person. */
export function speakIn(id) {
  team = id;
}

/** Everything the person `as` may see now; without one, what the first person of the workspace sees. */
export async function fetchState(as) {
  const query = new URLSearchParams({ ...(as && { as }), ...(team && { team }) });
  const answer = await fetch(`/page/state?${query}`, { headers: { accept: "application/json" } });
  if (!answer.ok) throw Object.assign(new Error(`state ${answer.status}`), { status: answer.status });
  return answer.json();
}

/** Post `body` to `/page/<path>`. Never throws: a failure comes back as `{ok: false, error: words}`. */
export async function post(path, body) {
  return send(path, { headers: { "content-type": "application/json" }, body: JSON.stringify(team ? { team, ...body } : body) });
}

/** Upload one file for the person `as`. Answers `{ok, file}` or `{ok: false, error}`. */
export async function upload(as, file) {
  const body = new FormData();
  body.append("as", as);
  if (team) body.append("team", team);
  body.append("file", file, file.name);
  return send("upload", { body });
}

async function send(path, request) {
  let answer;
  try {
    answer = await fetch(`/page/${path}`, { method: "POST", ...request });
  } catch (error) {
    if (error instanceof TypeError) return { ok: false, error: LOST };
    throw error;
  }
  const text = await answer.text();
  try {
    const json = JSON.parse(text);
    return "ok" in json ? json : { ok: answer.ok, ...json };
  } catch {
    return { ok: false, error: `The local Slack answered ${answer.status} instead of JSON. Its terminal may say why.` };
  }
}

/** Call `onversion(number)` on every change and `onlink(alive)` as the connection comes and goes; returns a stop. */
export function listen(as, onversion, onlink) {
  let source = null;
  let retry = 0;
  const open = () => {
    source = new EventSource(`/page/events?as=${encodeURIComponent(as)}`);
    source.onopen = () => onlink(true);
    source.onmessage = (event) => onversion(JSON.parse(event.data).version);
    source.onerror = () => {
      onlink(false);
      // A refused stream is never tried again by the browser itself.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, 1500);
    };
  };
  open();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}
