import { Menu, UnstyledButton } from "@mantine/core";
import { IconChevronDown, type Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./composer.module.css";

export interface Choice {
  value: string;
  text: string;
  note?: string;
}

interface Props {
  label: string;
  icon: Icon;
  value: string;
  choices: Choice[];
  onChange: (value: string) => void;
  shown?: ReactNode;
}

/** A small button that opens a list to choose one of. */
export function ChipMenu({ label, icon: Picture, value, choices, onChange, shown }: Props) {
  const chosen = choices.find((one) => one.value === value);
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <UnstyledButton className={classes.chip} aria-label={`${label}: ${chosen?.text ?? value}`}>
          <Picture size={17} stroke={1.6} aria-hidden />
          <span>{shown ?? chosen?.text ?? value}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="22rem" style={{ overflowY: "auto" }}>
        <Menu.Label c="dimmed">{label}</Menu.Label>
        {choices.map((one) => (
          <Menu.Item
            key={one.value}
            role="menuitemradio"
            aria-checked={one.value === value}
            c={one.value === value ? "var(--accent)" : undefined}
            rightSection={one.note && <span className="quiet">{one.note}</span>}
            onClick={() => onChange(one.value)}
          >
            {one.text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
