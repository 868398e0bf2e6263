import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { Composer } from "./composer/Composer";
import { draftOf, framesOf, type Derivation } from "./composer/draft";
import { Gallery } from "./gallery/Gallery";
import { useVideo } from "./gallery/useVideos";
import classes from "./studio.module.css";

const DERIVATIONS: Derivation[] = ["remix", "edit", "extend"];

/** Describe a video above, see all below. `?remix=`, `?edit=`, `?extend=` and `?reuse=` name a video to begin with. */
export function Page() {
  const { t } = useTranslation("studio");
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const action = DERIVATIONS.find((one) => search.has(one)) ?? null;
  const id = (action && search.get(action)) ?? search.get("reuse");
  const video = useVideo(id).data;
  return (
    <>
      <Title order={1} className={classes.title}>
        {t("title")}
      </Title>
      <Composer
        key={`${action}-${video?.id ?? ""}`}
        start={video && draftOf(video, action)}
        frames={video && action === null ? framesOf(video) : undefined}
        source={video && action ? { action, video } : null}
        onDone={() => void navigate("/studio", { replace: true, preventScrollReset: true })}
      />
      <section className={classes.videos} aria-label={t("gallery.label")}>
        <Gallery />
      </section>
    </>
  );
}
