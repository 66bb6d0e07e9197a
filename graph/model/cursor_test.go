package model

import (
	"errors"
	"testing"
)

func TestCursor_isParsedByItsOwnListOnly(t *testing.T) {
	c := Cursor{List: "jobs", ID: "67ebae01a6713bc8f4000000", Index: 7}
	if got, err := ParseCursor("jobs", c.String()); err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
	colons := Cursor{List: "jobs", ID: "a:b:c"}
	if got, err := ParseCursor("jobs", colons.String()); err != nil || got != colons {
		t.Errorf("got %+v, %v", got, err)
	}
	bad := map[string]string{
		"of another list": c.String(), "empty": "", "no base64": "!!", "no cursor": "aGVsbG8",
		"without an id":    Cursor{List: "projects"}.String(),
		"a negative index": Cursor{List: "projects", ID: "x", Index: -1}.String(),
	}
	for name, text := range bad {
		_, err := ParseCursor("projects", text)
		var input *InputError
		if !errors.As(err, &input) || input.Argument != "after" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("am9iczowOmE")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor("jobs", text)
		if err != nil {
			return
		}
		if again, err := ParseCursor("jobs", c.String()); err != nil || again != c {
			t.Errorf("%q became %+v and then %+v, %v", text, c, again, err)
		}
	})
}
