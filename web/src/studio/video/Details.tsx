import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useNumbers } from "../../ui/numbers";
import { characterId } from "../../api/ids";
import { useCharacters } from "../characters/useCharacters";
import { framesOf, STYLES } from "../composer/draft";
import type { Video } from "../video";
import classes from "./video.module.css";

/** What went into a video, and what came of it. */
export function Details({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const { time, count } = useNumbers();
  const rows: [string, React.ReactNode][] = [
    [t("composer.model"), video.model],
    [t("composer.size"), video.size.replace("x", "×")],
    [t("composer.seconds"), t("seconds", { count: video.seconds })],
    [t("details.frames"), `${count(video.frames)} · ${video.fps} fps`],
    [t("composer.seed"), String(video.seed)],
    [t("details.created"), time(video.createdAt)],
  ];
  const style = STYLES.find((one) => one === video.parameters.style);
  if (style) rows.push([t("details.style"), t(`styles.${style}`)]);
  if (video.shots.length > 0) rows.push([t("details.shots"), count(video.shots.length)]);
  if (video.characters.length > 0) rows.push([t("details.characters"), <Cast key="cast" ids={video.characters} />]);
  const { firstFrame, lastFrame } = framesOf(video);
  if (firstFrame) rows.push([t("details.firstFrame"), <img key="first" src={firstFrame} alt="" className={classes.input} />]);
  if (lastFrame) rows.push([t("details.lastFrame"), <img key="last" src={lastFrame} alt="" className={classes.input} />]);
  rows.push([t("own.credits"), count(video.credits)]);
  if (video.endedAt !== null) rows.push([t("details.completed"), time(video.endedAt)]);
  if (video.expiresAt !== null) rows.push([t("details.expires"), time(video.expiresAt)]);
  const source = video.sourceId;
  if (source !== null) {
    rows.push([t("details.source"), <Link key="source" to={`/studio/videos/${source}`}>{t("details.sourceVideo")}</Link>]);
  }
  rows.push([t("details.id"), <code key="id" className={classes.id}>{video.id}</code>]);
  return (
    <dl className={classes.details}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="figures">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The names of characters; of one that is not the account's own, the id. */
function Cast({ ids }: { ids: string[] }) {
  const own = useCharacters().data?.items ?? [];
  const nameOf = (id: string) => own.find((one) => characterId(one.character_id) === id)?.display_name ?? id;
  return ids.map(nameOf).join(", ");
}
