/** Writes dates the way messages show them, counted from the workspace's clock, in the reader's time zone. */

const DAY = 86400000;
const words = (options) => new Intl.DateTimeFormat("en-US", options);
const MONTH = words({ month: "long" });
const MONTH_SHORT = words({ month: "short" });
const WEEKDAY = words({ weekday: "long" });
const two = (number) => String(number).padStart(2, "0");

/** "6:39 AM". */
export function clockTime(date, seconds = false) {
  return date.toLocaleTimeString("en-US", {
    hour: "numeric",
    minute: "2-digit",
    second: seconds ? "2-digit" : undefined,
  });
}

/** "Tuesday, February 18th, 2014 at 6:39 AM", for titles. */
export function fullDate(date) {
  return `${longDate(date)} at ${clockTime(date)}`;
}

/** "Today", "Yesterday" or "Tuesday, February 18th": the heading over a day's messages. */
export function dayHeading(date, now) {
  return (
    capital(near(date, now)) ??
    `${WEEKDAY.format(date)}, ${dayOfYear(date)}${sameYear(date, now) ? "" : `, ${date.getFullYear()}`}`
  );
}

/** A number that is equal for two moments of the same local day. */
export function dayNumber(date) {
  return Math.floor((date.getTime() - date.getTimezoneOffset() * 60000) / DAY);
}

/** Fill a `<!date^…>` format ("Due {date_pretty} at {time}") for `date`. */
export function formatDate(date, format, now) {
  return format.replace(/\{(\w+)\}/g, (all, token) => TOKENS[token]?.(date, now) ?? all);
}

const TOKENS = {
  date_num: (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
  date_slash: (date) => `${two(date.getMonth() + 1)}/${two(date.getDate())}/${date.getFullYear()}`,
  date: (date) => `${dayOfYear(date)}, ${date.getFullYear()}`,
  date_short: (date) => `${MONTH_SHORT.format(date)} ${date.getDate()}, ${date.getFullYear()}`,
  date_long: (date) => longDate(date),
  date_long_full: (date) => longDate(date),
  date_pretty: (date, now) => near(date, now) ?? TOKENS.date(date),
  date_short_pretty: (date, now) => near(date, now) ?? TOKENS.date_short(date),
  date_long_pretty: (date, now) => near(date, now) ?? TOKENS.date_long(date),
  day_divider_pretty: (date, now) => dayHeading(date, now),
  time: (date) => clockTime(date),
  time_secs: (date) => clockTime(date, true),
  ago: (date, now) => ago(date, now),
};

/** "3 minutes ago", "in 2 days". */
export function ago(date, now) {
  const seconds = Math.round((date - now) / 1000);
  const scale = [
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  const [size, unit] = scale.find(([length]) => Math.abs(seconds) >= length) ?? [1, "second"];
  return new Intl.RelativeTimeFormat("en", { numeric: "always" }).format(Math.round(seconds / size), unit);
}

function near(date, now) {
  return { 0: "today", "-1": "yesterday", 1: "tomorrow" }[dayNumber(date) - dayNumber(now)] ?? null;
}

function longDate(date) {
  return `${WEEKDAY.format(date)}, ${dayOfYear(date)}, ${date.getFullYear()}`;
}

function dayOfYear(date) {
  return `${MONTH.format(date)} ${ordinal(date.getDate())}`;
}

function ordinal(number) {
  const ending = number % 100 >= 11 && number % 100 <= 13 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[number % 10] ?? "th");
  return `${number}${ending}`;
}

const capital = (text) => text && text[0].toUpperCase() + text.slice(1);
const sameYear = (a, b) => a.getFullYear() === b.getFullYear();
