package restore

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

func TestJob_hasNoDesiredTimestampWhereAllOfItIsNull(t *testing.T) {
	at := new(time.Date(2025, 5, 4, 9, 42, 0, 0, time.UTC))
	tests := map[string]struct{ in, want *atlas.BSONTimestamp }{
		"absent":       {nil, nil},
		"all null":     {&atlas.BSONTimestamp{}, nil},
		"a date":       {&atlas.BSONTimestamp{Date: at}, &atlas.BSONTimestamp{Date: at}},
		"an increment": {&atlas.BSONTimestamp{Increment: new(int64(0))}, &atlas.BSONTimestamp{Increment: new(int64(0))}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t, nil, Options{}, slog.New(slog.DiscardHandler))
			got := s.fromServerless(ClusterKey{}, &atlas.ServerlessRestoreJob{DesiredTimestamp: tt.in}).DesiredTimestamp
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
