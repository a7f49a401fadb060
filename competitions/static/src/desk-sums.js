// Subtotals on the desk, exact and rounded half-up as the engine does: one mark → panel → aspect, then the sum.

const ten = (places) => 10n ** BigInt(places);

export function fraction(text) {
  const negative = text.startsWith("-");
  const [whole, part = ""] = (negative ? text.slice(1) : text).split(".");
  const n = BigInt(whole + part);
  return [negative ? -n : n, ten(part.length)];
}

export function halfUp([n, d]) {
  return n >= 0n ? (2n * n + d) / (2n * d) : -((-2n * n + d) / (2n * d));
}

function rounded([n, d], places) {
  return places == null ? [n, d] : [halfUp([n * ten(places), d]), ten(places)];
}

const times = ([a, b], [c, d]) => [a * c, b * d];
const plus = ([a, b], [c, d]) => [a * d + c * b, b * d];

/** What one mark is worth in its aspect. */
export function worth(value, aspect, sheet) {
  const panel = rounded(fraction(value), sheet.panel_places);
  const factor = fraction(aspect.factor);
  const full = aspect.kind === "judgement" ? times(times(panel, [1n, 3n]), times(fraction(aspect.max), factor)) : times(panel, factor);
  return rounded(full, sheet.aspect_places);
}

/** The most that an aspect can bring. */
export function most(aspect, sheet) {
  return worth(aspect.high, aspect, sheet);
}

export const sum = (parts) => parts.reduce(plus, [0n, 1n]);

/** A value with so many places, trailing zeros kept. */
export function text([n, d], places = 2) {
  const scaled = halfUp([n * ten(places), d]);
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, "0");
  const body = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
  return scaled < 0n ? `-${body}` : body;
}

/** A value without needless zeros: 75.00 → 75. */
export const brief = (value) => text(value, 2).replace(/\.?0+$/, "");
