// The URLs of a download. They are read when a person asks for them, are gone when the job is closed, and stand in no
// address, list, file or printout.
import { useState } from 'react';
import { useClient } from 'urql';
import { Copy } from './Copy';
import { problemOf, type Problem } from './errors';
import type { DownloadsQuery as Result } from './graphql/graphql';
import { DownloadsQuery } from './queries';
import { quoted } from './shell';
import { Moment, precisely } from './time';

interface Props {
  groupId: string;
  clusterName: string;
  restoreJobId: string;
  expiresAt: string | null | undefined;
  now: Date;
}

interface Download {
  /** Which part of the backup it is, and over which network. */
  name: string;
  url: string;
}

export function Downloads({ groupId, clusterName, restoreJobId, expiresAt, now }: Props) {
  const client = useClient();
  const [downloads, setDownloads] = useState<Download[]>();
  const [problem, setProblem] = useState<Problem>();
  const [isReading, setReading] = useState(false);
  const read = async () => {
    setReading(true);
    setProblem(undefined);
    const { data, error } = await client.query(DownloadsQuery, { groupId, clusterName, restoreJobId }, { requestPolicy: 'network-only' }).toPromise();
    setReading(false);
    const found = data?.restoreJob ? downloadsOf(data.restoreJob) : [];
    setDownloads(found.length > 0 || !error ? found : undefined);
    setProblem(error && problemOf(error));
  };
  const left = expiresAt ? Date.parse(expiresAt) - now.getTime() : null;
  return (
    <section className="downloads" aria-label="Download">
      <h3>Download</h3>
      {expiresAt && (
        <p>
          {left! > 0 ? (
            <>
              <b>{precisely(left!)} left</b>, until <Moment at={expiresAt} />
            </>
          ) : (
            <>
              The download expired at <Moment at={expiresAt} />.
            </>
          )}
        </p>
      )}
      {!downloads && (
        <p>
          <button type="button" className="primary" disabled={isReading} onClick={() => void read()}>
            Show the download URLs
          </button>{' '}
          <small>Who has such a URL has the whole backup. That you read it is written to the audit log.</small>
        </p>
      )}
      {problem && (
        <p className="notice notice-partial" role="alert">
          <b>{downloads ? 'Some URLs could not be read.' : 'The URLs could not be read.'}</b> {problem.message} <code>{problem.code}</code>
        </p>
      )}
      {downloads?.length === 0 && <p>Atlas has no URL of this download.</p>}
      {downloads?.map(({ name, url }) => (
        <div className="download" key={url}>
          <p>
            <b>{name}</b> from <code>{hostOf(url)}</code>
            {expiresAt && (
              <>
                {' '}
                until <Moment at={expiresAt} />
              </>
            )}
          </p>
          <pre tabIndex={0}>{curlOf(url, fileOf(url, downloads.length > 1 ? name : ''))}</pre>
          <p>
            <Copy text={url} name={`the URL of ${name}`} label="Copy the URL" />{' '}
            <Copy text={curlOf(url, fileOf(url, downloads.length > 1 ? name : ''))} name={`the curl line of ${name}`} label="Copy the curl line" />
          </p>
        </div>
      ))}
    </section>
  );
}

type Job = NonNullable<Result['restoreJob']>;

function downloadsOf(job: Job): Download[] {
  const all: Download[] = [];
  const add = (name: string, url: string | null | undefined) => url && !all.some(other => other.url === url) && all.push({ name, url });
  const addPrivate = (name: string, list: { deliveryUrl: string | null; endpointId: string | null }[] | null | undefined) =>
    list?.forEach(({ deliveryUrl, endpointId }) => add(`${name}, private endpoint ${endpointId ?? ''}`.trim(), deliveryUrl));
  if ('components' in job) {
    for (const { replicaSetName, downloadUrl, privateDownloadDeliveryUrls } of job.components ?? []) {
      const shard = `shard ${replicaSetName ?? ''}`.trim();
      add(shard, downloadUrl);
      addPrivate(shard, privateDownloadDeliveryUrls);
    }
  }
  const { deliveryUrl } = job;
  deliveryUrl?.forEach((url, i) => add(deliveryUrl.length > 1 ? `part ${i + 1} of ${deliveryUrl.length}` : 'the snapshot', url));
  if ('privateDownloadDeliveryUrls' in job) {
    addPrivate('the snapshot', job.privateDownloadDeliveryUrls);
  }
  return all;
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return 'an address that is no URL';
  }
}

/** The name of the file of a download: each part has one of its own, because a download goes on in the file that is there. */
function fileOf(url: string, part: string): string {
  const name = /\/([\w.-]+)(?:\?|$)/.exec(url)?.[1]?.replace(/^[.-]+/, '') || 'snapshot.tgz';
  const prefix = part.replace(/[^\w]+/g, '-');
  return prefix ? `${prefix}-${name}` : name;
}

/** A line that downloads to a file, goes on where it was interrupted, and fails on an error page. */
const curlOf = (url: string, file: string) => `curl --fail --location --continue-at - --output ${quoted(file)} ${quoted(url)}`;
