package loopback

import "testing"

func TestIs_knowsLocalhostAndItsAddressesAlone(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:1": true, "localhost.": true, "127.0.0.1": true, "127.1.2.3:80": true, "[::1]:80": true,
		"::1": true, "[::1]": true,
		"": false, ":80": false, "0.0.0.0:80": false, "[::]:80": false, "example.com": false, "localhost.example": false,
		"127.0.0.1.example": false, "192.0.2.1": false, "[2001:db8::1]:80": false,
	} {
		if got := Is(host); got != want {
			t.Errorf("%q: got %t", host, got)
		}
	}
}
