package config

import (
	"reflect"
	"strings"
	"testing"
)

// A secret in a URL, where none belongs, is shown for no setting, new ones included. The checks of the settings reject
// most of these values; this is what holds without them.
func TestSettings_showNoSecretOfAURL(t *testing.T) {
	const marker = "marker"
	c := &Config{}
	var err error
	if _, c.settings, err = newParser(c); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"https://marker@host.example", "https://user:marker@host.example:80/path", "https://user:mar@marker@host.example",
		"https://user:marker,marker/marker@host.example", "https://a.example,https://user:marker@host.example",
		"https://user@host.example/?key=marker", "https://host.example/?addr=x&key=marker", "https://host.example/#marker",
		"https://host.example?addr=x#marker", "https://host.example/?marker", "redis://h?addr=redis://u:marker@h&db=1",
	} {
		texts := 0
		for _, s := range c.settings {
			if s.Target.Kind() == reflect.String {
				s.Target.SetString(text)
				texts++
			}
		}
		if texts < 20 {
			t.Fatalf("there are %d texts", texts)
		}
		for _, s := range c.Settings() {
			if value, is := s.Value.(string); is && strings.Contains(value, marker) {
				t.Errorf("--%s: %q is shown as %q", s.Name, text, value)
			}
		}
	}
}

func TestSettings_showTheRestOfAURL(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "127.0.0.1:8080": "127.0.0.1:8080", "a@b?c#d": "a@b?c#d", "https://cloud.mongodb.com": "https://cloud.mongodb.com",
		"https://user:p@host.example/path?key=x": "https://[redacted]@host.example/path?[redacted]",
		"redis://s1:26379?addr=s2:26379&addr=s3:26379&master_set=primary": "redis://s1:26379?addr=s2:26379&addr=s3:26379&" +
			"master_set=primary",
	} {
		if got := redacted(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestSecretVariables_areSetOrNot(t *testing.T) {
	const marker = "marker-of-a-secret"
	c, err := parse([]string{"--listen=127.0.0.1:0"}, map[string]string{EnvPublicKey: marker, EnvPrivateKey: marker})
	if err != nil {
		t.Fatal(err)
	}
	set := 0
	for _, v := range c.SecretVariables() {
		if is := v.Name == EnvPublicKey || v.Name == EnvPrivateKey; v.Set != is {
			t.Errorf("%s is set: %t", v.Name, v.Set)
		} else if is {
			set++
		}
	}
	if set != 2 || len(c.SecretVariables()) != 7 {
		t.Errorf("got %v", c.SecretVariables())
	}
}
