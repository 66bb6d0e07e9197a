// Package filler fills values of the domain with data for tests.
package filler

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"atlas-restore-gateway/internal/atlas"
)

// Filler sets all that can be null or empty in a value.
type Filler struct {
	Elements int           // of each list
	Text     func() string // returns the next text
	ID       func() string // returns the next text of a field that is named as an id
	Number   func() int64  // returns the next number
}

// Fill sets all that v points to.
func (f Filler) Fill(v any) { f.fill(reflect.ValueOf(v).Elem()) }

func (f Filler) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		f.fill(v.Elem())
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[atlas.Links]() {
			v.SetBytes(fmt.Appendf(nil, `[{"href":%q,"rel":%q}]`, f.Text(), f.Text()))
			return
		}
		if v.Type() == reflect.TypeFor[jsontext.Value]() {
			v.SetBytes(fmt.Appendf(nil, `{"a":%q}`, f.Text()))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), f.Elements, f.Elements))
		for i := range f.Elements {
			f.fill(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2025, 5, 4, 9, 41, 59, 0, time.UTC).Add(time.Duration(f.Number()) * time.Second)))
			return
		}
		for i := range v.NumField() {
			of := f
			if name := v.Type().Field(i).Name; strings.HasSuffix(name, "ID") || strings.HasSuffix(name, "IDs") {
				of.Text = f.ID
			}
			// A value of a type that holds itself is filled once.
			if field := v.Type().Field(i); field.IsExported() && field.Type != reflect.PointerTo(v.Type()) {
				of.fill(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString(f.Text())
	case reflect.Int, reflect.Int64:
		v.SetInt(f.Number())
	case reflect.Bool:
		v.SetBool(f.Number()%2 == 0)
	default: // has no value that says nothing
	}
}
