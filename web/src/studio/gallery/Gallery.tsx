import { Button, Skeleton } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconMovie, IconSearch } from "@tabler/icons-react";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "../../api/errors";
import { EmptyBox } from "../../ui/EmptyBox";
import { ErrorBox } from "../../ui/ErrorBox";
import { useErrorText } from "../../ui/errorText";
import type { Video } from "../video";
import { Filters } from "./Filters";
import { SelectionProvider } from "./selection";
import { SelectionBar } from "./SelectionBar";
import { useVideoFilters } from "./useVideoFilters";
import { useVideos } from "./useVideos";
import { VideoCard } from "./VideoCard";
import classes from "./gallery.module.css";

const NARROWEST = 250;
const GAP = 16;
const FOOT = 78;

/** The account's videos, searched and filtered. */
export function Gallery() {
  return (
    <SelectionProvider>
      <Filters />
      <Found />
      <SelectionBar />
    </SelectionProvider>
  );
}

function Found() {
  const { t } = useTranslation("studio");
  const describe = useErrorText();
  const { filters } = useVideoFilters();
  const filtered = filters.text !== "" || filters.state !== "all" || filters.favorites || filters.from || filters.to;
  const { videos, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useVideos(filters);
  if (isPending) return <Shapes />;
  if (error && videos.length === 0) {
    return (
      <ErrorBox title={t("gallery.failed")} text={describe(asApiError(error))}>
        <Button variant="light" onClick={() => void refetch()}>
          {t("gallery.again")}
        </Button>
      </ErrorBox>
    );
  }
  if (videos.length === 0 && filtered) {
    return <EmptyBox icon={IconSearch} title={t("gallery.noMatch")} text={t("gallery.noMatchWhy")} />;
  }
  if (videos.length === 0) return <EmptyBox icon={IconMovie} title={t("gallery.empty")} text={t("gallery.emptyWhy")} />;
  const more = () => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  return <Rows videos={videos} onEnd={more} />;
}

/** Videos in rows; only the rows near the window are in the page. */
function Rows({ videos, onEnd }: { videos: Video[]; onEnd: () => void }) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const columns = Math.max(width < 2 * NARROWEST ? (width > 0 ? 1 : 3) : Math.floor((width + GAP) / (NARROWEST + GAP)), 1);
  const cell = (width - GAP * (columns - 1)) / columns;
  const rows = Math.ceil(videos.length / columns);
  // Another width gives rows other names, so their places are reckoned again before they are drawn.
  const nameOf = useCallback((row: number) => `${cell} ${row}`, [cell]);
  const list = useWindowVirtualizer({
    count: rows,
    getItemKey: nameOf,
    estimateSize: () => (cell * 10) / 16 + FOOT + GAP,
    overscan: 3,
    // Rows come in ahead of the window, so scrolling need not wait until they are drawn.
    useFlushSync: false,
    scrollMargin: place.current?.offsetTop ?? 0,
  });
  const shown = list.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;

  useEffect(() => {
    if (last >= rows - 2) onEnd();
  }, [last, rows, onEnd]);

  return (
    <div ref={place}>
      <div ref={ref} className={classes.list} style={{ height: list.getTotalSize() }}>
        {width > 0 &&
          shown.map((row) => (
            <div
              key={row.index}
              className={classes.line}
              style={{
                gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
                transform: `translateY(${row.start - list.options.scrollMargin}px)`,
              }}
            >
              {videos.slice(row.index * columns, (row.index + 1) * columns).map((video) => (
                <VideoCard key={video.id} video={video} />
              ))}
            </div>
          ))}
      </div>
    </div>
  );
}

function Shapes() {
  return (
    <div className={classes.shapes} aria-hidden>
      {Array.from({ length: 6 }, (_, at) => (
        <Skeleton key={at} height={220} radius="lg" />
      ))}
    </div>
  );
}
