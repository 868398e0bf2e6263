import { Button, Modal, Stack, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCopy, IconWorldUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { generationId } from "../../api/ids";
import { ownLink } from "../../app/base";
import { copyText } from "../../ui/copy";
import { notify } from "../../ui/notices";
import type { Video } from "../video";
import { useTellError } from "../gallery/useActions";

/** Publish a video: anybody with its address can watch it. */
export function Publish({ video, take }: { video: Video; take: number }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const [opened, dialog] = useDisclosure();
  const [text, setText] = useState("");
  const publish = useMutation({
    mutationFn: () =>
      api.POST("/backend/project_y/post", {
        body: {
          attachments_to_create: [{ generation_id: generationId(video.id, take), kind: "sora" }],
          post_text: text,
        },
      }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  const permalink = publish.data?.data?.post.permalink;
  const link = permalink && ownLink(permalink);
  const copy = async (address: string) => notify(t((await copyText(address)) ? "copied" : "notCopied"));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  return (
    <>
      <Button variant="default" leftSection={<IconWorldUpload size={17} />} onClick={dialog.open}>
        {t("posts.publish")}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={t("posts.publish")} closeButtonProps={{ "aria-label": t("close") }}>
        {link ? (
          <Stack>
            <p>
              {t("posts.published")} <a href={link} target="_blank" rel="noreferrer">{link}</a>
            </p>
            <Button leftSection={<IconCopy size={17} />} onClick={() => void copy(link)}>
              {t("copy")}
            </Button>
          </Stack>
        ) : (
          <form onSubmit={submit}>
            <Stack>
              <p className="quiet">{t("posts.publishWhy")}</p>
              <Textarea label={t("posts.text")} autosize minRows={2} data-autofocus value={text} onChange={(event) => setText(event.currentTarget.value)} />
              <Button type="submit" loading={publish.isPending}>
                {t("posts.publish")}
              </Button>
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}
