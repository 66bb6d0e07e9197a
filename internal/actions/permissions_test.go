package actions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
)

// ruleOf is one rule of a policy, for the caller ann.
type ruleOf struct {
	projects    []string
	permissions []string
	targets     string // as the policy has it; "" is none
}

func (r ruleOf) yaml() string {
	text := fmt.Sprintf("  - subject: { token: ann }\n    projects: [%s]\n    permissions: [%s]\n",
		strings.Join(r.projects, ", "), strings.Join(r.permissions, ", "))
	if r.targets != "" {
		text += "    targets: " + r.targets + "\n"
	}
	return text
}

func (r ruleOf) has(project, permission string) bool {
	return slices.Contains(r.projects, project) && slices.Contains(r.permissions, permission)
}

// reaches reports whether the rule lets a restore of source go into target.
func (r ruleOf) reaches(source, target string) bool {
	switch r.targets {
	case "":
		return source == target
	case "all":
		return true
	default:
		return strings.Contains(r.targets, target)
	}
}

func policyOf(t *testing.T, rules []ruleOf) *authz.PolicyFile {
	t.Helper()
	texts := []string{"rules:\n  - subject: { token: bob }\n    projects: all\n    permissions: [jobs:read]\n"}
	for _, r := range rules {
		texts = append(texts, r.yaml())
	}
	text := strings.Join(texts, "")
	p, err := authz.ParsePolicy("policy.yaml", []byte(text), authz.AuthMethods{
		Methods: []authz.Method{authz.Token}, Tokens: []string{"ann", "bob", "eve"},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return authz.StaticPolicy(p)
}

// What becomes of an action.
const (
	allowed   = "allowed"
	forbidden = "forbidden"
	hidden    = "hidden" // as a project that does not exist
)

// wantedOf says what a caller gets for an action, by a model of its own.
func wantedOf(caller string, rules []ruleOf, kind Kind, source, target string) string {
	reads := func(project string) bool {
		return caller == "bob" ||
			caller == "ann" && slices.ContainsFunc(rules, func(r ruleOf) bool { return r.has(project, "jobs:read") })
	}
	withTarget := kind == Restore || kind == Cancel
	switch {
	case !reads(source), kind == Restore && !reads(target):
		return hidden
	case caller != "ann":
		return forbidden
	}
	permission := map[Kind]string{
		Restore: "restores:create", Cancel: "restores:cancel", Download: "downloads:create", Snapshot: "snapshots:create",
	}[kind]
	if slices.ContainsFunc(rules, func(r ruleOf) bool {
		return r.has(source, permission) && (!withTarget || r.reaches(source, target))
	}) {
		return allowed
	}
	return forbidden
}

// try makes an action as far as the permissions decide it, and returns what became of it.
func (e *env) try(s *Service, caller string, kind Kind, source, target restore.ClusterKey, snapshots map[restore.ClusterKey]string,
	jobs map[[2]restore.ClusterKey]string) string {
	e.t.Helper()
	ctx := as(e.t.Context(), caller)
	var err error
	switch kind {
	case Restore:
		_, err = s.PlanRestore(ctx, RestoreInput{Source: source, SnapshotID: snapshots[source], Target: target})
	case Download:
		_, err = s.PlanDownload(ctx, restore.SnapshotKey{
			GroupID: source.GroupID, ClusterName: source.Name, SnapshotID: snapshots[source],
		})
	case Cancel:
		_, err = s.CancelRestore(ctx, restore.Key{
			GroupID: source.GroupID, ClusterName: source.Name, JobID: jobs[[2]restore.ClusterKey{source, target}],
		})
	case Snapshot:
		_, err = s.CreateSnapshot(ctx, SnapshotInput{Cluster: source, RetentionDays: 1, IdempotencyKey: caller + source.Name})
	}
	var refused *authz.Error
	switch {
	case errors.As(err, &refused) && refused.Kind == authz.Forbidden:
		return forbidden
	case atlas.CodeOf(err) == "GROUP_NOT_FOUND":
		return hidden
	case err != nil:
		e.t.Fatalf("%s %s %v %v: %v", caller, kind, source, target, err)
	}
	return allowed
}

// The matrix of callers, permissions, sources and targets: who may do what, and what becomes of the others.
func TestPermissions_ofEveryCallerSourceAndTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		clusters := []restore.ClusterKey{shipping, loyalty}
		snapshots := make(map[restore.ClusterKey]string)
		jobs := make(map[[2]restore.ClusterKey]string)
		admin := e.service()
		for _, source := range clusters {
			snapshots[source] = e.snapshotOf(source)
		}
		for _, source := range clusters {
			for _, target := range clusters {
				ctx := as(t.Context(), "admin")
				in := e.confirmed(ctx, admin, RestoreInput{Source: source, SnapshotID: snapshots[source], Target: target})
				in.IdempotencyKey = source.Name + target.Name
				job, err := admin.StartRestore(ctx, in)
				if err != nil {
					t.Fatal(err)
				}
				jobs[[2]restore.ClusterKey{source, target}] = job.JobID
				if _, err := admin.CancelRestore(ctx, job.Key); err != nil { // so that the next one can begin
					t.Fatal(err)
				}
			}
		}
		counts := make(map[string]int)
		for _, permissions := range [][]string{
			{"jobs:read"}, {"jobs:read", "restores:create"}, {"jobs:read", "restores:cancel"},
			{"jobs:read", "downloads:create"}, {"jobs:read", "snapshots:create"},
			{"jobs:read", "restores:create", "restores:cancel", "downloads:create", "snapshots:create"},
		} {
			hasTargets := slices.ContainsFunc(permissions, func(p string) bool { return strings.HasPrefix(p, "restores:") })
			for _, projects := range [][]string{{group}, {otherGroup}, {group, otherGroup}} {
				for _, targets := range []string{"", "all", "[" + group + "]", "[" + otherGroup + "]"} {
					for _, readsBoth := range []bool{false, true} {
						if targets != "" && !hasTargets {
							continue
						}
						rules := []ruleOf{{projects: projects, permissions: permissions, targets: targets}}
						if reads := (ruleOf{projects: []string{group, otherGroup}, permissions: []string{"jobs:read"}}); readsBoth &&
							len(permissions) > 1 && len(projects) == 1 {
							rules = append(rules, reads)
						}
						e.policy = policyOf(t, rules)
						s := e.service()
						for _, caller := range []string{"ann", "bob", "eve"} {
							for _, kind := range []Kind{Restore, Download, Cancel, Snapshot} {
								for _, source := range clusters {
									for _, target := range clusters {
										want := wantedOf(caller, rules, kind, source.GroupID, target.GroupID)
										if got := e.try(s, caller, kind, source, target, snapshots, jobs); got != want {
											t.Errorf("%s, %s of %s into %s: %s, want %s, with\n%v", caller, kind, source.Name, target.Name, got, want,
												rules)
										}
										counts[want]++
									}
								}
							}
						}
					}
				}
			}
		}
		for _, want := range []string{allowed, forbidden, hidden} {
			if counts[want] < 100 {
				t.Errorf("%d cases are %s", counts[want], want)
			}
		}
	})
}

// A start needs the permission again: it may have been taken away since the plan.
func TestStartRestore_needsThePermissionAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t)
		s, ctx := e.service(), as(t.Context(), "ann")
		in := e.confirmed(ctx, s, e.restoreOf(shipping, shipping))
		e.policy = policyOf(t, []ruleOf{{projects: []string{group}, permissions: []string{"jobs:read", "downloads:create"}}})
		_, err := e.service().StartRestore(ctx, in)
		if refused := (*authz.Error)(nil); !errors.As(err, &refused) || refused.Kind != authz.Forbidden || e.attempts() != 0 {
			t.Errorf("%d requests were sent, error %v", e.attempts(), err)
		}
	})
}
