package config

import (
	"errors"
	"fmt"
	"strings"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/secret"
)

var errNoCredential = errors.New("no Atlas credential: set " + EnvPublicKey + " and " + EnvPrivateKey +
	" (API key) or " + EnvClientID + " and " + EnvClientSecret +
	" (service account), name a file of several by --atlas-credentials, or start with --demo to try it without Atlas")

// credential returns the credential of the environment. No credential, half of one and more than one are errors. If a
// flag takes the place of the credential, any credential is an error.
func credential(getenv func(string) string, flag string) (atlas.Credential, error) {
	// A newline at the end comes with a secret that was read from a file.
	get := func(name string) string { return strings.TrimSpace(getenv(name)) }
	key := atlas.APIKey{PublicKey: get(EnvPublicKey), PrivateKey: secret.Text(get(EnvPrivateKey))}
	account := atlas.ServiceAccount{ClientID: get(EnvClientID), ClientSecret: secret.Text(get(EnvClientSecret))}
	token := atlas.AccessToken{Token: secret.Text(get(EnvAccessToken))}

	var found []atlas.Credential
	var names []string
	if key.PublicKey != "" || key.PrivateKey != "" {
		found, names = append(found, key), append(names, EnvPublicKey+"/"+EnvPrivateKey)
	}
	if account.ClientID != "" || account.ClientSecret != "" {
		found, names = append(found, account), append(names, EnvClientID+"/"+EnvClientSecret)
	}
	if token.Token != "" {
		found, names = append(found, token), append(names, EnvAccessToken)
	}
	switch {
	case flag != "" && len(found) > 0:
		return nil, fmt.Errorf("%s takes no credential from the environment: unset %s, or leave %s out", flag,
			strings.Join(names, ", "), flag)
	case flag != "":
		return nil, nil //nolint:nilnil // the flag names it
	case len(found) == 0:
		return nil, errNoCredential
	case len(found) > 1:
		return nil, fmt.Errorf("more than one Atlas credential: keep one of %s and unset the others",
			strings.Join(names, ", "))
	}
	if err := checkComplete(found[0]); err != nil {
		return nil, err
	}
	return found[0], nil
}

// checkComplete returns an error for a credential of which only one variable is set.
func checkComplete(c atlas.Credential) error {
	missing := func(set, unset string) error {
		return fmt.Errorf("%s is set but %s is not: both halves are needed", set, unset)
	}
	switch c := c.(type) {
	case atlas.APIKey:
		if c.PublicKey == "" {
			return missing(EnvPrivateKey, EnvPublicKey)
		}
		if c.PrivateKey == "" {
			return missing(EnvPublicKey, EnvPrivateKey)
		}
	case atlas.ServiceAccount:
		if c.ClientID == "" {
			return missing(EnvClientSecret, EnvClientID)
		}
		if c.ClientSecret == "" {
			return missing(EnvClientID, EnvClientSecret)
		}
	}
	return nil
}
