import { createTheme, defaultVariantColorsResolver, type CSSVariablesResolver, type MantineColorsTuple, type VariantColorsResolver } from "@mantine/core";

const FONT =
  'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", ' +
  '"Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** Sunrise: the accent. Shade 7 is read on white, shade 4 on the dark ground (WCAG 2.2 AA). */
const dawn: MantineColorsTuple = [
  "#fff2ed", "#fee2d7", "#fdc4b0", "#fba384", "#f98a66", "#ee6440", "#d54a24", "#b23a1a", "#8f3017", "#6b2412",
];

const gray: MantineColorsTuple = [
  "#faf8f5", "#f3f0eb", "#e8e3dc", "#d9d2c8", "#b9b0a4", "#8d8478", "#6a6258", "#514a42", "#36312b", "#221e1a",
];

const dark: MantineColorsTuple = [
  "#edeae6", "#cdc8c2", "#aaa49d", "#7d7871", "#4a464a", "#38353a", "#29272c", "#1e1c21", "#151417", "#0e0d10",
];

const red: MantineColorsTuple = [
  "#fdf0ef", "#fadcda", "#f5b9b5", "#f49b94", "#ff9d94", "#d8433d", "#be2f2a", "#a5231f", "#841a17", "#641411",
];

/** Filled parts are dark in light pages and light in dark ones: what is written on them as well. */
const onFilled: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  return input.variant === "filled" ? { ...colors, color: "light-dark(#fff, #160b07)" } : colors;
};

export const theme = createTheme({
  primaryColor: "dawn",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  colors: { dawn, gray, dark, red },
  variantColorResolver: onFilled,
  fontFamily: FONT,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace',
  headings: { fontFamily: FONT, fontWeight: "640" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    Modal: { defaultProps: { centered: true, radius: "lg" } },
    Menu: { defaultProps: { shadow: "md", radius: "md" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
  },
});

const ok = { light: "#1d6b3f", dark: "#7ddba3" };
const bad = { light: "#a5231f", dark: "#ff9d94" };
const busy = { light: "#7a4b00", dark: "#f5c26b" };

/** What Mantine's own tokens lack: surfaces, the tones of states, text that keeps its contrast. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": gray[0],
    "--mantine-color-text": gray[9],
    "--mantine-color-dimmed": gray[6],
    "--mantine-color-placeholder": gray[6],
    "--mantine-color-error": bad.light,
    "--mantine-color-anchor": dawn[7],
    "--mantine-color-gray-light-color": gray[8],
    "--mantine-color-gray-text": gray[7],
    "--surface": "#ffffff",
    "--surface-sunk": gray[1],
    "--line": gray[2],
    "--line-strong": gray[3],
    "--accent": dawn[7],
    "--accent-soft": dawn[0],
    "--ok": ok.light,
    "--bad": bad.light,
    "--busy": busy.light,
    "--lift": "0 1px 2px rgb(60 40 20 / 5%), 0 8px 28px rgb(60 40 20 / 7%)",
  },
  dark: {
    "--mantine-color-body": dark[8],
    "--mantine-color-text": dark[0],
    "--mantine-color-dimmed": dark[2],
    "--mantine-color-placeholder": dark[2],
    "--mantine-color-error": bad.dark,
    "--mantine-color-anchor": dawn[4],
    "--mantine-color-gray-light-color": dark[0],
    "--mantine-color-gray-text": dark[1],
    "--surface": dark[7],
    "--surface-sunk": dark[9],
    "--line": dark[6],
    "--line-strong": dark[5],
    "--accent": dawn[4],
    "--accent-soft": "#3a1f16",
    "--ok": ok.dark,
    "--bad": bad.dark,
    "--busy": busy.dark,
    "--lift": "0 1px 2px rgb(0 0 0 / 30%), 0 8px 28px rgb(0 0 0 / 30%)",
  },
});
