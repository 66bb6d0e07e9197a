import { useQuery } from 'urql';
import type { SourceQuery as Result } from './graphql/graphql';
import { Fact, List } from './JobDetail';
import { SourceQuery } from './queries';
import { Moment } from './time';

interface Props {
  groupId: string;
  clusterName: string;
  /** When the job was made, and when it ended. */
  from: string | null | undefined;
  to: string | null | undefined;
}

/** The time around a job in which events may be about it, in milliseconds. */
const around = 5 * 60_000;

/** The most events that are shown. */
const few = 8;

/**
 * The cluster that a job restores from: what else could be restored, and the events at the time of the job. What the
 * viewer may not read is left out.
 */
export function Source({ groupId, clusterName, from, to }: Props) {
  const begin = new Date((from ? Date.parse(from) : Date.now()) - around);
  const [{ data }] = useQuery({ query: SourceQuery, variables: { groupId, clusterName, since: begin.toISOString() }, pause: !from });
  const cluster = data?.cluster;
  if (!cluster) {
    return null;
  }
  const { backupSchedule, restoreWindow, restoreEvents } = cluster;
  const end = to ? Date.parse(to) + around : Infinity;
  // The oldest ones: the request of the job is among the first.
  const near = (restoreEvents?.nodes ?? []).filter(e => e.created && Date.parse(e.created) <= end);
  const events = near.slice(-few);
  const request = requestOf(near, from);
  return (
    <>
      {request && (
        <List title="Started">
          <Fact name="Probably">{actorOf(request)}</Fact>
          <Fact name="Request at">
            <Moment at={request.created!} />
          </Fact>
          <Fact name=" ">
            <small>The request of this cluster that is nearest to the job in time: Atlas links no event to a job.</small>
          </Fact>
        </List>
      )}
      {(backupSchedule?.nextSnapshot || restoreWindow) && (
        <List title={`Backups of ${cluster.name}`}>
          <Fact name="Next snapshot">{backupSchedule?.nextSnapshot && <Moment at={backupSchedule.nextSnapshot} />}</Fact>
          <Fact name="Any moment">{restoreWindow?.earliest && (
              <>
                since <Moment at={restoreWindow.earliest} /> ({restoreWindow.days} days)
              </>
            )}</Fact>
        </List>
      )}
      {events.length > 0 && (
        <List title={`Events of ${cluster.name} at that time`}>
          {events.map(e => (
            <Fact key={e.id} name={<Moment at={e.created!} />}>
              {nameOf(e.eventTypeName)} <small>{actorOf(e)}</small>
            </Fact>
          ))}
          <Fact name=" ">
            <small>Atlas does not say which job an event is about.</small>
          </Fact>
        </List>
      )}
    </>
  );
}

type Event = NonNullable<NonNullable<NonNullable<Result['cluster']>['restoreEvents']>['nodes'][number]>;

/** The time between a request and its job at most, in milliseconds. */
const requestMargin = 2 * 60_000;

/** Returns the request that probably made the job: the nearest one in time, within requestMargin. */
function requestOf(events: Event[], created: string | null | undefined): Event | undefined {
  const distance = (e: Event) => Math.abs(Date.parse(e.created!) - Date.parse(created ?? ''));
  const requests = events.filter(e => /REQUESTED/.test(e.eventTypeName ?? '') && distance(e) <= requestMargin);
  return requests.sort((a, b) => distance(a) - distance(b))[0];
}

const nameOf = (type: string | null | undefined) =>
  (type ?? 'unknown')
    .replace(/^(CPS|TENANT)_/, '')
    .replace(/_AUDIT$/, '')
    .toLowerCase()
    .replaceAll('_', ' ');

const actorOf = (e: Event) => (e.actor === 'ATLAS' ? 'by Atlas' : `by ${e.username ?? e.publicKey ?? `a ${e.actor.toLowerCase().replaceAll('_', ' ')}`}`);
