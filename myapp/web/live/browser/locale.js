// Which tag a language is written by: texts have a language, dates and numbers a region, too. It knows no page, so that
// tests play it in Node.

export const withoutRegion = (tag) => tag.toLowerCase().split("-")[0];

/** The tag to write dates and numbers by: a language that was chosen has the region that the browser gives it. */
export function regional(wanted, known) {
  const tags = [wanted, ...known].filter((tag) => withoutRegion(tag) === withoutRegion(wanted));
  try {
    return Intl.getCanonicalLocales(tags.find((tag) => tag.includes("-")) ?? wanted)[0];
  } catch {
    return "en"; // a cookie may say anything
  }
}
