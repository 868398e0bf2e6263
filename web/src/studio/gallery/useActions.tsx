import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { asApiError } from "../../api/errors";
import { useErrorText } from "../../ui/errorText";
import { notify } from "../../ui/notices";
import { isWorking, videoOf, type Video } from "../video";
import { mediaUrl } from "./media";
import { readVideo } from "./useFollowing";
import { dropVideos, putVideo, refreshOthers } from "./videoLists";

/** Cancel an unfinished video. */
export function useCancel() {
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (video: Video) => api.POST("/v1/jobs/{job_id}/cancel", { params: { path: { job_id: video.jobId } } }),
    onSuccess: ({ data }) => {
      putVideo(queries, videoOf(data!));
      return refreshOthers(queries);
    },
    onError: tell,
  });
}

/** Mark a video as a favourite, or no longer. */
export function useFavorite() {
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (video: Video) =>
      api.PATCH("/v1/jobs/{job_id}", { params: { path: { job_id: video.jobId } }, body: { favorite: !video.favorite } }),
    onSuccess: ({ data }) => putVideo(queries, videoOf(data!)),
    onError: tell,
  });
}

/** Delete videos; for some time the server can bring them back. */
export function useDelete() {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const restore = useMutation({
    mutationFn: (videos: Video[]) => api.POST("/v1/jobs/restore", { body: { ids: jobIds(videos) } }),
    onSuccess: async (_, videos) => {
      // Those that were unfinished come back canceled.
      const now = await Promise.all(videos.map((video) => (isWorking(video) ? readVideo(video.jobId) : video)));
      for (const video of now) putVideo(queries, video);
    },
    onError: tell,
  });
  return useMutation({
    mutationFn: (videos: Video[]) => api.POST("/v1/jobs/delete", { body: { ids: jobIds(videos) } }),
    onSuccess: (_, videos) => {
      const end: () => void = notify(t("deleted", { count: videos.length }), {
        action: (
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              end();
              restore.mutate(videos);
            }}
          >
            {t("undo")}
          </Button>
        ),
      });
      dropVideos(queries, videos.map((video) => video.id));
      return refreshOthers(queries);
    },
    onError: tell,
  });
}

function jobIds(videos: Video[]): string[] {
  return videos.map((video) => video.jobId);
}

/** Save a finished video's file by its signed link. */
export function download(video: Video, take = 0): void {
  saveAs(mediaUrl(video, "url", take) ?? "", take ? `${video.id}-${take + 1}.mp4` : `${video.id}.mp4`);
}

/** Save what is at a link of this server; without a name, under that which the server gives. */
export function saveAs(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

export function useTellError(): (error: unknown) => void {
  const describe = useErrorText();
  return (error) => void notify(describe(asApiError(error)), { bad: true });
}
