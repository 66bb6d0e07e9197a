package restore

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

func TestReadSlice_returnsTheElementsFromAPosition(t *testing.T) {
	const total = 1234
	broken := errors.New("a result of each page is broken")
	for name, tt := range map[string]struct {
		offset, first, pages int
		want                 int
		more                 bool
	}{
		"the beginning":     {first: 20, pages: 1, want: 20, more: true},
		"over two pages":    {offset: 90, first: 20, pages: 2, want: 20, more: true},
		"a whole page":      {offset: 500, first: 500, pages: 1, want: 500, more: true},
		"over large pages":  {offset: 501, first: 500, pages: 2, want: 500, more: true},
		"the end":           {offset: 1230, first: 20, pages: 1, want: 4},
		"up to the end":     {offset: 1224, first: 10, pages: 1, want: 10},
		"just behind":       {offset: total, first: 10, pages: 1},
		"far behind":        {offset: 1 << 20, first: 10, pages: 1},
		"nothing is wanted": {first: 0, pages: 1, more: true},
	} {
		t.Run(name, func(t *testing.T) {
			pages := 0
			got, err := readSlice(t.Context(), SliceQuery{Offset: tt.offset, First: tt.first},
				func(_ context.Context, o atlas.ListOptions) (*page[int], error) {
					pages++
					p := &page[int]{unidentified: broken}
					for i := (o.PageNum - 1) * o.ItemsPerPage; i < min(o.PageNum*o.ItemsPerPage, total); i++ {
						p.items = append(p.items, i)
					}
					p.more = o.PageNum*o.ItemsPerPage < total
					return p, nil
				})
			if err != nil || pages != tt.pages || len(got.Items) != tt.want || got.More != tt.more ||
				len(got.Failures) != pages {
				t.Fatalf("%d pages, %+v, %v", pages, got, err)
			}
			want := make([]int, 0, tt.want)
			for i := range tt.want {
				want = append(want, tt.offset+i)
			}
			if diff := cmp.Diff(want, append([]int{}, got.Items...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
