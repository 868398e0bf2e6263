import { useQuery } from "@tanstack/react-query";
import { fetchRaw } from "../../api/client";
import { queries } from "../../api/queries";

type Variant = "thumbnail" | "spritesheet";

const KEY = "media";
const KEPT_MS = 120_000;

// Blobs of pictures that nothing shows any more are let go.
queries.getQueryCache().subscribe((event) => {
  const { queryKey, state } = event.query;
  if (event.type === "removed" && queryKey[0] === KEY && typeof state.data === "string") {
    URL.revokeObjectURL(state.data);
  }
});

/** Return an address of a finished video's picture, which is fetched with the caller's token. */
export function usePicture(videoId: string, variant: Variant, enabled: boolean, index = 0): string | undefined {
  return useQuery({
    queryKey: [KEY, videoId, variant, index],
    queryFn: async () => {
      const path = `v1/videos/${videoId}/content?variant=${variant}&index=${index}`;
      return URL.createObjectURL(await (await fetchRaw(path)).blob());
    },
    enabled,
    staleTime: Infinity,
    gcTime: KEPT_MS,
    refetchOnWindowFocus: false,
  }).data;
}
