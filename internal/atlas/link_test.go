package atlas

import "testing"

func TestTheLinksOfAJobAreDecodedWhenTheyAreWanted(t *testing.T) {
	tests := map[string]struct {
		sent string
		want int // how many, -1 when Atlas sent none
		fits bool
	}{
		"some":            {`[{"href":"https://a.example/1","rel":"self"},{"href":null}]`, 2, true},
		"none":            {`[]`, 0, true},
		"null":            {`null`, -1, true},
		"text in a list":  {`["https://a.example/1"]`, 0, false},
		"a number in one": {`[{"href":7}]`, 0, false},
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
