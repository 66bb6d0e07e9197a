package restore

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

func TestUnknownValues_areReportedOnceAndBounded(t *testing.T) {
	var log strings.Builder
	s := newService(t, nil, Options{}, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		job := s.fromServerless(ClusterKey{}, &atlas.ServerlessRestoreJob{DeliveryType: new("streaming")})
		if *job.DeliveryType != DeliveryUnknown {
			t.Errorf("it became %d", *job.DeliveryType)
		}
	}
	if n := strings.Count(log.String(), "streaming"); n != 1 {
		t.Errorf("it stands in the log %d times", n)
	}
	for i := range 2 * maxUnknownValues {
		s.deliveryType(new(fmt.Sprint("made-up-", i, strings.Repeat("x", 1000))))
	}
	if lines := strings.Count(log.String(), "\n"); lines != maxUnknownValues {
		t.Errorf("there are %d lines", lines)
	}
	if log.Len() > maxUnknownValues*400 {
		t.Errorf("the log has %d bytes", log.Len())
	}
}
