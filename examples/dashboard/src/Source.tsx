import { useQuery } from 'urql';
import type { SourceQuery as Result } from './graphql/graphql';
import { Fact, List } from './JobDetail';
import { SourceQuery } from './queries';
import { moment } from './time';

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
  const events = (restoreEvents?.nodes ?? []).filter(e => e.created && Date.parse(e.created) <= end).slice(-few);
  return (
    <>
      {(backupSchedule?.nextSnapshot || restoreWindow) && (
        <List title={`Backups of ${cluster.name}`}>
          <Fact name="Next snapshot">{backupSchedule?.nextSnapshot && moment(new Date(backupSchedule.nextSnapshot))}</Fact>
          <Fact name="Any moment">{restoreWindow?.earliest && `since ${moment(new Date(restoreWindow.earliest))} (${restoreWindow.days} days)`}</Fact>
        </List>
      )}
      {events.length > 0 && (
        <List title={`Events of ${cluster.name} at that time`}>
          {events.map(e => (
            <Fact key={e.id} name={moment(new Date(e.created!))}>
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

const nameOf = (type: string | null | undefined) =>
  (type ?? 'unknown')
    .replace(/^(CPS|TENANT)_/, '')
    .replace(/_AUDIT$/, '')
    .toLowerCase()
    .replaceAll('_', ' ');

const actorOf = (e: Event) => (e.actor === 'ATLAS' ? 'by Atlas' : `by ${e.username ?? e.publicKey ?? `a ${e.actor.toLowerCase().replaceAll('_', ' ')}`}`);
