import { Progress, Tooltip, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconClockHour4, IconPlayerStop, IconX } from "@tabler/icons-react";
import { memo, useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { clock, useNumbers } from "../../ui/numbers";
import { useFailureText } from "../failure";
import { isWorking, type Video } from "../video";
import { CardMenu } from "./CardMenu";
import { useSelection } from "./selection";
import { Scrubber } from "./Scrubber";
import { Thumbnail } from "./Thumbnail";
import { useCancel } from "./useActions";
import classes from "./gallery.module.css";

/** One video of the gallery: its picture, or how far it is. Scrolling moves cards and must not draw them again. */
export const VideoCard = memo(function VideoCard({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const { ago } = useNumbers();
  const name = useId();
  const selection = useSelection();
  const selected = selection.has(video);
  const open = selection.active ? (
    <UnstyledButton
      role="checkbox"
      aria-checked={selected}
      aria-labelledby={name}
      className={classes.open}
      onClick={() => selection.toggle(video)}
    >
      <span className={classes.check} data-checked={selected} aria-hidden>
        {selected && <IconCheck size={16} stroke={2.5} />}
      </span>
    </UnstyledButton>
  ) : (
    <Link to={`/studio/videos/${video.id}`} className={classes.open} aria-labelledby={name} />
  );
  return (
    <article className={`card ${classes.card}`} data-selected={selected || undefined}>
      <div className={classes.screen}>
        {video.status === "completed" ? <Finished video={video}>{open}</Finished> : open}
        {(video.status === "failed" || video.status === "canceled") && <Failed video={video} />}
        {isWorking(video) && <Working video={video} />}
      </div>
      <div className={classes.foot}>
        <div className={classes.texts}>
          <p className={classes.prompt} id={name}>
            {video.title || t("untitled")}
          </p>
          <p className="quiet figures">
            {ago(video.createdAt)} · {video.model}
          </p>
        </div>
        {!selection.active && <CardMenu video={video} />}
      </div>
    </article>
  );
});

function Finished({ video, children }: { video: Video; children: ReactNode }) {
  return (
    <>
      <Thumbnail video={video} className={classes.still} />
      <Scrubber video={video}>{children}</Scrubber>
      <span className={classes.length}>{clock(video.seconds)}</span>
    </>
  );
}

function Failed({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const describe = useFailureText();
  const canceled = video.status === "canceled";
  return (
    <div className={classes.state} data-tone={canceled ? "quiet" : "bad"}>
      {canceled ? <IconPlayerStop size={26} stroke={1.5} aria-hidden /> : <IconAlertTriangle size={26} stroke={1.5} aria-hidden />}
      <strong>{canceled ? t("state.canceled") : t("state.failed")}</strong>
      {!canceled && <span className={classes.reason}>{describe(video.error)}</span>}
    </div>
  );
}

function Working({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const cancel = useCancel();
  const queued = video.status === "queued";
  return (
    <div className={classes.state} data-tone="busy">
      {queued ? (
        <>
          <IconClockHour4 size={26} stroke={1.5} aria-hidden />
          <strong>{t("state.queued")}</strong>
          {video.queuePosition !== null && <span>{t("state.ahead", { count: video.queuePosition })}</span>}
        </>
      ) : (
        <>
          <strong className={`figures ${classes.percent}`}>{video.progress}%</strong>
          <Progress value={video.progress} w="70%" aria-label={t("state.progress")} color="dawn" />
          {video.remainingSeconds !== null && <span className="figures">{t("state.left", { time: clock(video.remainingSeconds) })}</span>}
        </>
      )}
      <Tooltip label={t("cancel")}>
        <UnstyledButton
          className={classes.cancel}
          aria-label={t("cancel")}
          disabled={cancel.isPending}
          onClick={() => cancel.mutate(video)}
        >
          <IconX size={16} />
        </UnstyledButton>
      </Tooltip>
    </div>
  );
}
