import { IconAspectRatio, IconClock, IconCopy, IconCube } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ChipMenu } from "./ChipMenu";
import type { Derivation, Draft, VideoModel } from "./draft";

interface Props {
  draft: Draft;
  model: VideoModel;
  models: VideoModel[];
  action: Derivation | null;
  set: (change: Partial<Draft>) => void;
}

/** Model, size, length and number: what every video has. */
export function ShapeChips({ draft, model, models, action, set }: Props) {
  const { t } = useTranslation("studio");
  const isHd = model.hd_sizes.includes(draft.size);
  const lengths = isHd ? model.hd_durations : model.durations;
  return (
    <>
      <ChipMenu
        label={t("composer.model")}
        icon={IconCube}
        value={model.id}
        choices={models.map((one) => ({
          value: one.id,
          text: one.id,
          note: t(`price.${one.price.per}`, { count: one.price.credits }),
        }))}
        onChange={(id) => set({ model: id })}
      />
      {action === null && (
        <ChipMenu
          label={t("composer.size")}
          icon={IconAspectRatio}
          value={draft.size}
          shown={draft.size.replace("x", "×")}
          choices={model.sizes.map((size) => ({
            value: size,
            text: size.replace("x", "×"),
            note: [t(`shapes.${shapeOf(size)}`), model.hd_sizes.includes(size) ? "HD" : ""].filter(Boolean).join(" · "),
          }))}
          onChange={(size) => set({ size })}
        />
      )}
      {(action === null || action === "extend") && (
        <ChipMenu
          label={t("composer.seconds")}
          icon={IconClock}
          value={draft.seconds}
          choices={byNumber(lengths).map((one) => ({ value: one, text: t("seconds", { count: Number(one) }) }))}
          onChange={(seconds) => set({ seconds })}
        />
      )}
      {model.max_outputs > 1 && (
        <ChipMenu
          label={t("composer.outputs")}
          icon={IconCopy}
          value={String(draft.outputs)}
          choices={Array.from({ length: model.max_outputs }, (_, at) => ({
            value: String(at + 1),
            text: t("takes", { count: at + 1 }),
          }))}
          onChange={(count) => set({ outputs: Number(count) })}
        />
      )}
    </>
  );
}

type Shape = "portrait" | "landscape" | "square";

function shapeOf(size: string): Shape {
  const [width = 0, height = 0] = size.split("x").map(Number);
  if (width === height) return "square";
  return width > height ? "landscape" : "portrait";
}

function byNumber(texts: string[]): string[] {
  return [...texts].sort((one, other) => Number(one) - Number(other));
}
