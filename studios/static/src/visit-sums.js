// The sheet's arithmetic on the device, for the eye only: the server reckons again. Points are whole hundredths.
export const cents = (text) => {
  const [whole, part = ""] = String(text).split(".");
  return Number(whole) * 100 + Number((part + "00").slice(0, 2));
};
export const shown = (value) => (value % 100 === 0 ? String(value / 100) : (value / 100).toFixed(2).replace(/0$/, ""));

/** What one check takes off, in hundredths; null where it is not answered. */
export function loss(check, given) {
  if (check.kind === "note") return 0;
  if (given === undefined || given === null) return null;
  if (check.kind === "yes_no") return given ? 0 : cents(check.deduct);
  return Math.max(check.target - given, 0) * cents(check.deduct);
}

/** {value, lost}: the item's value, null until everything that counts is answered (T10: never below 0). */
export function result(item, answer) {
  const full = cents(item.points);
  if (item.kind === "judged") return { value: answer?.points == null ? null : cents(answer.points), lost: 0 };
  const checks = item.checks.filter((check) => check.kind !== "note");
  const losses = checks.map((check) => loss(check, answer?.checks?.[check.code]));
  const lost = losses.reduce((sum, one) => sum + (one ?? 0), 0);
  if (item.zero_if && answer?.checks?.[item.zero_if] === false) return { value: 0, lost: full };
  if (losses.includes(null)) return { value: null, lost };
  return { value: Math.max(full - lost, 0), lost };
}

export const itemsOf = (table) => table.sections.flatMap((section) => section.items);

/** {sum, done, low, high, full}: what is given, how many items, what it may still come to. */
export function standing(table, answer) {
  let sum = 0, done = 0, high = 0, full = 0, begun = 0;
  for (const item of itemsOf(table)) {
    const { value, lost } = result(item, answer(item.code));
    full += cents(item.points);
    if (value === null) high += Math.max(cents(item.points) - lost, 0);
    else { sum += value; high += value; done += 1; begun += cents(item.points); }
  }
  return { sum, done, low: sum, high, full, begun };
}
