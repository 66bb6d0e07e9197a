package atlassim

import "time"

// Role is what a credential may do in each project that it may read. Each may do what the ones before it may (inferred
// of ProjectBackupManager).
type Role int

// The roles that matter to restore jobs.
const (
	// ProjectReadOnly may read projects, clusters, snapshots, the system status, and the restore jobs of Flex clusters;
	// those of the other tiers are 403 for it.
	ProjectReadOnly Role = iota
	// ProjectBackupManager may read the restore jobs of Dedicated clusters, too.
	ProjectBackupManager
	// ProjectOwner may do everything.
	ProjectOwner
)

// atlasName returns the role as Atlas spells it in API key descriptions.
func (r Role) atlasName() string {
	return [...]string{"GROUP_READ_ONLY", "GROUP_BACKUP_MANAGER", "GROUP_OWNER"}[r]
}

// Operator is what a credential may change in each project that it may read, beside its Role. Several are one value,
// joined by |.
type Operator int

// The roles that start something.
const (
	// BackupRecoveryOperator may start and cancel restores.
	BackupRecoveryOperator Operator = 1 << iota
	// BackupExportOperator may start downloads.
	BackupExportOperator
	// BackupCreator may take snapshots.
	BackupCreator
)

// Option is an option of [New].
type Option func(*Simulator)

// WithClock sets the clock that jobs, snapshots, nonces, tokens, rate limits and the Date header follow. The default
// is [time.Now]. It is called concurrently.
func WithClock(now func() time.Time) Option {
	return func(s *Simulator) { s.now = now }
}

// WithAPIKey adds an API key, which authenticates by HTTP Digest. It can be given many times; the same public key
// again replaces the former. With projects it may read only those.
func WithAPIKey(publicKey, privateKey string, role Role, groupIDs ...string) Option {
	return func(s *Simulator) {
		s.keys[publicKey] = &account{
			name:     publicKey,
			role:     role,
			projects: groupIDs,
			ha1:      md5Hex(publicKey + ":" + realm + ":" + privateKey),
		}
	}
}

// WithOperator adds an API key as WithAPIKey does, which may read as ProjectReadOnly may, and change what operators say.
func WithOperator(publicKey, privateKey string, operators Operator, groupIDs ...string) Option {
	add := WithAPIKey(publicKey, privateKey, ProjectReadOnly, groupIDs...)
	return func(s *Simulator) {
		add(s)
		s.keys[publicKey].granted = operators
	}
}

// WithServiceAccount adds a service account, which exchanges its secret for a Bearer token. It can be given many
// times; the same client id again replaces the former. With projects it may read only those.
func WithServiceAccount(clientID, clientSecret string, role Role, groupIDs ...string) Option {
	return func(s *Simulator) {
		s.serviceAccount[clientID] = &account{
			name:             clientID,
			role:             role,
			projects:         groupIDs,
			secret:           clientSecret,
			isServiceAccount: true,
		}
	}
}

// WithOrganization moves projects into an organization of their own. The projects of the seed are all in one.
func WithOrganization(orgID string, groupIDs ...string) Option {
	return func(s *Simulator) {
		for _, id := range groupIDs {
			s.organizations[id] = orgID
		}
	}
}

// WithNonceLifetime sets how long a digest nonce may be used. After it Atlas answers 401 with stale=true and a new
// nonce. The default is 5 minutes (inferred: Atlas does not say).
func WithNonceLifetime(d time.Duration) Option {
	return func(s *Simulator) { s.nonces.lifetime = d }
}

// WithTokenLifetime sets how long an OAuth token is valid. The default is 1 hour, as Atlas documents. What the token
// endpoint announces is in whole seconds, rounded down.
func WithTokenLifetime(d time.Duration) Option {
	return func(s *Simulator) { s.tokens.lifetime = d }
}

// WithRateLimit sets the token buckets of the backup endpoints: their capacity, and how many tokens come back each
// minute. Each project has one for serverless and Dedicated backups and one for Flex backups. The defaults are 1200
// and 500. With a capacity below 1 every request is rejected.
func WithRateLimit(capacity, refillPerMinute int) Option {
	return func(s *Simulator) {
		for _, set := range []*endpointSet{&s.backup, &s.flex} {
			set.capacity = max(capacity, 0)
			set.refill = max(refillPerMinute, 0)
		}
	}
}

// WithoutSeed leaves out the projects of the seed.
func WithoutSeed() Option {
	return func(s *Simulator) { s.noSeed = true }
}

// WithJobs adds a Dedicated cluster named [BulkClusterName] to [SeedGroupID], with n finished jobs, at most 50 000:
// one for each minute of 2025 from its first, in every run the same. With [WithoutSeed] there is nothing else.
func WithJobs(n int) Option {
	return func(s *Simulator) { s.bulk = min(n, maxBulk) }
}

// WithProjects adds n projects, at most 1000, of an organization of their own, ManyOrganizationID: each has a Flex and a
// Dedicated cluster with two finished jobs each.
func WithProjects(n int) Option {
	return func(s *Simulator) { s.many = min(n, maxMany) }
}

// WithRecentJobs adds the jobs of a demo: a month of restore jobs up to now in every cluster that has backups, and the
// project [DemoGroupID], one of whose clusters cannot be read. With [WithoutSeed] there is only that project.
func WithRecentJobs() Option {
	return func(s *Simulator) { s.recent = true }
}
