import { Button, Loader, UnstyledButton } from "@mantine/core";
import { IconTextPlus } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { notify } from "../../ui/notices";
import { useTellError } from "../gallery/useActions";
import classes from "./composer.module.css";

/** The lengths that the call knows. */
const LENGTHS = [5, 10, 15, 20, 25] as const;

interface Props {
  prompt: string;
  seconds: string;
  onChange: (prompt: string) => void;
}

/** Let the server write the description out; its own words can be brought back. */
export function EnhanceButton({ prompt, seconds, onChange }: Props) {
  const { t } = useTranslation("studio");
  const tell = useTellError();
  const enhance = useMutation({
    mutationFn: async (given: string) => {
      const body = { prompt: given, expansion_level: "medium" as const, duration_s: nearest(Number(seconds)) };
      return (await api.POST("/backend/editor/enhance_prompt", { body })).data!;
    },
    onSuccess: ({ enhanced_prompt: longer, source }, given) => {
      onChange(longer);
      const end: () => void = notify(t(`composer.enhanced.${source}`), {
        action: (
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              end();
              onChange(given);
            }}
          >
            {t("undo")}
          </Button>
        ),
      });
    },
    onError: tell,
  });
  return (
    <UnstyledButton
      className={classes.chip}
      disabled={!prompt.trim() || enhance.isPending}
      onClick={() => enhance.mutate(prompt.trim())}
    >
      {enhance.isPending ? <Loader size={15} /> : <IconTextPlus size={17} stroke={1.6} aria-hidden />}
      <span>{t("composer.enhance")}</span>
    </UnstyledButton>
  );
}

function nearest(seconds: number): (typeof LENGTHS)[number] {
  return LENGTHS.reduce((best, one) => (Math.abs(one - seconds) < Math.abs(best - seconds) ? one : best));
}
