import { Chip, Group, Input } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";

interface Props<Scope extends string> {
  scopes: readonly Scope[];
  value: Scope[];
  onChange: (scopes: Scope[]) => void;
}

/** The parts of the API that a key may use. */
export function ScopeChoice<Scope extends string>({ scopes, value, onChange }: Props<Scope>) {
  const { t } = useTranslation();
  const name = useId();
  return (
    <div>
      <Input.Label id={name} labelElement="div" mb={6}>
        {t("limits.scopes")}
      </Input.Label>
      <Chip.Group multiple value={value} onChange={(chosen) => onChange(chosen as Scope[])}>
        <Group gap="xs" role="group" aria-labelledby={name}>
          {scopes.map((scope) => (
            <Chip key={scope} value={scope} size="sm" variant="outline">
              {scope}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </div>
  );
}
