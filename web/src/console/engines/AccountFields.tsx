import { Group, NumberInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

export interface Limits {
  label: string;
  videos: number;
  images: number;
}

interface Props {
  value: Limits;
  onChange: (change: Partial<Limits>) => void;
}

const MOST = 1_000;

/** What an operator says of an account: a label, and how much it does at once. */
export function AccountFields({ value, onChange }: Props) {
  const { t } = useTranslation("console");
  return (
    <>
      <TextInput
        label={t("pool.label")}
        maxLength={120}
        value={value.label}
        onChange={(event) => onChange({ label: event.currentTarget.value })}
      />
      <Group grow align="flex-start">
        {(["videos", "images"] as const).map((name) => (
          <NumberInput
            key={name}
            label={t(`pool.atOnce.${name}`)}
            description={t("pool.noLimit")}
            min={-1}
            max={MOST}
            allowDecimal={false}
            value={value[name]}
            onChange={(typed) => onChange({ [name]: typed === "" ? -1 : Number(typed) })}
          />
        ))}
      </Group>
    </>
  );
}
