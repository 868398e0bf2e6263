import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type common from "./en/common.json";
import type consoleTexts from "./en/console.json";
import type studio from "./en/studio.json";

export const LANGUAGES = { en: "English", zh: "中文" } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = "hinode.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: { common: typeof common; studio: typeof studio; console: typeof consoleTexts };
  }
}

/** The one chosen here before, else the browser's. */
function preferred(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

const loaders = import.meta.glob<{ default: Record<string, unknown> }>("./*/*.json");

async function load(language: Language): Promise<void> {
  const parts = Object.entries(loaders).filter(([path]) => path.startsWith(`./${language}/`));
  await Promise.all(
    parts.map(async ([path, read]) => {
      const name = path.slice(`./${language}/`.length, -".json".length);
      i18next.addResourceBundle(language, name, (await read()).default);
    }),
  );
}

export async function startTexts(): Promise<void> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: ["common", "studio", "console"],
    resources: {},
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  await load(language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

export async function speak(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
