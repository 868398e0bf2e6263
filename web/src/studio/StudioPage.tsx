import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { $api } from "../api/client";
import { Composer } from "./composer/Composer";
import { draftOf, type Derivation } from "./composer/draft";
import { Gallery } from "./gallery/Gallery";
import classes from "./studio.module.css";

const DERIVATIONS: Derivation[] = ["remix", "edit", "extend"];

/** Describe a video above, see all below. `?remix=`, `?edit=`, `?extend=` and `?reuse=` name a video to begin with. */
export function Page() {
  const { t } = useTranslation("studio");
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const action = DERIVATIONS.find((one) => search.has(one)) ?? null;
  const id = (action && search.get(action)) ?? search.get("reuse");
  const video = $api.useQuery(
    "get",
    "/v1/videos/{video_id}",
    { params: { path: { video_id: id ?? "" } } },
    { enabled: id !== null },
  ).data;
  return (
    <>
      <Title order={1} className={classes.title}>
        {t("title")}
      </Title>
      <Composer
        key={`${action}-${video?.id ?? ""}`}
        start={video && draftOf(video, action)}
        source={video && action ? { action, video } : null}
        onDone={() => void navigate("/studio", { replace: true, preventScrollReset: true })}
      />
      <section className={classes.videos} aria-label={t("gallery.label")}>
        <Gallery />
      </section>
    </>
  );
}
