import { $api } from "../../api/client";

const MINUTES_5 = 300_000;

/** The video models, those first whose engine is here. */
export function useModels() {
  const found = $api.useQuery("get", "/v1/videos/models", {}, { staleTime: MINUTES_5 });
  const models = [...(found.data?.data ?? [])].sort(
    (one, other) => Number(other.engine.installed) - Number(one.engine.installed),
  );
  return { ...found, models };
}
