package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/replica"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/telemetry"
	"atlas-restore-gateway/internal/upstream"
)

// actors is what mutations act with: credentials of their own, and what they remember. It is nil without --actions.
type actors struct {
	config gateway.Actions
	logger *slog.Logger

	single *upstream.Upstream        // in demo mode
	file   *upstream.FileCredentials // else
	path   string                    // of the file
	stop   func()                    // stops listening to other replicas; nil where there are none
}

// newActors returns what mutations act with. Close must be called.
func newActors(cfg *config.Config, target *target, getenv func(string) string, reads upstreams,
	replicas *replica.Redis, metrics *telemetry.Metrics, logger *slog.Logger) (*actors, error) {
	if !cfg.Actions.Actions {
		return nil, nil //nolint:nilnil // documented
	}
	a := &actors{logger: logger, path: cfg.ActionsCredentials}
	build := func(credential atlas.Credential, baseURL string) (upstream.Upstream, error) {
		if baseURL == "" {
			baseURL = target.baseURL
		}
		return newUpstream(cfg, credential, baseURL, replicas, metrics, logger, atlas.WithActions())
	}
	if cfg.Demo {
		one, err := build(target.actions, "")
		if err != nil {
			return nil, err
		}
		a.single = &one
	} else {
		file, err := upstream.LoadFile(cfg.ActionsCredentials, getenv, build)
		if err != nil {
			return nil, err
		}
		a.file = file
	}
	a.config = gateway.Actions{Choose: a.choose, Ledger: &actions.MemoryLedger{}}
	services := func(f func(*restore.Service)) {
		for _, u := range reads.Upstreams() {
			f(u.Service)
		}
	}
	forget := func(cluster restore.ClusterKey) { services(func(s *restore.Service) { s.Forget(cluster) }) }
	a.config.Forget = func(_ context.Context, cluster restore.ClusterKey) { forget(cluster) }
	a.config.Switch = &actions.Switch{File: cfg.ActionsStopFile, Ledger: a.config.Ledger}
	if replicas != nil {
		a.share(replicas, forget, func() { services((*restore.Service).ForgetAll) })
	}
	return a, nil
}

// noticeForget is the kind of the messages between replicas that a cluster was changed.
const noticeForget = "forget"

// share has all replicas remember actions, stop them together, and forget what was changed.
func (a *actors) share(replicas *replica.Redis, forget func(restore.ClusterKey), forgetAll func()) {
	a.config.Ledger = replicas.Ledger()
	forgets := replicas.Notices(noticeForget)
	a.config.Forget = func(ctx context.Context, cluster restore.ClusterKey) {
		forget(cluster)
		forgets.Send(ctx, cluster.GroupID+" "+cluster.Name)
	}
	a.config.Switch.Ledger = a.config.Ledger
	a.stop = forgets.Listen(func(text string) {
		if groupID, name, ok := strings.Cut(text, " "); ok {
			forget(restore.ClusterKey{GroupID: groupID, Name: name})
		}
	}, forgetAll)
}

// choose returns what changes something in a project.
func (a *actors) choose(ctx context.Context, groupID string) (*restore.Actions, func(), error) {
	if a.single != nil {
		return restore.NewActions(a.single.Client, a.logger), func() {}, nil
	}
	client, release, err := a.file.Client(ctx, groupID)
	if err != nil {
		return nil, nil, err
	}
	return restore.NewActions(client, a.logger), release, nil
}

// gateway returns what the gateway makes actions with; nil without --actions.
func (a *actors) gateway() *gateway.Actions {
	if a == nil {
		return nil
	}
	return &a.config
}

// Checks returns the checks of the credentials.
func (a *actors) Checks() (all []credentialCheck) {
	if a == nil || a.file == nil {
		return nil
	}
	all = checksOf(a.file, a.path)
	for i := range all {
		all[i].name += ", for actions"
	}
	return all
}

// Sources returns what can be reloaded.
func (a *actors) Sources() []reload.Source {
	if a == nil || a.file == nil {
		return nil
	}
	return []reload.Source{a.file}
}

// Close closes the clients. Actions must have ended.
func (a *actors) Close() {
	if a == nil {
		return
	}
	if a.stop != nil {
		a.stop()
	}
	if a.single != nil {
		a.single.Service.Close()
		a.single.Client.Close()
	}
	if a.file != nil {
		a.file.Close()
	}
}

// switchState is the answer of the admin listener.
type switchState struct {
	Stopped bool   `json:"stopped"`
	Reason  string `json:"reason"`
}

// handler answers GET /actions, POST /actions/stop and, from this machine alone, POST /actions/resume; nil without
// --actions.
func (a *actors) handler() http.Handler {
	if a == nil {
		return nil
	}
	routes := http.NewServeMux()
	state := func(w http.ResponseWriter, r *http.Request) {
		why := a.config.Switch.State(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(switchState{why != "", why}); err != nil {
			a.logger.LogAttrs(r.Context(), slog.LevelDebug, "the client left", slog.String("error", err.Error()))
		}
	}
	routes.HandleFunc("GET /actions", state)
	routes.HandleFunc("POST /actions/stop", func(w http.ResponseWriter, r *http.Request) {
		err := a.config.Switch.Stop(r.Context())
		a.logger.LogAttrs(r.Context(), slog.LevelWarn, "actions were stopped by the admin listener",
			slog.String("remote", r.RemoteAddr))
		if err != nil {
			http.Error(w, "what the replicas share cannot be reached, so that no action is made now; stop them again when it is "+
				"back, or create the file of --actions-stop-file", http.StatusBadGateway)
			return
		}
		state(w, r)
	})
	routes.HandleFunc("POST /actions/resume", func(w http.ResponseWriter, r *http.Request) {
		if authn.CheckLocal(r) != nil {
			http.Error(w, "actions are resumed from the gateway's own machine, at a loopback address", http.StatusForbidden)
			return
		}
		if err := a.config.Switch.Resume(r.Context()); err != nil {
			http.Error(w, "actions stay stopped: what the replicas share cannot be reached", http.StatusBadGateway)
			return
		}
		a.logger.LogAttrs(r.Context(), slog.LevelWarn, "actions were resumed by the admin listener")
		state(w, r)
	})
	return http.NewCrossOriginProtection().Handler(routes)
}
