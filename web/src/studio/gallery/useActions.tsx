import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, fetchRaw } from "../../api/client";
import { asApiError } from "../../api/errors";
import { useErrorText } from "../../ui/errorText";
import { notify } from "../../ui/notices";
import type { Video } from "../composer/draft";

/** Cancel an unfinished video. */
export function useCancel() {
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (id: string) => api.POST("/v1/videos/{video_id}/cancel", { params: { path: { video_id: id } } }),
    onSettled: () => queries.invalidateQueries(),
    onError: tell,
  });
}

/** Delete a video and its files. */
export function useDelete() {
  const queries = useQueryClient();
  const tell = useTellError();
  const { t } = useTranslation("studio");
  return useMutation({
    mutationFn: (id: string) => api.DELETE("/v1/videos/{video_id}", { params: { path: { video_id: id } } }),
    onSuccess: () => {
      notify(t("deleted"));
      return queries.invalidateQueries();
    },
    onError: tell,
  });
}

/** Delete after some seconds, in which it can be undone: the server forgets at once. */
export function useDeleteWithUndo() {
  const remove = useDelete();
  const { t } = useTranslation("studio");
  return (video: Video) => {
    let undone = false;
    const end = notify(t("deleting"), {
      action: (
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            undone = true;
            end();
          }}
        >
          {t("undo")}
        </Button>
      ),
    });
    window.setTimeout(() => {
      if (undone) return;
      end();
      remove.mutate(video.id);
    }, UNDO_MS);
  };
}

const UNDO_MS = 5_000;

/** Save a finished video's file. */
export function useDownload() {
  const tell = useTellError();
  return useMutation({
    mutationFn: async ({ id, index = 0 }: { id: string; index?: number }) => {
      const response = await fetchRaw(`v1/videos/${id}/content?index=${index}`);
      save(await response.blob(), index ? `${id}-${index + 1}.mp4` : `${id}.mp4`);
    },
    onError: tell,
  });
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), UNDO_MS);
}

export function useTellError(): (error: unknown) => void {
  const describe = useErrorText();
  return (error) => void notify(describe(asApiError(error)), { bad: true });
}
