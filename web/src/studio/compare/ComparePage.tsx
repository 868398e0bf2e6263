import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { EmptyBox } from "../../ui/EmptyBox";
import { Loaded } from "../../ui/Loaded";
import { PageHead } from "../../ui/PageHead";
import { IconColumns2 } from "@tabler/icons-react";
import { useVideo } from "../gallery/useVideos";
import { Controls } from "../video/Controls";
import { Screen } from "../video/Screen";
import { usePlayback } from "../video/usePlayback";
import type { Video } from "../video";
import { differences } from "./differences";
import classes from "./compare.module.css";
import player from "../video/video.module.css";

/** Two videos side by side, played and stepped together: `?video=…&video=…`. */
export function Page() {
  const { t } = useTranslation("studio");
  const [search] = useSearchParams();
  const [first = null, second = null] = search.getAll("video");
  const one = useVideo(first);
  const other = useVideo(second);
  if (first === null || second === null) return <Choose />;
  return (
    <>
      <PageHead title={t("compare.title")} note={t("compare.why")} />
      <Loaded query={one}>
        {(left) => <Loaded query={other}>{(right) => <Pair key={`${left.id} ${right.id}`} pair={[left, right]} />}</Loaded>}
      </Loaded>
    </>
  );
}

function Choose() {
  const { t } = useTranslation("studio");
  return (
    <>
      <PageHead title={t("compare.title")} />
      <EmptyBox icon={IconColumns2} title={t("compare.none")} text={t("compare.noneWhy")}>
        <Button component={Link} to="/studio">
          {t("video.back")}
        </Button>
      </EmptyBox>
    </>
  );
}

function Pair({ pair }: { pair: [Video, Video] }) {
  const { t } = useTranslation("studio");
  const unfinished = pair.some((video) => video.status !== "completed");
  const longest = Math.max(...pair.map((video) => video.seconds));
  const playback = usePlayback({ fps: Math.max(...pair.map((video) => video.fps)), seconds: longest });
  // The longest leads: the other rests at its end until the loop begins again.
  const [lead, follower] = pair[0].seconds === longest ? [0, 1] : [1, 0];
  if (unfinished) return <p>{t("compare.unfinished")}</p>;
  return (
    <div className={`card ${player.player}`} role="group" aria-label={t("player.label")} tabIndex={-1} onKeyDown={playback.onKeyDown}>
      <div className={classes.pair}>
        {pair.map((video, at) => (
          <figure key={video.id} className={classes.side}>
            <Screen video={video} playback={playback} index={at === 0 ? lead : follower} />
            <figcaption>
              <Link to={`/studio/videos/${video.id}`}>{video.title || t("untitled")}</Link>
            </figcaption>
          </figure>
        ))}
      </div>
      <Controls playback={playback} />
      <Differences pair={pair} />
    </div>
  );
}

function Differences({ pair }: { pair: [Video, Video] }) {
  const { t } = useTranslation("studio");
  const rows = differences(...pair);
  if (rows.length === 0) return <p className={`quiet ${classes.same}`}>{t("compare.same")}</p>;
  return (
    <table className={classes.differences}>
      <caption>{t("compare.differences")}</caption>
      <tbody>
        {rows.map(({ name, left, right }) => (
          <tr key={name}>
            <th scope="row">{t(`compare.fields.${name}`)}</th>
            <td>{left}</td>
            <td>{right}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
