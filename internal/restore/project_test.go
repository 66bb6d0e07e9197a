package restore

import (
	"net/http"
	"strings"
	"testing"
)

func TestProjects_returnAMalformedOneAsAFailure(t *testing.T) {
	s := newServiceOf(t, func(string, string) (int, string) {
		return http.StatusOK, `{"results":[` + resources(3, 2) + `,{"id":"650000000000000000000001","created":7},` +
			resources(1, 1) + `,null]}`
	})
	all, err := s.Projects(t.Context())
	if err != nil || len(all.Projects) != 3 || len(all.Failures) != 1 ||
		!strings.Contains(all.Failures[0].Error(), "2 results") {
		t.Errorf("got %+v, %v", all, err)
	}
}
