package restore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// CollectionRestore is what only collection restores have. A nil field is one that Atlas left out.
type CollectionRestore struct {
	// AtlasCreatedAt is when the job was made, as Atlas says.
	AtlasCreatedAt                   *time.Time
	ErrorMessage                     *string
	IndexStatus                      *atlas.CollectionRestoreJobIndexStatus
	IndexStrategy, WriteStrategy     *string
	CollectionSuffix, DatabaseSuffix *string
	// Collections and Databases are what was asked for.
	Collections, Databases            []atlas.RestoreNamespace
	RestoredDocuments, TotalDocuments *int64
}

// fromCollection makes a Job of an answer of the API of collection restores. Atlas names neither project nor cluster in
// it: they are those of the request.
func (s *Service) fromCollection(cluster ClusterKey, j *atlas.CollectionRestoreJob) *Job {
	return &Job{
		Key:                   Key{cluster.GroupID, cluster.Name, j.ID},
		ServedBy:              Collection,
		State:                 s.collectionState(j.State),
		FinishedAt:            j.FinishedAt,
		Links:                 j.Links,
		OplogInc:              j.OplogInc,
		OplogTs:               j.OplogTs,
		PointInTimeUTCSeconds: j.PointInTimeUtcSeconds,
		SnapshotID:            j.SnapshotID,
		TargetClusterName:     j.TargetClusterName,
		TargetGroupID:         j.TargetGroupID,
		Collections: &CollectionRestore{
			AtlasCreatedAt: j.CreatedAt, ErrorMessage: j.ErrorMessage, IndexStatus: j.IndexStatus,
			IndexStrategy: j.IndexStrategy, WriteStrategy: j.WriteStrategy,
			CollectionSuffix: j.CollectionSuffix, DatabaseSuffix: j.DatabaseSuffix,
			Collections: j.Collections, Databases: j.Databases,
			RestoredDocuments: j.RestoredDocuments, TotalDocuments: j.TotalDocuments,
		},
		readAt: time.Now(),
	}
}

var collectionStates = map[string]State{
	"INITIALIZING": Pending, "IN_PROGRESS": Running, "FINALIZING": Running, "SUCCESSFUL": Succeeded, "FAILED": Failed,
	"CANCELED": Cancelled,
}

// collectionState returns the state of a collection restore. Atlas's sources spell partial success in several ways.
func (s *Service) collectionState(name *string) State {
	if name == nil {
		return StateUnknown
	}
	if strings.HasPrefix(*name, "PARTIAL") {
		return PartiallySucceeded
	}
	state, ok := collectionStates[*name]
	if !ok {
		s.unknown.report("state", *name)
	}
	return state
}

// jobsOfBothAPIs reads the jobs of a Dedicated cluster from its two APIs. A failure of that of collection restores is
// one of Failures: the other jobs are there all the same.
func (s *Service) jobsOfBothAPIs(ctx context.Context, q JobQuery) (*Jobs, error) {
	var jobs, collections *Jobs
	var err, collectionsErr error
	readJobs := func() { jobs, err = s.clusterJobs(ctx, Dedicated, q) }
	readCollections := func() {
		q := q
		q.After.Index = 0 // it is one of the other list
		collections, collectionsErr = s.clusterJobs(ctx, Collection, q)
	}
	if s.tiers.tier(q.Cluster) == Dedicated {
		concurrently(2, 2, func(i int) {
			if i == 0 {
				readJobs()
			} else {
				readCollections()
			}
		})
	} else if readJobs(); err == nil {
		// The cluster may have been one of another tier.
		readCollections()
	}
	switch {
	case err != nil:
		return nil, err
	case collectionsErr == nil:
		return mergeJobs(jobs, collections, q), nil
	case classify(Collection, collectionsErr) != outcomeNotHere:
		jobs.Failures = append(jobs.Failures, collectionsErr)
	}
	return jobs, nil
}

// mergeJobs makes one list of those of two APIs, newest first. The cursor of a collection restore has the index of the
// job before it on the other list, because that is where the next page is looked for.
func mergeJobs(jobs, collections *Jobs, q JobQuery) *Jobs {
	out := &Jobs{
		End: q.After, Failures: append(jobs.Failures, collections.Failures...), CountErr: jobs.CountErr,
		HasNext: jobs.HasNext || collections.HasNext || len(jobs.Jobs)+len(collections.Jobs) > q.First,
	}
	if total := jobs.EstimatedTotal; total != nil && !collections.HasNext && q.After.JobID == "" {
		// Atlas counts no collection restores, but these are all.
		out.EstimatedTotal = new(*total + int64(len(collections.Jobs)))
	}
	for a, b := 0, 0; len(out.Jobs) < q.First && a+b < len(jobs.Jobs)+len(collections.Jobs); {
		if b == len(collections.Jobs) || a < len(jobs.Jobs) && jobs.Jobs[a].JobID > collections.Jobs[b].JobID {
			out.add(&listedJob{jobs.Jobs[a], jobs.Cursors[a].Index})
			a++
		} else {
			out.add(&listedJob{collections.Jobs[b], out.End.Index})
			b++
		}
	}
	return out
}

// withCollections returns the answer of the Dedicated API for a job or, where that says that it does not have the job,
// the collection restore with the id.
func (s *Service) withCollections(ctx context.Context, key Key, job *Job, err error) (*Job, error) {
	if !s.mayBeCollection(key.Cluster(), err) {
		return job, err
	}
	found := s.findCollections(ctx, key.Cluster(), []string{key.JobID})[key.JobID]
	if found.Job == nil && found.Err == nil {
		return nil, err
	}
	return found.Job, found.Err
}

// mayBeCollection reports whether the error of the Dedicated API for a job leaves it open that there is a collection
// restore with the id.
func (s *Service) mayBeCollection(cluster ClusterKey, err error) bool {
	if err == nil || !isMissing(err) || !s.tiers.mayHaveCollections(cluster) {
		return false
	}
	outcome := classify(Dedicated, err)
	return outcome == outcomeFound || outcome == outcomeUnclear
}

// addCollections replaces the results of a batch that are missing in the Dedicated API by collection restores. Err is
// the answer of the Dedicated API for all of the ids, or nil.
func (s *Service) addCollections(
	ctx context.Context, cluster ClusterKey, ids []string, results map[string]JobResult, err error,
) (map[string]JobResult, error) {
	var missing []string
	for _, id := range ids {
		if s.mayBeCollection(cluster, cmp.Or(err, results[id].Err)) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return results, err
	}
	found := s.findCollections(ctx, cluster, missing)
	if err == nil {
		maps.Copy(results, found)
		return results, nil
	}
	for _, result := range found {
		if result.Err != nil {
			return nil, result.Err
		}
	}
	if len(found) == 0 {
		return nil, err // the search for the API that has the cluster goes on
	}
	for _, id := range ids {
		if found[id].Job == nil {
			found[id] = JobResult{Err: err}
		}
	}
	return found, nil
}

// findCollections reads the collection restores with these ids, and leaves those out that do not exist. It reads the
// newest page of the list, which is cached and in most clusters the only one: so jobs that do not exist in either API
// cost one call for all of them.
func (s *Service) findCollections(ctx context.Context, cluster ClusterKey, ids []string) map[string]JobResult {
	results := make(map[string]JobResult, len(ids))
	left := slices.Clone(ids)
	p, err := s.listJobs(ctx, Collection, cluster, newestPages[0])
	if err == nil {
		left = takeFound(results, p, left)
		if !p.more && p.unidentified == nil && !slices.ContainsFunc(p.items, func(j *Job) bool { return j.Err != nil }) {
			return results
		}
	}
	if err == nil || isMalformed(err) {
		// The others can be read by themselves.
		var others map[string]JobResult
		if others, err = s.batchedJobs(ctx, Collection, cluster, left); err == nil {
			maps.Copy(results, others)
		}
	}
	for _, id := range left {
		result := results[id]
		result.Err = cmp.Or(result.Err, err)
		if results[id] = result; result.Err != nil && isMissing(result.Err) {
			delete(results, id)
		}
	}
	return results
}

// RestoredCollections reads collections of one collection restore, in Atlas's order: one call, or two. Atlas does not
// count them.
func (s *Service) RestoredCollections(ctx context.Context, q SliceQuery) (*Slice[*atlas.RestoredCollection], error) {
	q.Count = false
	return readSlice(ctx, q, func(ctx context.Context, o atlas.ListOptions) (*page[*atlas.RestoredCollection], error) {
		key := pageKey(Collection, q.Cluster, o)
		key.id = q.JobID
		return restoredCollections.cachedList(ctx, s, s.cache.restoredCollectionPages, key,
			q.Cluster.GroupID, q.Cluster.Name, q.JobID)
	})
}
