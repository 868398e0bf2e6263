import { useSearchParams } from "react-router";
import { CURSOR } from "./Pager";

/** Return the filters in the address and a function that sets one of them, at the first page. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    next.delete(CURSOR);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  return { cursor: search.get(CURSOR), get: (name: string) => search.get(name) ?? "", set };
}
