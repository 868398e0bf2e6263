import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "../../api/client";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { usePlacePause } from "../place";
import classes from "./overview.module.css";

const SHOWN = 6;
const LIVE_MS = 5_000;

/** The jobs that failed last, each with its reason. */
export function LastFailed() {
  const { t } = useTranslation("console");
  const { ago } = useNumbers();
  const params = { query: { status: "failed", limit: SHOWN } };
  const found = $api.useQuery("get", "/v1/admin/jobs", { params }, { refetchInterval: usePlacePause(LIVE_MS) });
  return (
    <section className={`card ${classes.part}`}>
      <h2>{t("overview.failed")}</h2>
      <Loaded query={found}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet">{t("overview.noFailed")}</p>
          ) : (
            <ul className={classes.list}>
              {data.map((job) => (
                <li key={job.id}>
                  <Link to={`/console/jobs/${job.id}`}>{job.error?.message ?? job.id}</Link>
                  <span className="quiet">
                    {job.account} · {job.model} · {ago(job.ended_at ?? job.created_at)}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
