import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import type { Tags } from './find';
import { TagsQuery } from './queries';

/** Reads the tags of the clusters of the projects, once each, when they are wanted. */
export function useTags(groupIds: string[], isWanted: boolean): Tags {
  const client = useClient();
  const [tags, setTags] = useState<Tags>(new Map());
  const [read] = useState(() => new Set<string>());
  const names = groupIds.join();
  useEffect(() => {
    for (const groupId of isWanted && names ? names.split(',') : []) {
      if (read.has(groupId)) {
        continue;
      }
      read.add(groupId);
      void client
        .query(TagsQuery, { groupId })
        .toPromise()
        .then(({ data }) => {
          const clusters = data?.project?.clusters?.nodes;
          if (!clusters) {
            read.delete(groupId); // a later visit of the filter asks again
            return;
          }
          setTags(
            known =>
              new Map([
                ...known,
                ...clusters.map(({ name, tags }) => [`${groupId}/${name}`, new Set(tags?.map(({ key, value }) => `${key}:${value ?? ''}`))] as const),
              ]),
          );
        });
    }
  }, [client, names, isWanted, read]);
  return tags;
}
