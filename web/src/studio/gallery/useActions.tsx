import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { asApiError } from "../../api/errors";
import { useErrorText } from "../../ui/errorText";
import { notify } from "../../ui/notices";
import type { Video } from "../video";
import { mediaUrl } from "./media";

/** Cancel an unfinished video. */
export function useCancel() {
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (video: Video) => api.POST("/v1/jobs/{job_id}/cancel", { params: { path: { job_id: video.jobId } } }),
    onSettled: () => queries.invalidateQueries(),
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
    onSettled: () => queries.invalidateQueries(),
    onError: tell,
  });
}

/** Delete a video; for some time the server can bring it back. */
export function useDelete() {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const restore = useMutation({
    mutationFn: (jobId: string) => api.POST("/v1/jobs/restore", { body: { ids: [jobId] } }),
    onSettled: () => queries.invalidateQueries(),
    onError: tell,
  });
  return useMutation({
    mutationFn: (video: Video) => api.POST("/v1/jobs/delete", { body: { ids: [video.jobId] } }),
    onSuccess: (_, video) => {
      const end: () => void = notify(t("deleted"), {
        action: (
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              end();
              restore.mutate(video.jobId);
            }}
          >
            {t("undo")}
          </Button>
        ),
      });
      return queries.invalidateQueries();
    },
    onError: tell,
  });
}

/** Save a finished video's file by its signed link. */
export function download(video: Video, take = 0): void {
  const link = document.createElement("a");
  link.href = mediaUrl(video, "url", take) ?? "";
  link.download = take ? `${video.id}-${take + 1}.mp4` : `${video.id}.mp4`;
  link.click();
}

export function useTellError(): (error: unknown) => void {
  const describe = useErrorText();
  return (error) => void notify(describe(asApiError(error)), { bad: true });
}
