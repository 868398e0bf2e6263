import { ActionIcon, NumberInput, Textarea } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { SHORTEST, type Shot } from "./board";
import classes from "./storyboard.module.css";

const LONGEST = 60;

interface Props {
  number: number;
  shot: Shot;
  isFirst: boolean;
  isLast: boolean;
  onChange: (changed: Partial<Shot>) => void;
  onMove: (by: number) => void;
  onRemove: (() => void) | undefined;
}

/** One shot: what is seen, and for how long. Arrows that lead nowhere stay there, so that the keyboard is not left without a place. */
export function ShotCard({ number, shot, isFirst, isLast, onChange, onMove, onRemove }: Props) {
  const { t } = useTranslation("studio");
  return (
    <li className={`card ${classes.shot}`}>
      <div className={classes.head}>
        <strong>{t("board.shot", { number })}</strong>
        <NumberInput
          className={classes.seconds}
          aria-label={t("board.seconds", { number })}
          suffix=" s"
          min={SHORTEST}
          max={LONGEST}
          allowDecimal={false}
          value={shot.seconds || ""}
          onChange={(value) => onChange({ seconds: Number(value) || 0 })}
          onBlur={() => shot.seconds < SHORTEST && onChange({ seconds: SHORTEST })}
        />
        <ActionIcon data-disabled={isFirst} aria-disabled={isFirst} onClick={() => !isFirst && onMove(-1)} aria-label={t("board.up", { number })}>
          <IconArrowUp size={17} />
        </ActionIcon>
        <ActionIcon data-disabled={isLast} aria-disabled={isLast} onClick={() => !isLast && onMove(1)} aria-label={t("board.down", { number })}>
          <IconArrowDown size={17} />
        </ActionIcon>
        <ActionIcon disabled={!onRemove} onClick={onRemove} aria-label={t("board.remove", { number })}>
          <IconTrash size={17} />
        </ActionIcon>
      </div>
      <Textarea
        aria-label={t("board.scene", { number })}
        placeholder={t("board.scenePlaceholder")}
        variant="unstyled"
        autosize
        minRows={2}
        value={shot.scene}
        onChange={(event) => onChange({ scene: event.currentTarget.value })}
      />
    </li>
  );
}
