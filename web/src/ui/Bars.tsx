import classes from "./bars.module.css";

export interface Bar {
  name: string;
  value: number;
  shown: string;
}

/** A chart of one figure a day; its numbers are in a table for those who do not see it. */
export function Bars({ label, bars }: { label: string; bars: Bar[] }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>{label}</figcaption>
      <div className={classes.bars} aria-hidden>
        {bars.map((bar) => (
          <div key={bar.name} className={classes.slot} title={`${bar.name}: ${bar.shown}`}>
            <div className={classes.bar} style={{ height: `${(bar.value / most) * 100}%` }} />
          </div>
        ))}
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
