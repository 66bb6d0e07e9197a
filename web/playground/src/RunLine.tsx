import { useSyncExternalStore } from 'react';
import type { Run } from './gateway';

let last: Run | null = null;
const listeners = new Set<() => void>();

/** Shows what is known of the last answer. */
export function reportRun(run: Run) {
  last = run;
  listeners.forEach(listener => listener());
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** A line about the last answer: status, time, bytes, calls of Atlas and the id under which the gateway's log has it. */
export function RunLine() {
  const run = useSyncExternalStore(subscribe, () => last);
  return (
    <p className="run-line" role="status" data-testid="run">
      {run && (
        <>
          <b className={run.status < 400 ? 'run-ok' : 'run-failed'}>{run.status}</b> after {Math.round(run.milliseconds)} ms
          {run.bytes === null ? ', a stream' : `, ${sizeOf(run.bytes)}`}
          {run.calls !== null && `, ${run.calls === '1' ? '1 call' : `${run.calls} calls`} of Atlas`}
          {run.requestId && (
            <>
              , request <code>{run.requestId}</code>
            </>
          )}
        </>
      )}
    </p>
  );
}

const sizeOf = (bytes: number) => (bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`);
