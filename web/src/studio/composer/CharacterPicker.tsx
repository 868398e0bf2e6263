import { Menu, UnstyledButton } from "@mantine/core";
import { IconCheck, IconChevronDown, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { characterId } from "../../api/ids";
import { ownLink } from "../../app/base";
import { useCharacters } from "../characters/useCharacters";
import classes from "./composer.module.css";

interface Props {
  value: string[];
  onChange: (ids: string[]) => void;
}

/** Choose who appears; nothing while the account has no characters. */
export function CharacterPicker({ value, onChange }: Props) {
  const { t } = useTranslation("studio");
  const found = useCharacters().data?.items ?? [];
  const characters = found.map((one) => ({ ...one, id: characterId(one.character_id) }));
  const chosen = characters.filter((one) => value.includes(one.id));
  const change = (id: string) => onChange(value.includes(id) ? value.filter((one) => one !== id) : [...value, id]);
  if (characters.length === 0) return null;
  return (
    <Menu position="bottom-start" closeOnItemClick={false}>
      <Menu.Target>
        <UnstyledButton
          className={classes.chip}
          data-set={chosen.length > 0}
          aria-label={`${t("nav.characters")}: ${chosen.map((one) => one.display_name).join(", ") || t("composer.nobody")}`}
        >
          {chosen.length > 0 ? (
            <span className={classes.faces}>
              {chosen.map((one) => (
                <img key={one.id} src={ownLink(one.profile_picture_url)} alt="" />
              ))}
            </span>
          ) : (
            <IconUsers size={17} stroke={1.6} aria-hidden />
          )}
          <span>{t("nav.characters")}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="22rem" style={{ overflowY: "auto" }}>
        {characters.map((one) => (
          <Menu.Item
            key={one.id}
            role="menuitemcheckbox"
            aria-checked={value.includes(one.id)}
            leftSection={
              <span className={classes.faces}>
                <img src={ownLink(one.profile_picture_url)} alt="" />
              </span>
            }
            rightSection={value.includes(one.id) && <IconCheck size={16} aria-hidden />}
            onClick={() => change(one.id)}
          >
            {one.display_name} <span className="quiet">@{one.username}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
