import { Button, SegmentedControl, Select, Textarea } from "@mantine/core";
import { IconPlus, IconSparkles } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { api } from "../../api/client";
import { jobIdOf, videoId } from "../../api/ids";
import { notify } from "../../ui/notices";
import { PageHead } from "../../ui/PageHead";
import { CostLine } from "../composer/CostLine";
import { EMPTY, needsFrame, type VideoModel } from "../composer/draft";
import { showCreated } from "../composer/useCreate";
import { useModels } from "../composer/useModels";
import { useTellError } from "../gallery/useActions";
import { useVideo } from "../gallery/useVideos";
import { bodyOf, boardOf, lengthsOf, moved, sizeOf, SHORTEST, total, type Orientation, type Shot } from "./board";
import { ShotCard } from "./ShotCard";
import classes from "./storyboard.module.css";

const ORIENTATIONS = ["landscape", "portrait"] as const satisfies readonly Orientation[];

/** Several shots of one video: cards in their order, over a line that shows their lengths. `?reuse=` names a video to begin with. */
export function Page() {
  const { t } = useTranslation("studio");
  // A storyboard has no first frame.
  const models = useModels().models.filter((one) => !needsFrame(one));
  const [search] = useSearchParams();
  const video = useVideo(search.get("reuse")).data;
  const [chosen, setChosen] = useState<string | null>(null);
  const model = models.find((one) => one.id === (chosen ?? video?.model)) ?? models.find((one) => one.id === "sora-2") ?? models[0];
  return (
    <>
      <PageHead title={t("nav.storyboard")} note={t("board.why")}>
        <Select
          aria-label={t("composer.model")}
          allowDeselect={false}
          data={models.map((one) => one.id)}
          value={model?.id ?? null}
          onChange={setChosen}
        />
      </PageHead>
      {model && <Board key={video?.id ?? ""} model={model} start={video && boardOf(video)} />}
    </>
  );
}

function Board({ model, start }: { model: VideoModel; start: ReturnType<typeof boardOf> | undefined }) {
  const { t } = useTranslation("studio");
  const lengths = lengthsOf(model);
  const [shots, setShots] = useState<Shot[]>(() => start?.shots ?? firstShots(lengths[0] ?? 10));
  const [about, setAbout] = useState(start?.about ?? "");
  const [orientation, setOrientation] = useState<Orientation>(start?.orientation ?? "landscape");
  const [next, setNext] = useState(shots.length + 1);
  const sum = total(shots);
  const fits = lengths.includes(sum);
  const ready = fits && shots.every((shot) => shot.seconds >= SHORTEST && shot.scene.trim());
  const list = useRef<HTMLOListElement>(null);
  const focus = useRef<number | null>(null);
  useEffect(() => {
    if (focus.current === null) return;
    list.current?.querySelectorAll("textarea")[focus.current]?.focus();
    focus.current = null;
  }, [shots]);
  const create = useCreateStoryboard(model, orientation);
  const change = (id: number, changed: Partial<Shot>) =>
    setShots(shots.map((shot) => (shot.id === id ? { ...shot, ...changed } : shot)));
  const remove = (at: number) => {
    focus.current = Math.max(at - 1, 0);
    setShots(shots.filter((_, one) => one !== at));
  };
  const add = () => {
    focus.current = shots.length;
    setShots([...shots, { id: next, seconds: Math.max(SHORTEST, nextLength(lengths, sum) - sum), scene: "" }]);
    setNext(next + 1);
  };
  return (
    <>
      <div className={classes.line} role="img" aria-label={t("board.total", { count: sum })}>
        {shots.map((shot, at) => (
          <div key={shot.id} className={classes.part} style={{ flexGrow: shot.seconds }}>
            {at + 1}
          </div>
        ))}
      </div>
      <p className={fits ? "quiet" : classes.wrong} role="status">
        {t("board.total", { count: sum })} {!fits && t("board.lengths", { lengths: lengths.join(", ") })}
      </p>
      <ol ref={list} className={classes.shots}>
        {shots.map((shot, at) => (
          <ShotCard
            key={shot.id}
            number={at + 1}
            shot={shot}
            isFirst={at === 0}
            isLast={at === shots.length - 1}
            onChange={(changed) => change(shot.id, changed)}
            onMove={(by) => setShots(moved(shots, at, by))}
            onRemove={shots.length > 1 ? () => remove(at) : undefined}
          />
        ))}
        <li className={classes.add}>
          <Button variant="subtle" leftSection={<IconPlus size={17} />} onClick={add}>
            {t("board.add")}
          </Button>
        </li>
      </ol>
      <Textarea
        label={t("board.about")}
        description={t("board.aboutWhy")}
        autosize
        minRows={2}
        value={about}
        onChange={(event) => setAbout(event.currentTarget.value)}
      />
      <div className={classes.end}>
        <SegmentedControl
          value={orientation}
          onChange={(value) => setOrientation(value as Orientation)}
          data={ORIENTATIONS.map((one) => ({ value: one, label: t(`shapes.${one}`) }))}
          aria-label={t("board.orientation")}
        />
        <div className={classes.cost}>
          {fits && (
            <CostLine
              draft={{ ...EMPTY, model: model.id, size: sizeOf(model, orientation), seconds: String(sum) }}
              source={null}
              framed={false}
            />
          )}
        </div>
        <Button
          size="md"
          disabled={!ready}
          loading={create.isPending}
          leftSection={<IconSparkles size={18} />}
          onClick={() => create.mutate({ shots, about })}
        >
          {t("composer.create")}
        </Button>
      </div>
    </>
  );
}

function firstShots(shortest: number): Shot[] {
  const first = Math.ceil(shortest / 2);
  return [
    { id: 1, seconds: first, scene: "" },
    { id: 2, seconds: shortest - first, scene: "" },
  ];
}

function nextLength(lengths: number[], sum: number): number {
  return lengths.find((one) => one > sum) ?? sum + SHORTEST;
}

function useCreateStoryboard(model: VideoModel, orientation: Orientation) {
  const { t } = useTranslation("studio");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: ({ shots, about }: { shots: Shot[]; about: string }) =>
      api.POST("/backend/nf/create/storyboard", { body: bodyOf(model.id, orientation, shots, about) }),
    onSuccess: async ({ data }) => {
      notify(t("composer.started"));
      if (!data) return;
      const id = videoId(data.id);
      await showCreated(queries, jobIdOf(id));
      void navigate(`/studio/videos/${id}`);
    },
    onError: tell,
  });
}
