package app

import (
	"net/http"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/web/dashboard"
	"atlas-restore-gateway/internal/web/playground"
)

// pages are what the gateway shows to people; nil where it does not.
type pages struct{ playground, dashboard http.Handler }

func newPages(cfg *config.Config, up backend) (pages, error) {
	var out pages
	if cfg.Playground == config.On || cfg.Playground == config.Auto && cfg.Demo {
		page, err := playground.New(playground.Config{
			Mode:      string(up.mode),
			Jobs:      playgroundJobs(up.examples),
			Dashboard: up.mode == gateway.ModeDemo,
		})
		if err != nil {
			return pages{}, err
		}
		out.playground = page
	}
	if up.mode == gateway.ModeDemo {
		page, err := dashboard.New()
		if err != nil {
			return pages{}, err
		}
		out.dashboard = page
	}
	return out, nil
}

// playgroundJobs are the jobs of the demo that the playground's examples ask for.
func playgroundJobs(examples []example) playground.Jobs {
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
