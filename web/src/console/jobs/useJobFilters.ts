import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { CURSOR } from "../../ui/Pager";
import { STATES, type JobState } from "./jobStates";

interface JobFilters {
  states: JobState[];
  account: string;
  model: string;
  engine: string;
}

const PAGE = 50;

/** The filters of the jobs, which stand in the address: a link shows another the same list. */
export function useJobFilters() {
  const [search, setSearch] = useSearchParams();
  const filters: JobFilters = useMemo(
    () => ({
      states: STATES.filter((state) => search.getAll("status").includes(state)),
      account: search.get("account") ?? "",
      model: search.get("model") ?? "",
      engine: search.get("engine") ?? "",
    }),
    [search],
  );
  const set = useCallback(
    (change: Partial<JobFilters>) => {
      const next = { ...filters, ...change };
      const params = new URLSearchParams(next.states.map((state) => ["status", state]));
      if (next.account) params.set("account", next.account);
      if (next.model) params.set("model", next.model);
      if (next.engine) params.set("engine", next.engine);
      setSearch(params, { replace: true });
    },
    [filters, setSearch],
  );
  const query = {
    limit: PAGE,
    ...(filters.states.length > 0 && { status: filters.states.join(",") }),
    ...(filters.account && { account: filters.account }),
    ...(filters.model && { model: filters.model }),
    ...(filters.engine && { engine: filters.engine }),
    ...(search.get(CURSOR) && { cursor: search.get(CURSOR) ?? "" }),
  };
  return { filters, query, set };
}
