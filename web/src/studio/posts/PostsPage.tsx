import { ActionIcon, SegmentedControl, Tooltip } from "@mantine/core";
import { IconCopy, IconEye, IconTrash, IconWorld } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { ownLink } from "../../app/base";
import { copyText } from "../../ui/copy";
import { EmptyBox } from "../../ui/EmptyBox";
import { Loaded } from "../../ui/Loaded";
import { notify } from "../../ui/notices";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { useTellError } from "../gallery/useActions";
import classes from "./posts.module.css";

type Schemas = components["schemas"];
type PostItem = Schemas["PostItem"];
interface Answer {
  post: Pick<PostItem, "id" | "text" | "permalink" | "posted_at" | "view_count" | "preview_image_url"> & {
    attachments: Pick<Schemas["PostAttachment"], "prompt">[];
  };
  profile: Pick<Schemas["ProfileObject"], "display_name">;
}
type Feed = "mine" | "latest" | "top";

const PAGE = 40;

/** What was published: the account's own posts, and everybody's. */
export function Page() {
  const { t } = useTranslation("studio");
  const [feed, setFeed] = useState<Feed>("mine");
  return (
    <>
      <PageHead title={t("nav.posts")} note={t("posts.why")}>
        <SegmentedControl
          value={feed}
          onChange={(value) => setFeed(value as Feed)}
          data={(["mine", "latest", "top"] as const).map((one) => ({ value: one, label: t(`posts.feeds.${one}`) }))}
          aria-label={t("posts.feed")}
        />
      </PageHead>
      {feed === "mine" ? <Mine /> : <Everybody cut={feed === "top" ? "nf2_top" : "nf2_latest"} />}
    </>
  );
}

function Mine() {
  const found = $api.useQuery("get", "/backend/project_y/profile_feed/{user_id}", {
    params: { path: { user_id: "me" }, query: { limit: PAGE } },
  });
  return <Loaded query={found}>{(page) => <Posts items={page.items} own />}</Loaded>;
}

function Everybody({ cut }: { cut: "nf2_top" | "nf2_latest" }) {
  const found = $api.useQuery("get", "/backend/project_y/feed", { params: { query: { limit: PAGE, cut } } });
  return <Loaded query={found}>{(page) => <Posts items={page.items} />}</Loaded>;
}

function Posts({ items, own = false }: { items: Answer[]; own?: boolean }) {
  const { t } = useTranslation("studio");
  if (items.length === 0) return <EmptyBox icon={IconWorld} title={t("posts.none")} text={t("posts.noneWhy")} />;
  return (
    <div className={classes.grid}>
      {items.map((one) => (
        <Post key={one.post.id} answer={one} own={own} />
      ))}
    </div>
  );
}

function Post({ answer: { post, profile }, own }: { answer: Answer; own: boolean }) {
  const { t } = useTranslation("studio");
  const { ago, count } = useNumbers();
  const queries = useQueryClient();
  const tell = useTellError();
  const remove = useMutation({
    mutationFn: () => api.DELETE("/backend/project_y/post/{post_id}", { params: { path: { post_id: post.id } } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  const copy = async () => notify((await copyText(ownLink(post.permalink))) ? t("copied") : t("notCopied"));
  return (
    <article className={`card ${classes.card}`}>
      <a href={ownLink(post.permalink)} target="_blank" rel="noreferrer" className={classes.screen} aria-label={post.text || t("untitled")}>
        {post.preview_image_url && <img src={ownLink(post.preview_image_url)} alt="" loading="lazy" />}
      </a>
      <div className={classes.foot}>
        <div className={classes.texts}>
          <p className={classes.text}>{post.text || post.attachments[0]?.prompt}</p>
          <p className="quiet">
            {profile.display_name} · {ago(post.posted_at)} · <IconEye size={14} aria-label={t("posts.views")} /> {count(post.view_count)}
          </p>
        </div>
        <Tooltip label={t("posts.copy")}>
          <ActionIcon aria-label={t("posts.copy")} onClick={() => void copy()}>
            <IconCopy size={17} />
          </ActionIcon>
        </Tooltip>
        {own && (
          <Tooltip label={t("posts.unpublish")}>
            <ActionIcon aria-label={t("posts.unpublish")} loading={remove.isPending} onClick={() => remove.mutate()}>
              <IconTrash size={17} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    </article>
  );
}
