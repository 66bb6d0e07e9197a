package actions

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"atlas-restore-gateway/internal/authz"
)

const (
	// ConfirmationTTL is how long a confirmation can be used.
	ConfirmationTTL = 10 * time.Minute
	// MaxConfirmationBytes bounds a confirmation.
	MaxConfirmationBytes = 16 << 10
)

const kindPlan = "plan"

// confirmation is what a plan has read, and for whom. It is signed with a key of its own, which the ledger holds until the
// confirmation is used or has expired: where the ledger is lost, all confirmations are.
type confirmation struct {
	Version int    `json:"v"`
	Plan    string `json:"plan"`
	Caller  string `json:"caller"`
	Expires int64  `json:"exp"` // Unix time, in seconds
	Order   order  `json:"order"`
	Facts   facts  `json:"facts"`

	payload, signature []byte // as they were sent
	key                []byte // that it was signed with, once it is used up
}

const confirmationVersion = 1

// callerID identifies the caller, and hides its name.
func callerID(c *authz.Caller) string {
	sum := sha256.Sum256([]byte(c.Key()))
	return hex.EncodeToString(sum[:16])
}

// issue returns the signed confirmation of a plan.
func (s *Service) issue(ctx context.Context, c confirmation) (text string, err error) {
	c.Version = confirmationVersion
	payload, err := json.Marshal(c) //nolint:musttag // the keys of clusters; it lives ten minutes
	if err != nil {
		return "", err
	}
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	if _, err := s.config.Ledger.Add(ctx, key, ConfirmationTTL, kindPlan, c.Plan); err != nil {
		return "", unrecorded(err)
	}
	return base64.RawURLEncoding.EncodeToString(payload) + "." + base64.RawURLEncoding.EncodeToString(sign(key, payload)), nil
}

func sign(key, payload []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(payload)
	return mac.Sum(nil)
}

var errNoConfirmation = refuse(ConfirmationInvalid,
	"this is no confirmation of this gateway: plan again, and send the confirmation of that plan unchanged")

// parse returns what a confirmation says, unverified.
func parse(text string) (c confirmation, err error) {
	first, second, ok := strings.Cut(text, ".")
	if !ok || len(text) > MaxConfirmationBytes {
		return c, errNoConfirmation
	}
	payload, payloadErr := base64.RawURLEncoding.DecodeString(first)
	signature, signatureErr := base64.RawURLEncoding.DecodeString(second)
	if payloadErr != nil || signatureErr != nil || json.Unmarshal(payload, &c) != nil || //nolint:musttag // as above
		c.Version != confirmationVersion {
		return c, errNoConfirmation
	}
	c.payload, c.signature = payload, signature
	return c, nil
}

// verify checks that a parsed confirmation was given to the caller, is not changed, and can be used.
func (s *Service) verify(ctx context.Context, caller *authz.Caller, c confirmation) error {
	key, known, err := s.config.Ledger.Get(ctx, kindPlan, c.Plan)
	switch {
	case err != nil:
		return unrecorded(err)
	case !known || s.config.Now().Unix() >= c.Expires:
		return errExpired(c)
	case !hmac.Equal(c.signature, sign(key, c.payload)):
		return errNoConfirmation
	case c.Caller != callerID(caller):
		return refuse(ConfirmationForeign, "this confirmation was given to another caller: plan again yourself")
	}
	return nil
}

func errExpired(c confirmation) error {
	return refuse(ConfirmationExpired, "this confirmation cannot be used any more: it is older than %s, was used, or the "+
		"gateway was restarted. If it may have been used, look at the newest restore jobs of the cluster %s before you plan "+
		"again", ConfirmationTTL, c.Order.Source.Name)
}

// unrecorded is the error of an action that is not made because it cannot be recorded.
func unrecorded(err error) error {
	return &RefusedError{
		Refusal: Unrecorded, Err: err,
		Message: "nothing was started, because it cannot be recorded now: try again later",
	}
}

// spend uses up a confirmation, before the request is sent.
func (s *Service) spend(ctx context.Context, c *confirmation) error {
	key, ok, err := s.config.Ledger.Take(ctx, kindPlan, c.Plan)
	if err != nil {
		return unrecorded(err)
	}
	if !ok {
		return errExpired(*c)
	}
	c.key = key
	return nil
}
