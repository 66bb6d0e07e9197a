package access

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// withClient returns a context with a client that trusts the certificate of the provider.
func (p *provider) withClient(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, p.Client())
}

// tokenOf returns an access token of a service by the client credentials grant. The library does not accept a token
// that has expired when it arrives.
func (p *provider) tokenOf(t *testing.T, id string) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"openid"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/oauth/token",
		strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(id, "secret-of-"+id)
	res, err := p.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&token); err != nil || token.AccessToken == "" {
		t.Fatalf("%d, %v", res.StatusCode, err)
	}
	return token.AccessToken
}

// signIn signs a person in with the pages of the provider, as a browser does (the authorization code flow with PKCE),
// and returns the ID token.
func (p *provider) signIn(t *testing.T, username, password string) string {
	t.Helper()
	config := oauth2.Config{
		ClientID: webClient, ClientSecret: webSecret, RedirectURL: "http://localhost/callback", Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{AuthURL: p.URL + "/auth", TokenURL: p.URL + "/oauth/token"},
	}
	browser := *p.Client()
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	follow := func(method, target string, form url.Values) *url.URL {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, target+"?"+form.Encode(), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if len(form) == 0 {
			req.URL.RawQuery = req.URL.Query().Encode()
		}
		res, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		to, err := res.Location()
		if err != nil {
			t.Fatalf("%s %s answered %d: %v", method, target, res.StatusCode, err)
		}
		return to
	}
	verifier := oauth2.GenerateVerifier()
	authorize, err := url.Parse(config.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		t.Fatal(err)
	}
	login := follow(http.MethodGet, p.URL+authorize.Path, authorize.Query())
	callback := follow(http.MethodPost, p.URL+"/login/username", url.Values{
		"id": {login.Query().Get("authRequestID")}, "username": {username}, "password": {password},
	})
	back := follow(http.MethodGet, p.URL+callback.Path, callback.Query())
	token, err := config.Exchange(p.withClient(t.Context()), back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	id, _ := token.Extra("id_token").(string)
	if id == "" {
		t.Fatal("there is no ID token")
	}
	return id
}
