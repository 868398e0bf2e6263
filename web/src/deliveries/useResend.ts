import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { useTellError } from "../studio/gallery/useActions";
import { notify } from "../ui/notices";

/** Send an event again: one of the account's own, or as an operator one of any account. */
export function useResend(area: "me" | "admin"): (eventId: string) => void {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (eventId: string) =>
      api.POST(`/v1/${area}/events/{event_id}/resend`, { params: { path: { event_id: eventId } } }),
    onSuccess: () => {
      notify(t("deliveries.resent"));
      return queries.invalidateQueries();
    },
    onError: tell,
  }).mutate;
}
