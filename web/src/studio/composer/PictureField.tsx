import { ActionIcon, Loader, UnstyledButton } from "@mantine/core";
import { IconPhotoPlus, IconX } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "../../api/errors";
import { useErrorText } from "../../ui/errorText";
import { notify } from "../../ui/notices";
import type { Picture } from "./draft";
import { PICTURE_TYPES, pictureIn, uploadPicture } from "./upload";
import classes from "./composer.module.css";

/** Upload a picture; what goes wrong is told at the page's edge. */
export function usePictureUpload(set: (picture: Picture) => void) {
  const describe = useErrorText();
  const [busy, setBusy] = useState(false);
  const upload = (file: File) => {
    setBusy(true);
    uploadPicture(file)
      .then(set)
      .catch((error: unknown) => notify(describe(asApiError(error)), { bad: true }))
      .finally(() => setBusy(false));
  };
  return { busy, upload };
}

interface Props {
  label: string;
  picture: Picture | null;
  busy: boolean;
  /** Nothing can be made without it. */
  wanted?: boolean;
  onFile: (file: File) => void;
  onClear: () => void;
}

/** A place for one picture, which is picked or dropped here. */
export function PictureField({ label, picture, busy, wanted = false, onFile, onClear }: Props) {
  const { t } = useTranslation("studio");
  const input = useRef<HTMLInputElement>(null);
  return (
    <div
      className={classes.picture}
      data-wanted={wanted || undefined}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        const file = pictureIn(event.dataTransfer);
        if (!file) return;
        event.preventDefault();
        event.stopPropagation();
        onFile(file);
      }}
    >
      <input
        ref={input}
        type="file"
        hidden
        accept={PICTURE_TYPES}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onFile(file);
          event.currentTarget.value = "";
        }}
      />
      <UnstyledButton className={classes.pick} onClick={() => input.current?.click()} aria-label={label}>
        {busy ? <Loader size="sm" /> : picture ? <img src={picture.url} alt="" /> : <Empty label={label} />}
      </UnstyledButton>
      {picture && (
        <ActionIcon
          className={classes.clear}
          variant="filled"
          color="dark"
          size="sm"
          radius="xl"
          onClick={onClear}
          aria-label={t("composer.removePicture")}
        >
          <IconX size={13} />
        </ActionIcon>
      )}
    </div>
  );
}

function Empty({ label }: { label: string }) {
  return (
    <>
      <IconPhotoPlus size={22} stroke={1.5} aria-hidden />
      <span>{label}</span>
    </>
  );
}
