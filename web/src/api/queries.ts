import { QueryClient } from "@tanstack/react-query";
import { asApiError } from "./errors";

const TRIES = 3;

/** What the pages know of the server. Failures that pass are tried again, others are shown. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < TRIES && asApiError(error).passing,
      refetchOnWindowFocus: true,
    },
    // Without a network an act fails at once and is told, instead of waiting unseen for hours.
    mutations: { networkMode: "always" },
  },
});
