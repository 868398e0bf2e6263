import { Button, Group, Loader, Progress } from "@mantine/core";
import { IconArrowForwardUp, IconDownload, IconEdit, IconRefresh, IconWand } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { asApiError } from "../../api/errors";
import { ErrorBox } from "../../ui/ErrorBox";
import { useErrorText } from "../../ui/errorText";
import { reusePath, type Video } from "../video";
import { CardMenu } from "../gallery/CardMenu";
import { download, useCancel } from "../gallery/useActions";
import { clock } from "../../ui/numbers";
import { useFailureText } from "../failure";
import { useVideo } from "../gallery/useVideos";
import { Publish } from "../posts/Publish";
import { CallExamples } from "./CallExamples";
import { Details } from "./Details";
import { Player } from "./Player";
import { TitleField } from "./TitleField";
import classes from "./video.module.css";

/** One video: played, told about, and where others begin from it. */
export function Page() {
  const { t } = useTranslation("studio");
  const describe = useErrorText();
  const { id = "" } = useParams();
  const found = useVideo(id);
  if (found.isPending) return <Loader aria-label={t("loading")} />;
  if (found.error || !found.data) {
    return (
      <ErrorBox title={t("video.missing")} text={describe(asApiError(found.error))}>
        <Button component={Link} to="/studio" variant="light">
          {t("video.back")}
        </Button>
      </ErrorBox>
    );
  }
  return <VideoView video={found.data} />;
}

function VideoView({ video }: { video: Video }) {
  return (
    <article className={classes.page}>
      <div className={classes.main}>
        {video.status === "completed" ? <Takes video={video} /> : <Unfinished video={video} />}
      </div>
      <aside className={classes.aside}>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <TitleField video={video} />
          <CardMenu video={video} />
        </Group>
        {video.status === "completed" && <Ways video={video} />}
        <Details video={video} />
        <CallExamples video={video} />
      </aside>
    </article>
  );
}

function Takes({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const [take, setTake] = useState(0);
  return (
    <>
      <Player key={take} video={video} take={take} />
      {video.outputs > 1 && (
        <Group gap="xs" mt="sm" role="group" aria-label={t("composer.outputs")}>
          {Array.from({ length: video.outputs }, (_, at) => (
            <Button
              key={at}
              size="compact-md"
              variant={at === take ? "filled" : "default"}
              aria-pressed={at === take}
              onClick={() => setTake(at)}
            >
              {t("video.take", { number: at + 1 })}
            </Button>
          ))}
        </Group>
      )}
    </>
  );
}

function Ways({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const to = (name: string) => `/studio?${name}=${video.id}`;
  return (
    <div className={classes.ways}>
      <Button component={Link} to={to("remix")} leftSection={<IconWand size={17} />}>
        {t("do.remix")}
      </Button>
      <Button component={Link} to={to("edit")} variant="default" leftSection={<IconEdit size={17} />}>
        {t("do.edit")}
      </Button>
      <Button component={Link} to={to("extend")} variant="default" leftSection={<IconArrowForwardUp size={17} />}>
        {t("do.extend")}
      </Button>
      <Button component={Link} to={reusePath(video)} variant="default" leftSection={<IconRefresh size={17} />}>
        {t("do.reuse")}
      </Button>
      <Button
        variant="default"
        leftSection={<IconDownload size={17} />}
        onClick={() => download(video)}
      >
        {t("do.download")}
      </Button>
      <Publish video={video} take={0} />
    </div>
  );
}

function Unfinished({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const cancel = useCancel();
  const describe = useFailureText();
  if (video.status === "failed" || video.status === "canceled") {
    const canceled = video.status === "canceled";
    return (
      <div className={`card ${classes.stage}`}>
        <ErrorBox
          title={canceled ? t("state.canceled") : t("state.failed")}
          text={canceled ? t("video.canceledWhy") : describe(video.error)}
        >
          <Button component={Link} to={reusePath(video)} leftSection={<IconRefresh size={17} />}>
            {t("do.reuse")}
          </Button>
        </ErrorBox>
      </div>
    );
  }
  const queued = video.status === "queued";
  return (
    <div className={`card ${classes.stage}`} role="status">
      <strong className={classes.percent}>{queued ? t("state.queued") : `${video.progress}%`}</strong>
      {queued && video.queuePosition !== null && (
        <span className="quiet">{t("state.ahead", { count: video.queuePosition })}</span>
      )}
      {!queued && <Progress value={video.progress} w="60%" aria-label={t("state.progress")} />}
      {!queued && video.remainingSeconds !== null && (
        <span className="quiet figures">{t("state.left", { time: clock(video.remainingSeconds) })}</span>
      )}
      <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(video)}>
        {t("cancel")}
      </Button>
    </div>
  );
}
