// The number pad's arithmetic, exact: which keys may follow what is typed, and when it is a mark. Pure; tested from Python.
//
// An aspect has `low`, `high` and `step` (decimal strings, step may be null). Numbers are whole numbers of 10^-digits.

export const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "."];
const FREE_DIGITS = 2; // decimals that may be typed where the rules name no step
const WHOLE_DIGITS = 9;

const decimals = (text) => (text.includes(".") ? text.length - text.indexOf(".") - 1 : 0);

export function units(text, digits) {
  const negative = text.startsWith("-");
  const [whole, part = ""] = (negative ? text.slice(1) : text).split(".");
  const value = BigInt(whole || "0") * 10n ** BigInt(digits) + BigInt((part.padEnd(digits, "0") || "0").slice(0, digits) || "0");
  return negative ? -value : value;
}

/** The grid of an aspect: how many decimals are typed, and low, high and step in units of 10^-digits. */
export function grid(aspect) {
  const stated = [aspect.low, aspect.high, aspect.step ?? "0"].map(decimals);
  const digits = Math.max(...stated, aspect.step == null ? FREE_DIGITS : 0);
  const step = aspect.step == null ? 1n : units(aspect.step, digits);
  return { digits, low: units(aspect.low, digits), high: units(aspect.high, digits), step };
}

/** Whether some value on the grid lies in from..to (units, both ends in). */
function any(g, from, to) {
  const a = from > g.low ? from : g.low;
  const b = to < g.high ? to : g.high;
  if (a > b) return false;
  const over = (a - g.low) % g.step;
  return (over === 0n ? a : a + g.step - over) <= b;
}

/** Whether a text can still become a mark by typing on. */
export function reachable(text, aspect) {
  const g = grid(aspect);
  const negative = text.startsWith("-");
  const body = negative ? text.slice(1) : text;
  if (!/^\d*(\.\d*)?$/.test(body) || /^0\d/.test(body) || body.startsWith(".")) return false;
  if (negative && g.low >= 0n) return false;
  const signed = (from, to) => (negative ? any(g, -to, from === 0n ? -1n : -from) : any(g, from, to)); // there is no minus nought
  if (body === "") return signed(negative ? 1n : 0n, 10n ** BigInt(WHOLE_DIGITS + g.digits)) || !negative;
  const [whole, part] = body.split(".");
  if (whole.length > WHOLE_DIGITS) return false;
  const one = 10n ** BigInt(g.digits);
  if (part !== undefined) {
    if (g.digits === 0 || part.length > g.digits) return false;
    const span = 10n ** BigInt(g.digits - part.length);
    const from = units(`${whole}.${part || "0"}`, g.digits);
    return signed(from, from + span - 1n);
  }
  const longest = whole === "0" ? 0 : WHOLE_DIGITS - whole.length;
  for (let more = 0; more <= longest; more += 1) {
    const wide = 10n ** BigInt(more);
    const from = BigInt(whole) * wide * one;
    if (signed(from, from + wide * one - 1n)) return true;
  }
  return false;
}

/** The keys that may follow. With nothing typed and a negative minimum, "." stands for the minus sign. */
export function allowed(text, aspect) {
  return KEYS.filter((key) => reachable(press(text, key), aspect) && press(text, key) !== text);
}

export function press(text, key) {
  return key === "." && text === "" ? "-" : text + key;
}

/** The mark that a text is, as the format writes it; null where it is none (yet). "17." is 17. */
export function markOf(text, aspect) {
  const clean = text.endsWith(".") ? text.slice(0, -1) : text;
  if (!/^-?(0|[1-9]\d{0,8})(\.\d{1,10})?$/.test(clean)) return null;
  const g = grid(aspect);
  if (decimals(clean) > g.digits) return null;
  const value = units(clean, g.digits);
  if (value < g.low || value > g.high || (value - g.low) % g.step !== 0n) return null;
  return /^-0(\.0+)?$/.test(clean) ? clean.slice(1) : clean;
}

/** A mark as it is shown: with the decimals of the step. */
export function shown(value, aspect) {
  if (value == null || aspect.kind === "judgement" || aspect.step == null) return value ?? "";
  const want = decimals(aspect.step);
  const have = decimals(value);
  return have >= want ? value : `${value}${have ? "" : "."}${"0".repeat(want - have)}`;
}

/** How much of the range a text fills, in hundredths, for the bar. */
export function share(text, aspect) {
  if (!/\d/.test(text)) return 0;
  const g = grid(aspect);
  const span = g.high - g.low;
  if (span <= 0n) return 0;
  const at = units(text.replace(/\.$/, ""), g.digits) - g.low;
  return at <= 0n ? 0 : at >= span ? 100 : Number((at * 10000n) / span) / 100;
}
