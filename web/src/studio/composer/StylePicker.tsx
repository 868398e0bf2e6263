import { Popover, UnstyledButton } from "@mantine/core";
import { IconBrush, IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { STYLES, type Style } from "./draft";
import classes from "./composer.module.css";

const pictures = import.meta.glob<string>("./styles/*.webp", { eager: true, query: "?url", import: "default" });

const pictureOf = (style: Style | null) => pictures[`./styles/${style ?? "none"}.webp`];

/** Choose a style by its picture. */
export function StylePicker({ value, onChange }: { value: Style | null; onChange: (style: Style | null) => void }) {
  const { t } = useTranslation("studio");
  const [opened, setOpened] = useState(false);
  const name = (style: Style | null) => (style ? t(`styles.${style}`) : t("styles.none"));
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="lg" radius="lg" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.chip}
          onClick={() => setOpened(!opened)}
          aria-label={`${t("composer.style")}: ${name(value)}`}
        >
          <IconBrush size={17} stroke={1.6} aria-hidden />
          <span>{value ? name(value) : t("composer.style")}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="sm" className={classes.styles}>
        <div role="radiogroup" aria-label={t("composer.style")} className={classes.styleGrid}>
          {[null, ...STYLES].map((style) => (
            <UnstyledButton
              key={style ?? "none"}
              role="radio"
              aria-checked={style === value}
              className={classes.styleCard}
              onClick={() => {
                onChange(style);
                setOpened(false);
              }}
            >
              <img src={pictureOf(style)} alt="" width={120} height={80} loading="lazy" />
              <span>{name(style)}</span>
            </UnstyledButton>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
