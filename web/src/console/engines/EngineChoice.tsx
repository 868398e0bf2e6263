import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface Props {
  engines: string[];
  value: string;
  onChange: (engine: string) => void;
}

/** The engine whose accounts are meant. */
export function EngineChoice({ engines, value, onChange }: Props) {
  const { t } = useTranslation("console");
  return (
    <Select
      label={t("pool.engine")}
      allowDeselect={false}
      data={engines}
      value={value}
      onChange={(chosen) => chosen && onChange(chosen)}
    />
  );
}
