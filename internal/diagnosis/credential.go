package diagnosis

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

const (
	// MaxProjects is of how many projects of a credential the rights are read.
	MaxProjects = 20
	// maxConcurrentProjects is of how many projects of a credential they are read at the same time.
	maxConcurrentProjects = 4
)

// Credential is a credential of Atlas. Its check has a finding about the credential, one for each project, and one
// about its budget; after a failure of the first there are no others.
type Credential struct {
	Name   string
	Client *atlas.Client
	// Projects and Organizations are those that the credential is for. Without any it is for the projects that it sees.
	Projects, Organizations []string
	// ForActions says that the credential changes something. Then its rights are not read.
	ForActions bool
	// Serverless says that the serverless API is used.
	Serverless bool
	// Advice returns what to do when Atlas does not accept the credential.
	Advice func(error) string
}

// Check makes the checks of the credential.
func (c *Credential) Check(ctx context.Context) []Finding {
	all := Single("atlas: "+c.Name, func(ctx context.Context) (string, error) {
		start := time.Now()
		if _, err := c.Client.GetSystemStatus(ctx); err != nil {
			return "", err
		}
		return fmt.Sprintf("%s accepts it, in %s", c.Client.BaseURL(), time.Since(start).Round(time.Millisecond)), nil
	}, c.Advice)(ctx)
	if !all[0].OK {
		return all
	}
	limits := c.readRateLimits(ctx)
	projects, notes := c.projects(ctx)
	all = append(all, notes...)
	if !c.ForActions {
		all = append(all, inOrder(maxConcurrentProjects, projects, func(groupID string) []Finding {
			return []Finding{c.rightsIn(ctx, groupID)}
		})...)
	}
	return append(all, c.budget(limits))
}

// projects returns the projects whose rights are read, and findings about them all. It lists the projects that the
// credential sees, by one call, where that is needed.
func (c *Credential) projects(ctx context.Context) (ids []string, notes []Finding) {
	check, more := "projects: "+c.Name, ""
	ids = slices.Clone(c.Projects)
	if c.ForActions || len(c.Organizations) > 0 || len(ids) == 0 {
		ctx, cancel := context.WithTimeout(ctx, Timeout)
		defer cancel()
		page, err := atlas.Projects.List(ctx, c.Client, atlas.ListOptions{ItemsPerPage: atlas.MaxItemsPerPage})
		if err != nil {
			return nil, []Finding{found(check, Failed, "its projects cannot be listed: "+err.Error(), adviceOf(err))}
		}
		if page.HasNext() || page.MayHaveNext() {
			more = " or more"
		}
		if c.ForActions {
			return nil, []Finding{c.actions(page, more != "")}
		}
		for _, p := range page.Results {
			ofOrganization := p.OrgID != nil && slices.Contains(c.Organizations, *p.OrgID)
			if (ofOrganization || len(c.Organizations) == 0) && !slices.Contains(ids, p.ID) {
				ids = append(ids, p.ID)
			}
		}
		if len(ids) == 0 {
			return nil, []Finding{found(check, Failed, "it sees no project that it is for",
				"give it a role in the projects, or check the organizations in its entry")}
		}
	}
	if len(ids) <= MaxProjects && more == "" {
		return ids, nil
	}
	first := ids[:min(MaxProjects, len(ids))]
	detail := fmt.Sprintf("it is for %d%s projects; the rights in the first %d follow", len(ids), more, len(first))
	return first, []Finding{found(check, OK, detail, "")}
}

// actions returns the finding of a credential that changes something: which of its projects it sees. What it may change
// there is known from a change alone, and none is made.
func (c *Credential) actions(page *atlas.Page[atlas.Project], more bool) Finding {
	const unread = "whether it has the roles for actions cannot be told by reading: Atlas says so at the first action, " +
		"as UPSTREAM_FORBIDDEN with requiredRoles"
	var unseen []string
	for _, id := range c.Projects {
		if !slices.ContainsFunc(page.Results, func(p atlas.Project) bool { return p.ID == id }) {
			unseen = append(unseen, id)
		}
	}
	check := "projects: " + c.Name
	switch {
	case len(unseen) > 0 && !more:
		return found(check, Failed, "it does not see "+list(unseen[:min(len(unseen), MaxProjects)])+"; "+unread,
			"give it the roles of docs/actions.md in these projects")
	case len(page.Results) == 0:
		return found(check, Failed, "it sees no project", "give it the roles of docs/actions.md in the projects")
	default:
		seen := fmt.Sprintf("it sees %d projects", len(page.Results))
		if len(page.Results) == 1 {
			seen = "it sees one project"
		}
		if len(c.Projects) > 0 {
			seen = "it sees the projects that it is for"
		}
		return found(check, OK, seen+"; "+unread, "")
	}
}

// readRateLimits has the client know the rate limits of Atlas, and returns what of them is known.
func (c *Credential) readRateLimits(ctx context.Context) (what string) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	n, err := c.Client.SeedRateLimits(ctx)
	switch {
	case err == nil && n > 0:
		return "the limits are those that Atlas states"
	case outcomeOf(err) == Denied:
		return "it may not read the limits, so that those that Atlas documents are taken"
	default:
		return "the limits are those that Atlas documents"
	}
}

// adviceOf says what to do after a call that failed.
func adviceOf(err error) string {
	var e *atlas.Error
	switch {
	case !errors.As(err, &e):
		return "see the error"
	case e.Kind == atlas.KindBudget || e.Status == http.StatusTooManyRequests:
		return "wait a minute, in which Atlas allows more calls, and find what else uses them"
	case outcomeOf(err) == Denied:
		return "give it a role in its projects, and put the address of this machine on its access list"
	case e.Kind == atlas.KindTimeout || e.Kind == atlas.KindUnavailable:
		return "make the check again; see the status page of Atlas, and the network between"
	default:
		return "make the check again; see the status page of Atlas"
	}
}
