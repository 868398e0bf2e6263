/** The browsers and systems that most people have; the first that fits, as later ones are named by the earlier too. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bMicroMessenger\//, "WeChat"],
  [/\b(?:Headless)?Chrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux|X11/, "Linux"],
];

const named = (names: [RegExp, string][], text: string) => names.find(([mark]) => mark.test(text))?.[1];

/** Return the browser and the system of a user agent, as far as they are known. */
export function browserName(agent: string): { browser: string | undefined; system: string | undefined } {
  return { browser: named(BROWSERS, agent), system: named(SYSTEMS, agent) };
}
