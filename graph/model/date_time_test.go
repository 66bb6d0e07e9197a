package model

import (
	"bytes"
	"strings"
	"testing"
)

func TestDateTime_acceptsRFC3339(t *testing.T) {
	tests := map[string]struct{ in, out string }{
		"UTC":                      {in: "2025-05-04T09:42:00Z", out: "2025-05-04T09:42:00Z"},
		"a fraction":               {in: "2025-05-04T09:42:00.123456789Z", out: "2025-05-04T09:42:00.123456789Z"},
		"another offset":           {in: "2025-05-04T11:42:00+02:00", out: "2025-05-04T09:42:00Z"},
		"no offset":                {in: "2025-05-04T09:42:00", out: ""},
		"a date":                   {in: "2025-05-04", out: ""},
		"words":                    {in: "yesterday", out: ""},
		"small letters":            {in: "2025-05-04t09:42:00z", out: "2025-05-04T09:42:00Z"},
		"a small t and an offset":  {in: "2025-05-04t09:42:00-00:30", out: "2025-05-04T10:12:00Z"},
		"the largest offset":       {in: "2025-05-04T09:42:00+23:59", out: "2025-05-03T09:43:00Z"},
		"an unknown offset":        {in: "2025-05-04T09:42:00-00:00", out: "2025-05-04T09:42:00Z"},
		"an hour of one digit":     {in: "2025-05-04T9:42:00Z", out: ""},
		"an offset of a day":       {in: "2025-05-04T09:42:00+24:01", out: ""},
		"an offset of 60 minutes":  {in: "2025-05-04T09:42:00+01:60", out: ""},
		"an offset without colon":  {in: "2025-05-04T09:42:00+0100", out: ""},
		"an offset of hours":       {in: "2025-05-04T09:42:00+01", out: ""},
		"a comma":                  {in: "2025-05-04T09:42:00,5Z", out: ""},
		"a period and no fraction": {in: "2025-05-04T09:42:00.Z", out: ""},
		"a space between":          {in: "2025-05-04 09:42:00Z", out: ""},
		"a space behind":           {in: "2025-05-04T09:42:00Z ", out: ""},
		"a line break":             {in: "2025-05-04T09:42:00Z\n", out: ""},
		"digits of another script": {in: "٢٠٢٥-05-04T09:42:00Z", out: ""},
		"a day that is none":       {in: "2025-02-29T09:42:00Z", out: ""},
		"hour 24":                  {in: "2025-05-04T24:00:00Z", out: ""},
		"many digits": {
			in:  "2025-05-04T09:42:00." + strings.Repeat("9", 30) + "Z",
			out: "2025-05-04T09:42:00.999999999Z",
		},
		"a leap second":          {in: "1990-12-31T23:59:60Z", out: "1991-01-01T00:00:00Z"},
		"another with an offset": {in: "1990-12-31T15:59:60.5-08:00", out: "1991-01-01T00:00:00.5Z"},
		"a leap second at noon":  {in: "1990-12-31T12:00:60Z", out: ""},
		"one within a month":     {in: "1990-12-30T23:59:60Z", out: ""},
		"second 61":              {in: "1990-12-31T23:59:61Z", out: ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d DateTime
			err := d.UnmarshalGQL(tt.in)
			if (err == nil) != (tt.out != "") {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if d.MarshalGQL(&b); err == nil && b.String() != `"`+tt.out+`"` {
				t.Errorf("it became %s", b.String())
			}
		})
	}
	var d DateTime
	checkInput(t, d.UnmarshalGQL(7), "a number")
}
