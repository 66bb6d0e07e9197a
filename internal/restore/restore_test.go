package restore

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

func TestTheStateFollowsFromFlagsAndDates(t *testing.T) {
	yes, no := new(true), new(false)
	at := new(time.Date(2025, 5, 4, 9, 42, 0, 0, time.UTC))
	url := []string{"https://restore.example/x.tar.gz"}
	tests := map[string]struct {
		job  atlas.ServerlessRestoreJob
		want State
	}{
		"nothing known":                  {atlas.ServerlessRestoreJob{}, Running},
		"all flags false":                {atlas.ServerlessRestoreJob{Failed: no, Cancelled: no, Expired: no}, Running},
		"finished":                       {atlas.ServerlessRestoreJob{Failed: no, FinishedAt: at}, Succeeded},
		"failed":                         {atlas.ServerlessRestoreJob{Failed: yes}, Failed},
		"failed and finished":            {atlas.ServerlessRestoreJob{Failed: yes, FinishedAt: at}, Failed},
		"failed and cancelled":           {atlas.ServerlessRestoreJob{Failed: yes, Cancelled: yes, FinishedAt: at}, Failed},
		"cancelled and finished":         {atlas.ServerlessRestoreJob{Cancelled: yes, FinishedAt: at}, Cancelled},
		"cancelled and expired":          {atlas.ServerlessRestoreJob{Cancelled: yes, Expired: yes}, Cancelled},
		"expired":                        {atlas.ServerlessRestoreJob{Expired: yes, DeliveryType: new("download"), DeliveryURL: url}, Expired},
		"a download being made":          {atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: []string{}}, Running},
		"a download with a URL":          {atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: url}, Ready},
		"a URL but no download":          {atlas.ServerlessRestoreJob{DeliveryType: new("automated"), DeliveryURL: url}, Running},
		"a delivery type nobody knows":   {atlas.ServerlessRestoreJob{DeliveryType: new("streaming"), FinishedAt: at}, Succeeded},
		"a finished download with a URL": {atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: url, FinishedAt: at}, Succeeded},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t, nil, Options{}, slog.New(slog.DiscardHandler))
			if got := s.fromServerless(ClusterKey{}, &tt.job).State; got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAnEmptyDesiredTimestampIsNone(t *testing.T) {
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

func TestAnUnknownValueIsReportedOnceAndNotWithoutBound(t *testing.T) {
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
