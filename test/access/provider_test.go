package access

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// audience is the name of the gateway at the provider.
const audience = "atlas-restore-gateway"

// The client with which people sign in. Its name is the audience of their ID tokens.
const (
	webClient = "dashboard"
	webSecret = "secret-of-the-dashboard"
)

// service is a client without a person, with the claims of its tokens.
type service struct {
	scopes   []string
	groups   []string
	audience string
	lives    time.Duration
}

// provider is a real OpenID provider, over TLS.
type provider struct {
	*httptest.Server
	store *store
}

// store is the storage of the example, with services, groups and keys that rotate.
type store struct {
	*storage.Storage
	services map[string]service

	mu   sync.Mutex
	keys []*key // the last one signs
}

func newProvider(t *testing.T, services map[string]service) *provider {
	t.Helper()
	var handler http.Handler
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	storage.RegisterClients(storage.WebClient(webClient, webSecret, "http://localhost/callback"))
	s := &store{Storage: storage.NewStorage(storage.NewUserStore(server.URL)), services: services}
	s.rotate(t)
	handler = exampleop.SetupServer(server.URL, s, slog.New(slog.DiscardHandler), false)
	return &provider{server, s}
}

// rotate adds a new key, which signs from now on. The old one stays published.
func (s *store) rotate(t *testing.T) {
	t.Helper()
	made, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = append(s.keys, &key{"key-" + strconv.Itoa(len(s.keys)), made})
}

// key is a signing key, which is published.
type key struct {
	id      string
	private *rsa.PrivateKey
}

func (k *key) ID() string                                  { return k.id }
func (k *key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k *key) Key() any                                    { return k.private }

type published struct{ *key }

func (p published) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (p published) Use() string                        { return "sig" }
func (p published) Key() any                           { return p.private.Public() }

func (s *store) SigningKey(context.Context) (op.SigningKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[len(s.keys)-1], nil
}

func (s *store) KeySet(context.Context) ([]op.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]op.Key, len(s.keys))
	for i, k := range s.keys {
		all[i] = published{k}
	}
	return all, nil
}

// serviceClient is a client whose access tokens are JWTs.
type serviceClient struct {
	*storage.Client
	id string
}

func (c serviceClient) GetID() string                     { return c.id }
func (serviceClient) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }
func (serviceClient) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeClientCredentials}
}
func (serviceClient) IsScopeAllowed(string) bool { return true }
func (serviceClient) ClockSkew() time.Duration   { return 0 }

func (s *store) ClientCredentials(_ context.Context, id, secret string) (op.Client, error) {
	if _, known := s.services[id]; !known || secret != "secret-of-"+id {
		return nil, errors.New("wrong client or secret")
	}
	return serviceClient{storage.WebClient(id, secret), id}, nil
}

// serviceRequest is a request for a token of a service.
type serviceRequest struct {
	id string
	service
}

func (r serviceRequest) GetSubject() string    { return r.id }
func (r serviceRequest) GetAudience() []string { return []string{r.audience} }
func (r serviceRequest) GetScopes() []string   { return r.scopes }

func (s *store) ClientCredentialsTokenRequest(_ context.Context, id string, _ []string) (op.TokenRequest, error) {
	return serviceRequest{id, s.services[id]}, nil
}

func (s *store) CreateAccessToken(ctx context.Context, r op.TokenRequest) (string, time.Time, error) {
	if of, ok := r.(serviceRequest); ok {
		return "token-of-" + of.id, time.Now().Add(of.lives), nil
	}
	return s.Storage.CreateAccessToken(ctx, r)
}

func (s *store) GetPrivateClaimsFromScopes(_ context.Context,
	subject, _ string, scopes []string) (map[string]any, error) {
	// Without this the access tokens of the provider have no scopes.
	claims := map[string]any{"scope": strings.Join(scopes, " ")}
	if groups := s.services[subject].groups; groups != nil {
		claims["groups"] = groups
	}
	return claims, nil
}
