import { useMemo } from "react";
import { useTranslation } from "react-i18next";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** How numbers and times are written in the page's language. */
export function useNumbers() {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const locale = i18n.language === "zh" ? "zh-CN" : "en-GB";
    const whole = new Intl.NumberFormat(locale);
    const change = new Intl.NumberFormat(locale, { signDisplay: "exceptZero" });
    const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    const day = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
    const giga = new Intl.NumberFormat(locale, { style: "unit", unit: "gigabyte", maximumFractionDigits: 1 });
    const clockTime = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
    const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
    const second = new Intl.NumberFormat(locale, { style: "unit", unit: "second", maximumFractionDigits: 1 });
    const past = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
    return {
      count: (value: number) => whole.format(value),
      /** A change: +5, -5. */
      signed: (value: number) => change.format(value),
      gigabytes: (bytes: number) => giga.format(bytes / 1e9),
      time: (unix: number) => moment.format(unix * 1000),
      moment: (unix: number) => exact.format(unix * 1000),
      hour: (unix: number) => clockTime.format(unix * 1000),
      dayOf: (unix: number) => day.format(unix * 1000),
      seconds: (value: number) => second.format(value),
      day: (iso: string) => day.format(new Date(`${iso}T00:00:00Z`)),
      ago: (unix: number) => {
        const seconds = Math.round(unix - Date.now() / 1000);
        const size = Math.abs(seconds);
        if (size < MINUTE) return past.format(Math.trunc(seconds), "second");
        if (size < HOUR) return past.format(Math.trunc(seconds / MINUTE), "minute");
        if (size < DAY) return past.format(Math.trunc(seconds / HOUR), "hour");
        return past.format(Math.trunc(seconds / DAY), "day");
      },
    };
  }, [i18n.language]);
}

/** Write a length of time as a clock does: 0:07, 12:30. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / MINUTE)}:${String(whole % MINUTE).padStart(2, "0")}`;
}
