// Texts in the reader's language. Pages are built in English; the language is chosen once they live.
import { createElement as h, useEffect } from "react";
import { regional, withoutRegion } from "./locale.js";
import { store } from "./store.js";

const fill = (text, values, numbers) => text.replace(/%\((\w+)\)s/g, (whole, name) => {
  const value = values?.[name] ?? whole;
  return typeof value === "number" ? numbers.format(value) : value;
});

function texts(language, messages) {
  const rules = new Intl.PluralRules(language);
  const has = rules.resolvedOptions().pluralCategories;
  const forms = ["zero", "one", "two", "few", "many", "other"].filter((form) => has.includes(form)); // gettext's order
  const numbers = new Intl.NumberFormat(language);
  return {
    language,
    numbers,
    text: (key, values) => fill(messages[key] || key, values, numbers),
    plural(one, many, count, values) {
      const translated = messages[one];
      const form = Array.isArray(translated)
        ? translated[Math.max(0, forms.indexOf(rules.select(count)))] ?? translated.at(-1)
        : count === 1 ? one : many;
      return fill(form, { count, ...values }, numbers);
    },
  };
}

export const currentTexts = store(texts("en", {}));
export const useTexts = currentTexts.use;

async function switchTo(wanted) {
  const language = regional(wanted, navigator.languages ?? []);
  const code = withoutRegion(language);
  if (language === currentTexts.get().language) return;
  let messages = {};
  if (code !== "en") {
    const answer = await fetch(`/locales/${code}.json`).catch(() => null);
    if (!answer?.ok || !answer.headers.get("content-type")?.includes("json")) return;
    messages = await answer.json();
  }
  currentTexts.set(texts(language, messages));
}

const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.split("=")[1];

export function Locale() {
  const { language } = useTexts();
  useEffect(() => { switchTo(cookie("locale") || navigator.language); }, []);
  useEffect(() => { document.documentElement.lang = language; }, [language]);
  return null;
}

function chooseLanguage(language) {
  document.cookie = `locale=${language}; path=/; max-age=31536000; samesite=lax`;
  switchTo(language);
}

export function LanguageChoice({ languages, label }) {
  const { language } = useTexts();
  return h("label", { className: "choice" }, h("span", null, label),
    h("select", { className: "select select-sm", value: withoutRegion(language), onChange: (event) => chooseLanguage(event.target.value) },
      languages.map(([code, name]) => h("option", { key: code, value: code, lang: code }, name))));
}
