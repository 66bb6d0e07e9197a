package restore

import (
	"context"
	"errors"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

func TestFirstFailure_neverHidesAFailureBehindAnAbsence(t *testing.T) {
	missing := &atlas.Error{Status: 404, ErrorCode: "CLUSTER_NOT_FOUND"}
	noProject := &atlas.Error{Status: 404, ErrorCode: "GROUP_NOT_FOUND"}
	refused := &atlas.Error{Status: 403, ErrorCode: "USER_UNAUTHORIZED"}
	failures := map[string]error{
		"500":      &atlas.Error{Status: 500, ErrorCode: "UNEXPECTED_ERROR"},
		"429":      &atlas.Error{Status: 429, ErrorCode: "RATE_LIMITED"},
		"a hang":   &atlas.Error{Kind: atlas.KindTimeout},
		"a page":   &atlas.Error{Kind: atlas.KindMalformed, Status: 404},
		"a budget": &atlas.Error{Kind: atlas.KindBudget, Status: 429},
		"no token": &atlas.Error{Kind: atlas.KindCredential, Status: 401},
		"a cancel": context.Canceled,
	}
	for name, failure := range failures {
		for _, errs := range [][]error{
			{missing, noProject, refused, nil, failure}, {failure, refused, missing}, {nil, failure},
		} {
			if got := FirstFailure(errs...); !errors.Is(got, failure) {
				t.Errorf("%s of %v: got %v", name, errs, got)
			}
		}
	}
	for _, tt := range []struct {
		errs []error
		want error
	}{
		{errs: []error{missing, refused}, want: refused},
		{errs: []error{noProject, missing}, want: noProject},
		{errs: []error{nil, missing}, want: missing},
		{errs: []error{nil}},
	} {
		if got := FirstFailure(tt.errs...); !errors.Is(got, tt.want) {
			t.Errorf("of %v: got %v", tt.errs, got)
		}
	}
}
