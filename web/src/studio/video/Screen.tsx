import { Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { mediaUrl } from "../gallery/media";
import type { Video } from "../video";
import type { Playback } from "./usePlayback";
import classes from "./video.module.css";

interface Props {
  video: Video;
  take?: number;
  playback: Playback;
  /** Its place among the videos that play together. */
  index?: number;
}

/** The moving picture of a finished video. */
export function Screen({ video, take = 0, playback, index = 0 }: Props) {
  const { t } = useTranslation("studio");
  const url = mediaUrl(video, "url", take);
  const [width, height] = video.size.split("x");
  return (
    <div className={classes.screen} style={{ aspectRatio: `${width} / ${height}` }}>
      {url ? (
        <video
          {...playback.bind(index)}
          src={url}
          poster={mediaUrl(video, "thumbnail_url", take)}
          aria-label={video.title || t("untitled")}
        />
      ) : (
        <Loader color="gray" aria-label={t("loading")} />
      )}
    </div>
  );
}
