package app

import (
	"net/http"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/web/dashboard"
	"atlas-restore-gateway/internal/web/playground"
)

// pages are the handlers of the pages for people; nil where a page is not served.
type pages struct{ playground, dashboard http.Handler }

func newPages(cfg *config.Config, target *target) (p pages, err error) {
	demo := target.mode == gateway.ModeDemo
	if cfg.Playground.IsOn(demo) {
		p.playground, err = playground.New(playground.Config{
			Mode: string(target.mode), Jobs: playgroundJobs(target.examples), Dashboard: demo,
		})
		if err != nil {
			return pages{}, err
		}
	}
	if demo {
		p.dashboard, err = dashboard.New()
	}
	return p, err
}

// playgroundJobs returns the jobs of the demo that the examples of the playground ask for.
func playgroundJobs(examples []atlassim.Example) playground.Jobs {
	job := func(label string) playground.Job {
		for _, e := range examples {
			if e.Label == label {
				return playground.Job{GroupID: e.GroupID, ClusterName: e.ClusterName, RestoreJobID: e.RestoreJobID}
			}
		}
		return playground.Job{}
	}
	return playground.Jobs{Serverless: job("succeeded"), Migrated: job("migratedToDedicated")}
}
