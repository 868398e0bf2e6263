import { Checkbox, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PRIORITIES, type OperatorLimits } from "./operatorLimits";

interface Props {
  value: OperatorLimits;
  onChange: (change: Partial<OperatorLimits>) => void;
}

/** The limits of a key that only operators set. */
export function OperatorLimitFields({ value, onChange }: Props) {
  const { t } = useTranslation("console");
  return (
    <>
      <Select
        label={t("keys.priority")}
        allowDeselect={false}
        data={PRIORITIES.map((one) => ({ value: one, label: t(`priorities.${one}`) }))}
        value={value.max_priority}
        onChange={(chosen) => onChange({ max_priority: PRIORITIES.find((one) => one === chosen) ?? "normal" })}
      />
      <Checkbox
        label={t("keys.local")}
        description={t("keys.localWhy")}
        checked={value.local_only}
        onChange={(event) => onChange({ local_only: event.currentTarget.checked })}
      />
    </>
  );
}
