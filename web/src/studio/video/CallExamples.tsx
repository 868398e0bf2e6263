import { Button, SegmentedControl } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "../../ui/copy";
import { notify } from "../../ui/notices";
import type { Video } from "../video";
import { callIn, programsFor, type Program } from "./calls";
import classes from "./video.module.css";

/** The call that makes such a video, to be copied into a program. */
export function CallExamples({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const [program, setProgram] = useState<Program>("curl");
  const text = callIn(program, video);
  const copy = async () => notify((await copyText(text)) ? t("copied") : t("notCopied"));
  return (
    <details className={classes.calls}>
      <summary>{t("calls.title")}</summary>
      <div className={classes.callHead}>
        <SegmentedControl
          size="xs"
          value={program}
          onChange={(value) => setProgram(value as Program)}
          data={programsFor(video).map((one) => ({ value: one, label: one }))}
          aria-label={t("calls.language")}
        />
        <Button size="compact-sm" variant="default" leftSection={<IconCopy size={15} />} onClick={() => void copy()}>
          {t("copy")}
        </Button>
      </div>
      <pre className={classes.code} tabIndex={0}>
        {text}
      </pre>
    </details>
  );
}
