package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/icholy/digest"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/graph/model"
)

const accept = "application/vnd.atlas.2023-01-01+json"

func authorized(next http.RoundTripper) http.RoundTripper {
	return &digest.Transport{Username: publicKey, Password: privateKey, Transport: next}
}

// runProxy is a reverse proxy that adds the credential and nothing else.
func runProxy(ctx context.Context, target string) error {
	to, err := url.Parse(target)
	if err != nil {
		return err
	}
	return serve(ctx, &httputil.ReverseProxy{
		Transport: authorized(&http.Transport{MaxIdleConnsPerHost: 1024}),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			if !strings.Contains(r.In.Header.Get("Accept"), "vnd.atlas") {
				r.Out.Header.Set("Accept", accept)
			}
		},
	}, "")
}

// runFacade is a facade of the simplest kind with the same schema:
// gqlgen, one get for each field, the default transport, nothing kept.
func runFacade(ctx context.Context, target string) error {
	srv := handler.New(generated.NewExecutableSchema(generated.Config{Resolvers: facade{
		query: facadeQuery{base: target, client: &http.Client{Transport: authorized(http.DefaultTransport)}},
	}}))
	srv.AddTransport(transport.POST{})
	srv.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	return serve(ctx, srv, "/graphql")
}

// facade answers one field; the others are not there.
type facade struct {
	generated.ResolverRoot
	query facadeQuery
}

func (f facade) Query() generated.QueryResolver { return f.query }

type facadeQuery struct {
	generated.QueryResolver
	base   string
	client *http.Client
}

func (f facadeQuery) ServerlessRestoreJob(ctx context.Context, groupID model.ObjectID,
	clusterName model.ClusterName, restoreJobID model.ObjectID) (*model.ServerlessRestoreJob, error) {
	path := fmt.Sprintf("%s/api/atlas/v2/groups/%s/clusters/%s/backup/restoreJobs/%s", f.base, groupID, clusterName,
		restoreJobID)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	res, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	var j struct {
		ID                string             `json:"id"`
		FinishedAt        *time.Time         `json:"finishedAt"`
		TargetClusterName *model.ClusterName `json:"targetClusterName"`
	}
	if err := json.NewDecoder(res.Body).Decode(&j); err != nil {
		return nil, err
	}
	var finished *model.DateTime
	if j.FinishedAt != nil {
		finished = &model.DateTime{Time: *j.FinishedAt}
	}
	return &model.ServerlessRestoreJob{
		ID: j.ID, GroupID: groupID, ClusterName: clusterName, State: model.RestoreJobStateSucceeded,
		FinishedAt: finished, TargetClusterName: j.TargetClusterName,
	}, nil
}
