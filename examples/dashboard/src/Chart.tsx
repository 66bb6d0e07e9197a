// The number of jobs over time: a bar for each interval, with the states stacked in it.
import { scaleLinear } from 'd3-scale';
import { useContext, useEffect, useRef, useState } from 'react';
import { bucketsOf, hoursOf, type Bucket } from './buckets';
import { nameOf, states } from './states';
import { exact, formatter, ZoneContext } from './time';
import type { Job } from './useJobs';

interface Props {
  jobs: Job[];
  from: Date;
  to: Date;
}

const height = 220;
const margin = { top: 12, right: 12, bottom: 26, left: 34 };

export function Chart({ jobs, from, to }: Props) {
  const zone = useContext(ZoneContext);
  const hours = hoursOf(from, to);
  const [width, frame] = useWidth();
  const [hovered, setHovered] = useState<number | null>(null);
  const buckets = bucketsOf(jobs, from, to, hours, zone);
  const label = formatter(zone, buckets.length * hours > 48 ? { month: 'short', day: 'numeric' } : { hour: 'numeric', minute: '2-digit' });
  const x = scaleLinear([0, buckets.length], [margin.left, width - margin.right]);
  const y = scaleLinear([0, Math.max(4, ...buckets.map(b => b.total))], [height - margin.bottom, margin.top]).nice(4);
  const tip = hovered === null ? undefined : buckets[hovered];
  const gap = width > 600 ? 3 : 1;

  return (
    <figure className="card chart" ref={frame}>
      <figcaption>Jobs by state, when they were made</figcaption>
      <svg width={width} height={height} aria-hidden="true" onPointerLeave={() => setHovered(null)}>
        {y.ticks(4).map(tick => (
          <g key={tick}>
            <line className="grid" x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
            <text className="axis" x={margin.left - 8} y={y(tick)} dy="0.32em" textAnchor="end">
              {tick}
            </text>
          </g>
        ))}
        {labelled(buckets, hours, x(1) - x(0), zone === 'utc').map(i => (
          <text key={i} className="axis" x={x(hours < 24 ? i : i + 0.5)} y={height - 8} textAnchor={i === 0 && hours < 24 ? 'start' : 'middle'}>
            {label(buckets[i]!.from)}
          </text>
        ))}
        {buckets.map((b, i) => (
          <g key={b.from.getTime()} onPointerEnter={() => setHovered(i)}>
            <rect className={i === hovered ? 'hover' : 'catch'} x={x(i)} y={margin.top} width={x(1) - x(0)} height={height - margin.top - margin.bottom} />
            {b.parts.map(part => (
              <rect
                key={part.state}
                className={`bar state-${part.state}`}
                x={x(i) + gap / 2}
                width={Math.max(1, x(1) - x(0) - gap)}
                y={y(part.start + part.count)}
                height={y(part.start) - y(part.start + part.count)}
              />
            ))}
          </g>
        ))}
      </svg>
      {tip && tip.total > 0 && <Tip bucket={tip} format={formatter(zone, hours < 24 ? { dateStyle: 'medium', timeStyle: 'short' } : { month: 'short', day: 'numeric' })} left={Math.min(Math.max(x(hovered!), 90), width - 110)} />}
      <div className="unseen">
        <ChartTable buckets={buckets} />
      </div>
    </figure>
  );
}

/** Returns the buckets with a label: as many as fit, and whole days if the chart covers more than two days. */
function labelled(buckets: Bucket[], hours: number, width: number, utc: boolean): number[] {
  const isDays = buckets.length * hours > 48;
  const step = isDays ? Math.max(1, 24 / hours) : 1;
  const every = step * Math.ceil(72 / (width * step));
  const first = isDays ? buckets.findIndex(b => (utc ? b.from.getUTCHours() : b.from.getHours()) === 0) : 0;
  return buckets.flatMap((_, i) => ((i - first) % every === 0 && i < buckets.length - 36 / width ? [i] : []));
}

function Tip({ bucket, format, left }: { bucket: Bucket; format: (moment: Date) => string; left: number }) {
  return (
    <div className="tip" style={{ left }}>
      <b>{format(bucket.from)}</b>
      {bucket.parts.map(part => (
        <div key={part.state}>
          <i className={`swatch state-${part.state}`} /> {nameOf(part.state)} <b>{part.count}</b>
        </div>
      ))}
    </div>
  );
}

/** The same as a table, for screen readers. */
function ChartTable({ buckets }: { buckets: Bucket[] }) {
  const zone = useContext(ZoneContext);
  const present = states.filter(({ state }) => buckets.some(b => b.parts.some(p => p.state === state)));
  return (
    <table>
      <caption>Jobs by state, when they were made</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          {present.map(({ state, name }) => (
            <th key={state} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {buckets
          .filter(b => b.total > 0)
          .map(b => (
            <tr key={b.from.getTime()}>
              <th scope="row">{exact(b.from, zone)}</th>
              {present.map(({ state }) => (
                <td key={state}>{b.parts.find(p => p.state === state)?.count ?? 0}</td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function useWidth() {
  const frame = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(800);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(240, entry!.contentRect.width)));
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  return [width, frame] as const;
}
