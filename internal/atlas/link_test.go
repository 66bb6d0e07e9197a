package atlas

import "testing"

func TestLinks_areDecodedByAll(t *testing.T) {
	tests := map[string]struct {
		sent string
		want int // how many, -1 when Atlas sent none
		fits bool
	}{
		"some":            {sent: `[{"href":"https://a.example/1","rel":"self"},{"href":null}]`, want: 2, fits: true},
		"none":            {sent: `[]`, want: 0, fits: true},
		"null":            {sent: `null`, want: -1, fits: true},
		"text in a list":  {sent: `["https://a.example/1"]`, want: 0, fits: false},
		"a number in one": {sent: `[{"href":7}]`, want: 0, fits: false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, answering(200, "application/json", `{"id":"`+testJob+`","links":`+tt.sent+`}`))
			j, err := getJob(t, c)
			if err != nil {
				t.Fatal(err)
			}
			links, err := j.Links.All()
			if !tt.fits {
				if e := asError(t, err); e.Kind != KindMalformed {
					t.Errorf("got %v", e)
				}
				return
			}
			if err != nil || len(links) != max(tt.want, 0) || (links == nil) != (tt.want < 0) {
				t.Errorf("got %v, %v", links, err)
			}
		})
	}
	c := newClient(t, answering(200, "application/json", `{"id":"`+testJob+`","links":{}}`))
	if _, err := getJob(t, c); asError(t, err).Kind != KindMalformed {
		t.Errorf("links that are no list: %v", err)
	}
}
