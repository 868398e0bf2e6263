import classes from "./bars.module.css";

export interface Bar {
  name: string;
  value: number;
  shown: string;
}

interface Props {
  label: string;
  bars: Bar[];
  /** The sum or another figure for all of them. */
  figure?: string;
  tone?: "bad";
}

/** A bar that is there is seen, however small. */
const LEAST = 2;
const GAP = 0.24;

/** A chart of one figure a day; its numbers are in a table for those who do not see it. */
export function Bars({ label, bars, figure, tone }: Props) {
  const most = bars.reduce((top, bar) => (bar.value > top.value ? bar : top), { name: "", value: 0, shown: "0" });
  return (
    <figure className={classes.figure} data-tone={tone}>
      <figcaption className={classes.caption}>
        <span>{label}</span>
        {figure !== undefined && <strong className="figures">{figure}</strong>}
      </figcaption>
      <div className={classes.plot} aria-hidden>
        <span className={classes.most}>{most.value > 0 ? most.shown : ""}</span>
        <svg>
          {bars.map((bar, at) => (
            <Column key={bar.name} bar={bar} at={at} step={100 / bars.length} most={most.value} />
          ))}
        </svg>
      </div>
      <div className={classes.ends} aria-hidden>
        <span>{bars[0]?.name}</span>
        <span>{bars.at(-1)?.name}</span>
      </div>
      <table className={classes.unseen}>
        <caption>{label}</caption>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.name}>
              <th scope="row">{bar.name}</th>
              <td>{bar.shown}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

function Column({ bar, at, step, most }: { bar: Bar; at: number; step: number; most: number }) {
  const height = bar.value > 0 ? Math.max((bar.value / most) * 100, LEAST) : 0;
  return (
    <g>
      <title>{`${bar.name}: ${bar.shown}`}</title>
      <rect className={classes.slot} x={`${at * step}%`} width={`${step}%`} height="100%" />
      <rect
        className={classes.bar}
        x={`${(at + GAP / 2) * step}%`}
        width={`${step * (1 - GAP)}%`}
        y={`${100 - height}%`}
        height={`${height}%`}
      />
    </g>
  );
}
