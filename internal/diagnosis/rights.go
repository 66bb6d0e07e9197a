package diagnosis

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/atlas"
)

// Right says whether a credential may read something of a project.
type Right struct {
	What    string  `json:"what"`
	Outcome Outcome `json:"outcome"`
	// Roles are those of which the credential needs one, where it is Denied.
	Roles []string `json:"roles,omitempty"`

	required bool
	err      error
}

// Outcome says what a read has proven.
type Outcome string

// The outcomes of a read.
const (
	Allowed Outcome = "allowed"
	Denied  Outcome = "denied"
	// Absent says that the project has nothing that could be read.
	Absent Outcome = "absent"
	// Unknown says that the read failed for another cause than a missing role.
	Unknown Outcome = "unknown"
)

// The names of what is read. They are stable, because they are a part of the JSON.
const (
	clusters          = "clusters"
	dedicatedJobs     = "Dedicated restore jobs"
	collectionJobs    = "collection restore jobs"
	snapshots         = "snapshots"
	backupSchedule    = "backup schedules"
	flexClusters      = "Flex clusters"
	flexJobs          = "Flex restore jobs"
	serverless        = "serverless instances"
	serverlessJobs    = "serverless restore jobs"
	compliancePolicy  = "the backup compliance policy"
	clustersOfAPage   = 20 // of which one is looked for that has backups
	codeNoBackups     = "BACKUP_CONFIG_NOT_FOUND"
	typeOfReplicaSets = "REPLICASET"
)

// rightsIn reads a little of everything in a project: at most ten calls, one after another.
func (c *Credential) rightsIn(ctx context.Context, groupID string) Finding {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	r := &reader{ctx: ctx, client: c.Client, groupID: groupID}
	page := attempt(r, clusters, true, atlas.Clusters, clustersOfAPage)
	if first := r.rights[0]; first.Outcome != Allowed {
		return c.unread(groupID, first)
	}
	if name := dedicated(page.Results); name != "" {
		attempt(r, dedicatedJobs, true, atlas.DedicatedRestoreJobs, 1, name)
		attempt(r, collectionJobs, false, atlas.CollectionRestoreJobs, 1, name)
		attempt(r, snapshots, false, atlas.DedicatedSnapshots, 1, name)
		_, err := c.Client.GetBackupSchedule(ctx, groupID, name)
		if atlas.CodeOf(err) == codeNoBackups {
			err = nil // the role was there
		}
		r.add(backupSchedule, false, err)
	} else {
		r.rights = append(r.rights, Right{What: dedicatedJobs, Outcome: Absent})
	}
	if page := attempt(r, flexClusters, true, atlas.FlexClusters, 1); page != nil {
		if len(page.Results) > 0 && page.Results[0].Name != nil {
			attempt(r, flexJobs, true, atlas.FlexRestoreJobs, 1, *page.Results[0].Name)
		} else {
			r.rights = append(r.rights, Right{What: flexJobs, Outcome: Absent})
		}
	}
	if c.Serverless {
		page := attempt(r, serverless, false, atlas.ServerlessInstances, 1)
		switch last := &r.rights[len(r.rights)-1]; {
		case page != nil && len(page.Results) > 0 && page.Results[0].Name != nil:
			attempt(r, serverlessJobs, false, atlas.ServerlessRestoreJobs, 1, *page.Results[0].Name)
		case last.Outcome == Allowed:
			last.Outcome = Absent
		}
	}
	_, err := c.Client.GetBackupCompliancePolicy(ctx, groupID)
	r.add(compliancePolicy, false, err)
	return c.finding(groupID, r.rights)
}

// reader reads of one project, and collects the rights.
type reader struct {
	ctx     context.Context //nolint:containedctx // that of one check
	client  *atlas.Client
	groupID string
	rights  []Right
}

func (r *reader) add(what string, required bool, err error) {
	right := Right{What: what, Outcome: outcomeOf(err), required: required, err: err}
	if e := atlas.AnswerOf(err); right.Outcome == Denied && e != nil {
		right.Roles = e.RequiredRoles
	}
	r.rights = append(r.rights, right)
}

// attempt reads a page of a list, of n items; names are those of the path after the project. It returns nil where it
// cannot be read.
func attempt[T atlas.AnyResource](
	r *reader, what string, required bool, resource atlas.Resource[T], n int, names ...string,
) *atlas.Page[T] {
	args := append([]string{r.groupID}, names...)
	page, err := resource.List(r.ctx, r.client, atlas.ListOptions{ItemsPerPage: n}, args...)
	r.add(what, required, err)
	if err != nil {
		return nil
	}
	return page
}

// outcomeOf returns what the error of a read says.
func outcomeOf(err error) Outcome {
	e := atlas.AnswerOf(err)
	switch {
	case err == nil:
		return Allowed
	case e == nil:
		return Unknown
	case e.Status == http.StatusForbidden, e.Status == http.StatusUnauthorized:
		return Denied
	case e.Status == http.StatusNotFound, e.Status == http.StatusGone:
		return Absent
	default:
		return Unknown
	}
}

// dedicated returns the name of a Dedicated cluster, of one that is a replica set and has backups if there is one; ""
// where there is none.
func dedicated(all []atlas.Cluster) (name string) {
	for i := range all {
		k := &all[i]
		if k.Name == nil || k.Free() || k.Flex() {
			continue
		}
		if name == "" {
			name = *k.Name
		}
		if k.BackupEnabled != nil && *k.BackupEnabled && k.ClusterType != nil && *k.ClusterType == typeOfReplicaSets {
			return *k.Name
		}
	}
	return name
}

func (c *Credential) checkOf(groupID string) string { return "rights: " + c.Name + ", " + groupID }

// unread returns the finding of a project whose clusters cannot be read.
func (c *Credential) unread(groupID string, first Right) Finding {
	f := found(c.checkOf(groupID), Failed, "the project cannot be read: "+first.err.Error(), adviceOf(first.err))
	switch first.Outcome {
	case Denied:
		f.Detail, f.Advice = "may not read the project", "give it the role "+roles(first.Roles)+" in the project"
	case Absent:
		f.Detail, f.Advice = "there is no such project", "check the project in the entry of the credential"
	case Allowed, Unknown:
	}
	f.Rights = []Right{first}
	return f
}

// finding sums up the rights in a project.
func (c *Credential) finding(groupID string, rights []Right) Finding {
	var reads, lacks, unknown, absent, needed, wanted []string
	var err error
	result := OK
	for _, r := range rights {
		switch r.Outcome {
		case Allowed:
			reads = append(reads, r.What)
		case Absent:
			absent = append(absent, absence(r.What))
		case Denied:
			lacks = append(lacks, r.What+" ("+roles(r.Roles)+")")
			if role := roles(r.Roles); r.required {
				needed = appendNew(needed, role)
			} else {
				wanted = appendNew(wanted, role)
			}
		case Unknown:
			unknown = append(unknown, r.What)
			if err == nil {
				err = r.err
			}
		}
	}
	parts := []string{"reads " + list(reads)}
	var advice []string
	if len(absent) > 0 {
		parts = append(parts, "has no "+join(absent, "or"))
	}
	if len(lacks) > 0 {
		parts = append(parts, "may not read "+join(lacks, "or"))
		result = Warning
	}
	if len(unknown) > 0 {
		parts = append(parts, "could not be checked: "+list(unknown)+" ("+err.Error()+")")
		advice = append(advice, adviceOf(err))
		result = Warning
	}
	switch {
	case len(needed) > 0:
		result = Failed
		text := "give it the role " + list(needed) + " in the project: callers get no restore jobs without it"
		advice = append([]string{text}, advice...)
	case len(wanted) > 0:
		text := "needed only if callers read this: the role " + list(wanted) + " in the project"
		advice = append([]string{text}, advice...)
	}
	f := found(c.checkOf(groupID), result, strings.Join(parts, "; "), strings.Join(advice, "; "))
	f.Rights = rights
	return f
}

// absence names what a project has none of.
func absence(what string) string {
	switch what {
	case dedicatedJobs:
		return "Dedicated cluster"
	case flexJobs:
		return "Flex cluster"
	case serverless:
		return "serverless instance"
	default:
		return what
	}
}

func roles(names []string) string {
	if len(names) == 0 {
		return "that Atlas asks for"
	}
	return strings.Join(names, " or ")
}

func appendNew(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}
