import { Store, useStore } from '../../../examples/dashboard/src/store';
import type { Run } from './gateway';

const last = new Store<Run | null>(null);

/** Shows what is known of the last answer. */
export const reportRun = (run: Run) => last.set(run);

/** A line about the last answer: status, time, bytes, calls of Atlas and the id under which the gateway's log has it. */
export function RunLine() {
  const run = useStore(last);
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
