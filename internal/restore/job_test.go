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
		"absent":   {in: nil, want: nil},
		"all null": {in: &atlas.BSONTimestamp{}, want: nil},
		"a date":   {in: &atlas.BSONTimestamp{Date: at}, want: &atlas.BSONTimestamp{Date: at}},
		"an increment": {
			in: &atlas.BSONTimestamp{Increment: new(int64(0))}, want: &atlas.BSONTimestamp{Increment: new(int64(0))},
		},
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
