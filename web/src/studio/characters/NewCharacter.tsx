import { Button, FileInput, Group, NumberInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, fetchRaw } from "../../api/client";
import { ApiError } from "../../api/errors";
import { useTellError } from "../gallery/useActions";

const POLL_MS = 700;
const LONGEST = 15;

interface Given {
  clip: File;
  start: number;
  end: number;
  username: string;
  name: string;
}

/** Make a character from the seconds of a clip that show it. */
export function NewCharacter({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const [clip, setClip] = useState<File | null>(null);
  const [start, setStart] = useState(0);
  const [end, setEnd] = useState(3);
  const [username, setUsername] = useState("");
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: createCharacter,
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries();
    },
    onError: tell,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (clip) create.mutate({ clip, start, end, username, name });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <FileInput
          label={t("characters.clip")}
          description={t("characters.clipWhy")}
          placeholder={t("characters.pick")}
          accept="video/mp4,video/quicktime,video/webm,video/x-matroska"
          required
          value={clip}
          onChange={setClip}
        />
        <Group grow>
          <NumberInput label={t("characters.from")} min={0} decimalScale={1} value={start} onChange={(value) => setStart(Number(value))} />
          <NumberInput
            label={t("characters.to")}
            min={start}
            max={start + LONGEST}
            decimalScale={1}
            value={end}
            onChange={(value) => setEnd(Number(value))}
          />
        </Group>
        <TextInput
          label={t("characters.username")}
          description={t("characters.usernameWhy")}
          leftSection="@"
          required
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <TextInput label={t("characters.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" loading={create.isPending} disabled={!clip}>
          {t("characters.create")}
        </Button>
      </Stack>
    </form>
  );
}

async function createCharacter({ clip, start, end, username, name }: Given): Promise<void> {
  const form = new FormData();
  form.set("file", clip);
  form.set("timestamps", `${start},${end}`);
  const made = (await (await fetchRaw("backend/characters/upload", { method: "POST", body: form })).json()) as { id: string };
  await finished(made.id);
  await api.POST("/backend/characters/finalize", {
    body: { cameo_id: made.id, username, ...(name && { display_name: name }) },
  });
}

/** Wait until the clip has been looked at. */
async function finished(cameo: string): Promise<void> {
  for (;;) {
    const { data } = await api.GET("/backend/project_y/cameos/in_progress/{cameo}", { params: { path: { cameo } } });
    if (data?.status === "failed") throw new ApiError(400, "invalid_clip", data.status_message);
    if (data?.status === "finalized") return;
    await new Promise((resolve) => window.setTimeout(resolve, POLL_MS));
  }
}
