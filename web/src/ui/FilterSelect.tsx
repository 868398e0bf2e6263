import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface Props {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  onChange: (value: string) => void;
  searchable?: boolean;
}

/** A choice that filters; empty for all. */
export function FilterSelect({ label, value, data, onChange, searchable = false }: Props) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={label}
      placeholder={label}
      clearable
      clearButtonProps={{ "aria-label": t("clear") }}
      searchable={searchable}
      value={value || null}
      data={data}
      onChange={(chosen) => onChange(chosen ?? "")}
    />
  );
}
