package replica

import (
	"encoding/base64"
	"strings"
	"testing"
)

func parse(t *testing.T, lines ...string) Keys {
	t.Helper()
	keys, err := ParseKeys(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestParseKeys_namesTheLineThatIsNoSecret(t *testing.T) {
	secret := NewSecret()
	short := base64.StdEncoding.EncodeToString(make([]byte, minSecretBytes-1))
	for _, tt := range []struct{ name, text, want string }{
		{name: "nothing", text: "\n\n", want: "there is no secret"},
		{name: "a short one", text: secret + "\n\n" + short, want: "line 3 is no secret"},
		{name: "no Base64", text: "hunter2-hunter2-hunter2-hunter2-hunter2!", want: "line 1 is no secret"},
		{name: "too many", text: strings.Repeat(secret+"\n", maxSecrets+1), want: "more than 4 secrets"},
		{name: "one", text: secret + "\n"},
		{name: "two, with Windows' ends of lines", text: secret + "\r\n" + NewSecret() + "\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseKeys(tt.text)
			switch {
			case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("the error is %v, want %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "hunter2"):
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestSealer_opensWhatItSealedUnderTheSameNameAlone(t *testing.T) {
	one, other := parse(t, NewSecret()).sealers[0], parse(t, NewSecret()).sealers[0]
	name := one.name("text", "a")
	sealed := one.seal(name, []byte("the value"))
	if value, err := one.open(name, sealed); err != nil || string(value) != "the value" {
		t.Fatalf("%q, %v", value, err)
	}
	if strings.Contains(string(sealed), "value") {
		t.Error("the value can be read")
	}
	flipped := []byte(string(sealed))
	flipped[len(flipped)-1] ^= 1
	for what, open := range map[string]func() ([]byte, error){
		"another secret":   func() ([]byte, error) { return other.open(name, sealed) },
		"another name":     func() ([]byte, error) { return one.open(one.name("text", "b"), sealed) },
		"a torn value":     func() ([]byte, error) { return one.open(name, sealed[:len(sealed)-1]) },
		"a changed value":  func() ([]byte, error) { return one.open(name, flipped) },
		"an empty value":   func() ([]byte, error) { return one.open(name, nil) },
		"a value in clear": func() ([]byte, error) { return one.open(name, []byte("the value")) },
		"another version":  func() ([]byte, error) { return one.open(name, append([]byte{9}, sealed[1:]...)) },
	} {
		if value, err := open(); err == nil {
			t.Errorf("with %s it opens: %q", what, value)
		}
	}
}

func TestSealer_namesDependOnEachPartAndOnTheSecret(t *testing.T) {
	one, other := parse(t, NewSecret()).sealers[0], parse(t, NewSecret()).sealers[0]
	seen := map[string]bool{}
	for _, name := range []string{
		one.name("a"), one.name("b"), one.name("a", "b"), one.name("a", "b", ""), one.name("a", "", "b"), one.name("ab"),
		one.name("a", "bc"), one.name("a", "b", "c"), other.name("a"),
	} {
		if seen[name] {
			t.Errorf("%s is the name of two", name)
		}
		seen[name] = true
	}
}

func FuzzSealer_opensNothingElse(f *testing.F) {
	keys, err := ParseKeys(NewSecret())
	if err != nil {
		f.Fatal(err)
	}
	s := keys.sealers[0]
	f.Add("name", make([]byte, 1+12+16))
	f.Add("name", []byte{formatVersion})
	f.Fuzz(func(t *testing.T, name string, sealed []byte) {
		if value, err := s.open(name, sealed); err == nil {
			t.Errorf("it opens %x under %q: %q", sealed, name, value)
		}
	})
}

func TestCheckURL_saysWhatIsWrongAndShowsNoPassword(t *testing.T) {
	for _, tt := range []struct{ name, url, want string }{
		{name: "TLS", url: "rediss://redis.example.com"},
		{name: "sentinels", url: "redis://s1:26379?addr=s2:26379&addr=s3:26379&master_set=main"},
		{name: "a user", url: "rediss://gateway@redis.example.com/2"},
		{name: "a password", url: "rediss://gateway:hunter2@redis.example.com", want: "must have no password"},
		{name: "another scheme", url: "https://redis.example.com", want: "rediss://"},
		{name: "a socket", url: "unix:///run/redis.sock", want: "rediss://"},
		{name: "no certificate check", url: "rediss://r?skip_verify=1", want: "skip_verify"},
		{name: "a database that is no number", url: "redis://r/x", want: "database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckURL(tt.url)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it shows the password: %v", err)
			}
		})
	}
}
