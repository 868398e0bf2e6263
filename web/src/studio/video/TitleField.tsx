import { ActionIcon, Group, TextInput, Title } from "@mantine/core";
import { IconCheck, IconPencil } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { useTellError } from "../gallery/useActions";
import { putVideo } from "../gallery/videoLists";
import { videoOf, type Video } from "../video";
import classes from "./video.module.css";

const LONGEST = 200;

/** The title of a video, which can be changed; without one its prompt stands there. */
export function TitleField({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const [editing, setEditing] = useState(false);
  if (editing) return <TitleForm video={video} end={() => setEditing(false)} />;
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <Title order={1} className={classes.title}>
        {video.title || t("untitled")}
      </Title>
      <ActionIcon aria-label={t("titles.change")} onClick={() => setEditing(true)}>
        <IconPencil size={17} />
      </ActionIcon>
    </Group>
  );
}

function TitleForm({ video, end }: { video: Video; end: () => void }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const [text, setText] = useState(video.title === video.prompt ? "" : video.title);
  const save = useMutation({
    mutationFn: () =>
      api.PATCH("/v1/jobs/{job_id}", { params: { path: { job_id: video.jobId } }, body: { title: text.trim() || null } }),
    onSuccess: ({ data }) => {
      putVideo(queries, videoOf(data!));
      end();
    },
    onError: tell,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} style={{ flex: 1 }}>
      <TextInput
        aria-label={t("titles.title")}
        placeholder={video.prompt.slice(0, LONGEST)}
        maxLength={LONGEST}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        rightSection={
          <ActionIcon type="submit" aria-label={t("titles.save")} loading={save.isPending}>
            <IconCheck size={17} />
          </ActionIcon>
        }
        data-autofocus
        autoFocus
      />
    </form>
  );
}
