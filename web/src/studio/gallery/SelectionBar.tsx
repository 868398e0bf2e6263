import { Button, CloseButton } from "@mantine/core";
import { IconColumns2, IconFileZip, IconHeart, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "../../api/client";
import type { Video } from "../video";
import { saveAs, useDelete, useFavorite, useTellError } from "./useActions";
import { useSelection } from "./selection";
import classes from "./gallery.module.css";

/** The most that one file may hold, by the API. */
const MOST_ARCHIVED = 50;
const MOST_DELETED = 100;

/** What is done with the selected videos. */
export function SelectionBar() {
  const { t } = useTranslation("studio");
  const { active, videos, end } = useSelection();
  const navigate = useNavigate();
  const archive = useArchive();
  const favorite = useFavorite();
  const remove = useDelete();
  if (!active) return null;
  const finished = videos.filter((video) => video.status === "completed");
  const unmarked = videos.filter((video) => !video.favorite);
  const comparable = videos.length === 2 && finished.length === 2;
  return (
    <div className={`card ${classes.bar}`} role="toolbar" aria-label={t("select.bar")}>
      <strong className="figures" role="status">
        {videos.length > 0 ? t("select.chosen", { count: videos.length }) : t("select.hint")}
      </strong>
      <Button
        size="compact-md"
        variant="default"
        leftSection={<IconFileZip size={17} />}
        disabled={finished.length === 0 || finished.length > MOST_ARCHIVED}
        loading={archive.isPending}
        onClick={() => archive.mutate(finished)}
      >
        {t("select.archive")}
      </Button>
      <Button
        size="compact-md"
        variant="default"
        leftSection={<IconColumns2 size={17} />}
        disabled={!comparable}
        title={comparable ? undefined : t("select.compareWhy")}
        onClick={() => void navigate(`/studio/compare?${videos.map((video) => `video=${video.id}`).join("&")}`)}
      >
        {t("select.compare")}
      </Button>
      <Button
        size="compact-md"
        variant="default"
        leftSection={<IconHeart size={17} />}
        disabled={unmarked.length === 0}
        onClick={() => {
          for (const video of unmarked) favorite.mutate(video);
          end();
        }}
      >
        {t("select.favorite")}
      </Button>
      <Button
        size="compact-md"
        variant="default"
        c={videos.length > 0 ? "var(--bad)" : undefined}
        leftSection={<IconTrash size={17} />}
        disabled={videos.length === 0 || videos.length > MOST_DELETED}
        loading={remove.isPending}
        onClick={() => remove.mutate(videos, { onSuccess: end })}
      >
        {t("do.delete")}
      </Button>
      <CloseButton ml="auto" aria-label={t("select.end")} onClick={end} />
    </div>
  );
}

function useArchive() {
  const tell = useTellError();
  return useMutation({
    mutationFn: async (videos: Video[]) =>
      (await api.POST("/v1/jobs/archive", { body: { ids: videos.map((video) => video.jobId) } })).data!,
    onSuccess: ({ url }) => saveAs(url, ""),
    onError: tell,
  });
}
