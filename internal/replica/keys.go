package replica

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// minSecretBytes is the least length of a secret.
const minSecretBytes = 32

// maxSecrets bounds the secrets of a file: the one that writes, and old ones.
const maxSecrets = 4

// Keys seal what is stored. The first of their secrets writes, and all read. The zero value has none.
type Keys struct{ sealers []sealer }

// sealer has the two keys that are derived from one secret.
type sealer struct {
	names []byte // of the HMAC
	aead  cipher.AEAD
}

// ParseKeys reads secrets, one on a line, the newest first: each at least 32 random bytes in Base64, as `openssl rand
// -base64 32` writes them. Empty lines are skipped. Errors name the line and nothing of what it has.
func ParseKeys(text string) (Keys, error) {
	var keys Keys
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		secret, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(secret) < minSecretBytes {
			return Keys{}, fmt.Errorf("line %d is no secret: write one by openssl rand -base64 %d", n, minSecretBytes)
		}
		s, err := newSealer(secret)
		if err != nil {
			return Keys{}, fmt.Errorf("line %d: %w", n, err)
		}
		keys.sealers = append(keys.sealers, s)
	}
	switch {
	case len(keys.sealers) == 0:
		return Keys{}, fmt.Errorf("there is no secret: write one by openssl rand -base64 %d", minSecretBytes)
	case len(keys.sealers) > maxSecrets:
		return Keys{}, fmt.Errorf("there are more than %d secrets: remove old ones, which nothing is sealed with any more",
			maxSecrets)
	}
	return keys, nil
}

func newSealer(secret []byte) (sealer, error) {
	derive := func(use string) ([]byte, error) {
		return hkdf.Key(sha256.New, secret, nil, "atlas-restore-gateway replica v1 "+use, 32)
	}
	names, err := derive("names")
	if err != nil {
		return sealer{}, err
	}
	values, err := derive("values")
	if err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(values)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{names: names, aead: aead}, err
}

// name returns the name under which something is stored: an HMAC of its kind and of what identifies it.
func (s sealer) name(kind string, parts ...string) string {
	mac := hmac.New(sha256.New, s.names)
	for _, part := range append([]string{kind}, parts...) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		mac.Write(size[:])
		mac.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// formatVersion is the first byte of a value.
const formatVersion = 1

var errUnreadable = errors.New("replica: a value that none of the secrets has sealed under this name")

// seal encrypts a value, which can be opened under the same name alone.
func (s sealer) seal(name string, value []byte) []byte {
	sealed := s.aead.Seal(nil, nil, value, []byte(name)) //nolint:gosec // the cipher makes a random nonce itself
	return append([]byte{formatVersion}, sealed...)
}

// open returns a value that was sealed under the name.
func (s sealer) open(name string, sealed []byte) ([]byte, error) {
	sealed, known := bytes.CutPrefix(sealed, []byte{formatVersion})
	if !known {
		return nil, errUnreadable
	}
	value, err := s.aead.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil, errUnreadable
	}
	return value, nil
}

// NewSecret returns a secret for a file of keys.
func NewSecret() string {
	secret := make([]byte, minSecretBytes)
	_, _ = rand.Read(secret) // never fails
	return base64.StdEncoding.EncodeToString(secret)
}
