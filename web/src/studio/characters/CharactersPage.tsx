import { ActionIcon, Button, Menu, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDotsVertical, IconLock, IconPlus, IconTrash, IconUsers, IconWorld } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { ownLink } from "../../app/base";
import { EmptyBox } from "../../ui/EmptyBox";
import { Loaded } from "../../ui/Loaded";
import { PageHead } from "../../ui/PageHead";
import { useTellError } from "../gallery/useActions";
import { NewCharacter } from "./NewCharacter";
import { useCharacters, type Character } from "./useCharacters";
import classes from "./characters.module.css";

/** The account's characters, who can appear in its videos. */
export function Page() {
  const { t } = useTranslation("studio");
  const [opened, dialog] = useDisclosure();
  const found = useCharacters();
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={dialog.open}>
      {t("characters.new")}
    </Button>
  );
  return (
    <>
      <PageHead title={t("nav.characters")} note={t("characters.why")}>
        {add}
      </PageHead>
      <Loaded query={found}>
        {(list) =>
          list.items.length === 0 ? (
            <EmptyBox icon={IconUsers} title={t("characters.none")} text={t("characters.noneWhy")} />
          ) : (
            <div className={classes.grid}>
              {list.items.map((one) => (
                <CharacterCard key={one.character_id} character={one} />
              ))}
            </div>
          )
        }
      </Loaded>
      <Modal opened={opened} onClose={dialog.close} title={t("characters.new")} closeButtonProps={{ "aria-label": t("close") }}>
        <NewCharacter onDone={dialog.close} />
      </Modal>
    </>
  );
}

function CharacterCard({ character }: { character: Character }) {
  const { t } = useTranslation("studio");
  const isPublic = character.visibility === "public";
  return (
    <article className={`card ${classes.card}`}>
      <img src={ownLink(character.profile_picture_url)} alt="" className={classes.portrait} />
      <div className={classes.texts}>
        <h2>{character.display_name}</h2>
        <p className="quiet">{character.username ? `@${character.username}` : t("characters.byName")}</p>
        <p className={`quiet ${classes.sight}`}>
          {isPublic ? <IconWorld size={15} aria-hidden /> : <IconLock size={15} aria-hidden />}
          {isPublic ? t("characters.public") : t("characters.private")}
        </p>
      </div>
      <CharacterMenu character={character} />
    </article>
  );
}

function CharacterMenu({ character }: { character: Character }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const path = { character: character.character_id };
  const options = { onSuccess: () => queries.invalidateQueries(), onError: tell };
  const isPublic = character.visibility === "public";
  const show = useMutation({
    mutationFn: () =>
      api.POST("/backend/project_y/characters/{character}/update", {
        params: { path },
        body: { visibility: isPublic ? "private" : "public" },
      }),
    ...options,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/backend/project_y/characters/{character}", { params: { path } }),
    ...options,
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("actions")} className={classes.menu}>
          <IconDotsVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={isPublic ? <IconLock size={17} /> : <IconWorld size={17} />} onClick={() => show.mutate()}>
          {isPublic ? t("characters.makePrivate") : t("characters.makePublic")}
        </Menu.Item>
        <Menu.Item c="var(--bad)" leftSection={<IconTrash size={17} />} onClick={() => remove.mutate()}>
          {t("do.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
