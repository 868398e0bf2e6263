import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { useNumbers } from "../../ui/numbers";
import type { Draft } from "./draft";
import { estimateBody, type EstimateBody } from "./request";
import type { Source } from "./useCreate";
import classes from "./composer.module.css";

const PAUSE_MS = 250;
const FRESH_MS = 10_000;

interface Props {
  draft: Draft;
  source: Source | null;
  /** Whether it begins with a picture, or will. */
  framed: boolean;
}

/** What the draft will cost and what will be rendered; or why it would be refused. */
export function CostLine({ draft, source, framed }: Props) {
  const { t } = useTranslation("studio");
  const { count } = useNumbers();
  const estimate = useEstimate(estimateBody(draft, source, framed), draft.model !== "");
  if (!estimate) return <div className={classes.cost} />;
  const { credits, refusal, seconds, frames, queue, size } = estimate;
  const waiting = queue.queued > 0 ? t("composer.waiting", { count: queue.queued }) : "";
  const rendered = t("composer.rendered", { size: size.replace("x", "×"), seconds, frames: count(frames) });
  return (
    <div className={classes.cost} role="status">
      <span className="figures">{t("credits", { count: credits, shown: count(credits) })}</span>
      {refusal ? (
        <small className={classes.refused}>{refusal.code === "insufficient_quota" ? t("composer.tooDear") : refusal.message}</small>
      ) : (
        <small className="figures">{[rendered, waiting].filter(Boolean).join(" · ")}</small>
      )}
    </div>
  );
}

function useEstimate(wanted: EstimateBody, known: boolean) {
  const [body] = useDebouncedValue(wanted, PAUSE_MS, { leading: true });
  const key = JSON.stringify(body);
  return useQuery({
    queryKey: ["estimate", key],
    queryFn: async ({ signal }) => (await api.POST("/v1/videos/estimate", { body: JSON.parse(key), signal })).data!,
    enabled: known,
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
    retry: false,
  }).data;
}
