import { NumberInput, TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { $api } from "../api/client";
import { dayText, endOfDay, FIGURES, type Limits } from "./limits";
import classes from "./keys.module.css";

const MOST = 1_000_000_000;

interface Props {
  value: Limits;
  onChange: (change: Partial<Limits>) => void;
}

/** The limits of a key, to be typed; what is left empty does not limit. */
export function LimitFields({ value, onChange }: Props) {
  const { t } = useTranslation();
  const models = $api.useQuery("get", "/v1/models", {}, { staleTime: Infinity });
  return (
    <>
      <div className={classes.figures}>
        {FIGURES.map((name) => (
          <NumberInput
            key={name}
            label={t(`limits.${name}`)}
            placeholder={t("unlimited")}
            min={name.startsWith("spend") ? 0 : 1}
            max={MOST}
            allowDecimal={false}
            hideControls
            value={value[name] ?? ""}
            onChange={(typed) => onChange({ [name]: typeof typed === "number" ? typed : null })}
          />
        ))}
        <TextInput
          type="date"
          label={t("limits.expires")}
          value={dayText(value.expires_at)}
          onChange={(event) => onChange({ expires_at: endOfDay(event.currentTarget.value) })}
        />
      </div>
      <TagsInput
        label={t("limits.models")}
        placeholder={value.models.length === 0 ? t("limits.any") : ""}
        data={(models.data?.data ?? []).map((one) => one.id)}
        acceptValueOnBlur
        value={value.models}
        onChange={(names) => onChange({ models: names })}
      />
      <TagsInput
        label={t("limits.networks")}
        description={t("limits.networksWhy")}
        placeholder={value.networks.length === 0 ? t("limits.any") : ""}
        acceptValueOnBlur
        value={value.networks}
        onChange={(networks) => onChange({ networks })}
      />
    </>
  );
}
