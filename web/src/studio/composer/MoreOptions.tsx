import { Checkbox, NumberInput, Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Draft, VideoModel } from "./draft";
import { PictureField, usePictureUpload } from "./PictureField";
import classes from "./composer.module.css";

interface Props {
  id: string;
  draft: Draft;
  model: VideoModel;
  set: (change: Partial<Draft>) => void;
}

const MAX_SEED = 2 ** 32 - 1;

/** The parameters that few need; those that the model does not take are not shown. */
export function MoreOptions({ id, draft, model, set }: Props) {
  const { t } = useTranslation("studio");
  const last = usePictureUpload((lastFrame) => set({ lastFrame }));
  const has = (name: string) => model.parameters.includes(name);
  const number = (name: "seed" | "fps" | "steps" | "guidance") => ({
    value: draft[name],
    onChange: (value: string | number) => set({ [name]: String(value) }),
    placeholder: t("composer.default"),
  });
  return (
    <div className={classes.more} id={id}>
      {has("negative_prompt") && (
        <Textarea
          className={classes.wide}
          label={t("composer.negative")}
          autosize
          minRows={1}
          value={draft.negativePrompt}
          onChange={(event) => set({ negativePrompt: event.currentTarget.value })}
        />
      )}
      {has("seed") && (
        <NumberInput
          label={t("composer.seed")}
          {...number("seed")}
          placeholder={t("composer.random")}
          min={0}
          max={MAX_SEED}
          allowDecimal={false}
          hideControls
        />
      )}
      {has("fps") && (
        <NumberInput label={t("composer.fps")} {...number("fps")} min={1} max={model.max_fps} allowDecimal={false} />
      )}
      {has("num_inference_steps") && (
        <NumberInput label={t("composer.steps")} {...number("steps")} min={1} max={200} allowDecimal={false} />
      )}
      {has("guidance_scale") && (
        <NumberInput label={t("composer.guidance")} {...number("guidance")} min={0} max={20} step={0.5} />
      )}
      {has("last_frame") && (
        <PictureField
          label={t("composer.lastFrame")}
          picture={draft.lastFrame}
          busy={last.busy}
          onFile={last.upload}
          onClear={() => set({ lastFrame: null })}
        />
      )}
      <div>
        {has("generate_audio") && (
          <Checkbox
            mb="xs"
            label={t("composer.sound")}
            checked={draft.sound}
            onChange={(event) => set({ sound: event.currentTarget.checked })}
          />
        )}
        <Checkbox
          label={t("composer.watermark")}
          checked={draft.watermark}
          onChange={(event) => set({ watermark: event.currentTarget.checked })}
        />
      </div>
    </div>
  );
}
