import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowForwardUp,
  IconDotsVertical,
  IconDownload,
  IconEdit,
  IconHeart,
  IconHeartFilled,
  IconRefresh,
  IconTrash,
  IconWand,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { reusePath, type Video } from "../video";
import { download, useDelete, useFavorite } from "./useActions";

/** What can be done with a video. */
export function CardMenu({ video }: { video: Video }) {
  const { t } = useTranslation("studio");
  const favorite = useFavorite();
  const remove = useDelete();
  const done = video.status === "completed";
  const to = (name: string) => `/studio?${name}=${video.id}`;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("actions")}>
          <IconDotsVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {done && (
          <>
            <Menu.Item component={Link} to={to("remix")} leftSection={<IconWand size={17} />}>
              {t("do.remix")}
            </Menu.Item>
            <Menu.Item component={Link} to={to("edit")} leftSection={<IconEdit size={17} />}>
              {t("do.edit")}
            </Menu.Item>
            <Menu.Item component={Link} to={to("extend")} leftSection={<IconArrowForwardUp size={17} />}>
              {t("do.extend")}
            </Menu.Item>
          </>
        )}
        <Menu.Item component={Link} to={reusePath(video)} leftSection={<IconRefresh size={17} />}>
          {t("do.reuse")}
        </Menu.Item>
        {done && (
          <Menu.Item leftSection={<IconDownload size={17} />} onClick={() => download(video)}>
            {t("do.download")}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={video.favorite ? <IconHeartFilled size={17} /> : <IconHeart size={17} />}
          onClick={() => favorite.mutate(video)}
        >
          {video.favorite ? t("do.unfavorite") : t("do.favorite")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item c="var(--bad)" leftSection={<IconTrash size={17} />} onClick={() => remove.mutate([video])}>
          {t("do.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
