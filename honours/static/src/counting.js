// 字数 (H62): Chinese characters and words, without white space; the same count as honours/nominations/counting.py.
const SPACE = "\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";
const WIDE = "\\u2014\\u2018\\u2019\\u201c\\u201d\\u2026\\u00b7\\u2e80-\\u2fff\\u3001-\\u9fff\\uf900-\\ufaff\\ufe30-\\ufe4f\\uff01-\\uffef\\u{20000}-\\u{3ffff}";
const token = () => new RegExp(`[${WIDE}]|[^${WIDE}${SPACE}]+`, "gu");

export function count(text) {
  return [...text.matchAll(token())].length;
}

// Where in the text (in UTF-16 units) the part begins that is over `most`; its length where nothing is.
export function cut(text, most) {
  let number = 0;
  for (const found of text.matchAll(token())) {
    if (number === most) return found.index;
    number += 1;
  }
  return text.length;
}
