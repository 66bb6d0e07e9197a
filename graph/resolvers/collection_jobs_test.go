package resolvers

import "testing"

func TestProgress_isCappedAndNullWithoutATotal(t *testing.T) {
	for name, tt := range map[string]struct {
		restored, total *int64
		want            *float64
		none            bool
	}{
		"nothing said":   {none: true},
		"no total yet":   {restored: new(int64(0)), total: new(int64(0))},
		"a total alone":  {total: new(int64(10))},
		"half":           {restored: new(int64(5)), total: new(int64(10)), want: new(0.5)},
		"beyond a guess": {restored: new(int64(12)), total: new(int64(10)), want: new(1.0)},
	} {
		got := progress(tt.restored, tt.total)
		if (got == nil) != tt.none {
			t.Errorf("%s: got %+v", name, got)
			continue
		}
		if got != nil && ((got.Fraction == nil) != (tt.want == nil) || tt.want != nil && *got.Fraction != *tt.want) {
			t.Errorf("%s: the fraction is %v", name, got.Fraction)
		}
	}
}
