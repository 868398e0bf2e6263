import { ActionIcon, Button, Textarea, UnstyledButton } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconSparkles, IconX } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "../../api/errors";
import { useErrorText } from "../../ui/errorText";
import { notify } from "../../ui/notices";
import { Thumbnail } from "../gallery/Thumbnail";
import { CharacterPicker } from "./CharacterPicker";
import { CostLine } from "./CostLine";
import { EMPTY, fitted, needsFrame, type Draft, type Frames } from "./draft";
import { EnhanceButton } from "./EnhanceButton";
import { MoreOptions } from "./MoreOptions";
import { PictureField, usePictureUpload } from "./PictureField";
import { ShapeChips } from "./ShapeChips";
import { StylePicker } from "./StylePicker";
import { pictureIn } from "./upload";
import { useFrames } from "./useFrames";
import { useCreate, type Source } from "./useCreate";
import { useModels } from "./useModels";
import classes from "./composer.module.css";

interface Props {
  start?: Partial<Draft> | undefined;
  frames?: Frames | undefined;
  source?: Source | null;
  onDone: () => void;
}

/** Where a video is described; it offers only what the chosen model can do. */
export function Composer({ start, frames, source = null, onDone }: Props) {
  const { t } = useTranslation("studio");
  const describe = useErrorText();
  const { models } = useModels();
  const [typed, setTyped] = useState<Draft>({ ...EMPTY, ...start });
  const [more, setMore] = useState(false);
  const [dropping, setDropping] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const moreId = useId();
  const create = useCreate();
  const set = (change: Partial<Draft>) => setTyped((now) => ({ ...now, ...change }));
  const first = usePictureUpload((firstFrame) => set({ firstFrame }));
  const model = models.find((one) => one.id === typed.model || one.aliases.includes(typed.model)) ?? models[0];
  const draft = fitted(typed, model);
  const takesFrame = source === null && (model?.inputs.includes("first_frame") ?? false);

  const lacksFrame = takesFrame && needsFrame(model) && draft.firstFrame === null;

  useEffect(() => {
    if (start || source) field.current?.focus();
  }, [start, source]);

  useFrames(frames, set);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!draft.prompt.trim() || lacksFrame || !model || create.isPending) return;
    create.mutate(
      { draft, source },
      {
        onSuccess: () => {
          notify(t("composer.started"));
          set({ prompt: source ? typed.prompt : "" });
          onDone();
        },
        onError: (error) => notify(describe(asApiError(error)), { bad: true }),
      },
    );
  };

  const takePicture = (data: DataTransfer | null, event: { preventDefault: () => void }) => {
    const file = takesFrame ? pictureIn(data) : null;
    if (!file) return;
    event.preventDefault();
    first.upload(file);
  };

  return (
    <form
      className={`card ${classes.composer} ${dropping ? classes.dropping : ""}`}
      aria-label={t("composer.label")}
      onSubmit={submit}
      onPaste={(event) => takePicture(event.clipboardData, event)}
      onDragOver={(event) => {
        event.preventDefault();
        setDropping(takesFrame);
      }}
      onDragLeave={() => setDropping(false)}
      // A field within may take the picture for itself.
      onDropCapture={() => setDropping(false)}
      onDrop={(event) => takePicture(event.dataTransfer, event)}
    >
      {source && <SourceLine source={source} onClear={onDone} />}
      <div className={classes.top}>
        <Textarea
          ref={field}
          className={classes.prompt}
          aria-label={t("composer.prompt")}
          placeholder={source ? t(`composer.ask.${source.action}`) : t("composer.placeholder")}
          autosize
          minRows={3}
          maxRows={12}
          value={typed.prompt}
          onChange={(event) => set({ prompt: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
          }}
        />
        {takesFrame && (
          <PictureField
            label={t("composer.firstFrame")}
            picture={draft.firstFrame}
            busy={first.busy}
            wanted={lacksFrame}
            onFile={first.upload}
            onClear={() => set({ firstFrame: null })}
          />
        )}
      </div>
      {model && (
        <div className={classes.row}>
          <ShapeChips draft={draft} model={model} models={models} action={source?.action ?? null} set={set} />
          {model.parameters.includes("style") && (
            <StylePicker value={draft.style} onChange={(style) => set({ style })} />
          )}
          {source === null && (
            <CharacterPicker value={draft.characters} onChange={(characters) => set({ characters })} />
          )}
          <EnhanceButton prompt={typed.prompt} seconds={draft.seconds} onChange={(prompt) => set({ prompt })} />
          <UnstyledButton
            className={classes.chip}
            aria-expanded={more}
            aria-controls={moreId}
            onClick={() => setMore(!more)}
          >
            <IconAdjustmentsHorizontal size={17} stroke={1.6} aria-hidden />
            <span>{t("composer.more")}</span>
          </UnstyledButton>
          <div className={classes.end}>
            <CostLine draft={draft} source={source} framed={draft.firstFrame !== null || lacksFrame} />
            <Button
              type="submit"
              size="md"
              loading={create.isPending}
              disabled={!draft.prompt.trim() || lacksFrame}
              leftSection={<IconSparkles size={18} aria-hidden />}
            >
              {source ? t(`composer.do.${source.action}`) : t("composer.create")}
            </Button>
          </div>
        </div>
      )}
      {lacksFrame && (
        <p className={classes.wants} role="status">
          {t("composer.frameFirst", { model: draft.model })}
        </p>
      )}
      {more && model && <MoreOptions id={moreId} draft={draft} model={model} set={set} />}
    </form>
  );
}

function SourceLine({ source, onClear }: { source: Source; onClear: () => void }) {
  const { t } = useTranslation("studio");
  return (
    <div className={classes.source}>
      <Thumbnail video={source.video} />
      <span>
        {t(`composer.of.${source.action}`)} <q>{source.video.prompt.slice(0, 80)}</q>
      </span>
      <ActionIcon ml="auto" onClick={onClear} aria-label={t("composer.leaveSource")}>
        <IconX size={17} />
      </ActionIcon>
    </div>
  );
}
