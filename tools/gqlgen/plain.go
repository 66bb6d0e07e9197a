package main

import (
	_ "embed"
	"go/types"
	"path/filepath"
	"slices"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/99designs/gqlgen/plugin"
)

//go:embed plain.gotpl
var plainTemplate string

// plain is a plugin that writes plain.generated.go: how the plain fields of some types are
// written, without what stands around the execution of a field. A field is plain when
// nothing has to run for it: it has no resolver, no argument and no directive. The
// marshalers are gqlgen's own, and there are no errors: null is never one where it stands.
type plain struct{ types []string }

var _ plugin.CodeGenerator = plain{}

// Name is the plugin's name.
func (plain) Name() string { return "plain" }

// GenerateCode writes the file beside the others.
func (p plain) GenerateCode(data *codegen.Data) error {
	return templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Filename:        filepath.Join(data.Config.Exec.Dir(), "plain.generated.go"),
		Template:        plainTemplate,
		Data:            plainData{Roots: p.types, Objects: p.objects(data)},
		GeneratedHeader: true,
		Packages:        data.Config.Packages,
	})
}

type plainData struct {
	Roots   []string
	Objects []plainObject
}

type plainObject struct {
	*codegen.Object
	Plain []plainField
}

type plainField struct {
	*codegen.Field
	// Object and List are whether it is an object, or a list of them; else it is a leaf.
	Object, List bool
	// Checked is whether it has a method Valid, and is an error where that is false.
	Checked bool
}

// objects are the types, and those that their plain fields lead to.
func (p plain) objects(data *codegen.Data) []plainObject {
	var out []plainObject
	names := slices.Clone(p.types)
	for i := 0; i < len(names); i++ {
		o := plainObject{Object: data.Objects.ByName(names[i])}
		for _, f := range o.Fields {
			field, ok := asPlain(f)
			if !ok {
				continue
			}
			o.Plain = append(o.Plain, field)
			if (field.Object || field.List) && !slices.Contains(names, f.TypeReference.Definition.Name) {
				names = append(names, f.TypeReference.Definition.Name)
			}
		}
		out = append(out, o)
	}
	return out
}

// asPlain reports whether a field is plain, and how it is to be written.
func asPlain(f *codegen.Field) (plainField, bool) {
	if !f.IsVariable() || f.IsResolver || f.IsReserved() || len(f.Args) > 0 || f.HasDirectives() {
		return plainField{}, false
	}
	field := plainField{Field: f}
	t := f.TypeReference
	switch {
	case isLeaf(t):
		field.Checked = hasValid(t)
	case isObject(t):
		field.Object = true
	case t.IsSlice() && isObject(t.Elem()):
		field.List = true
	default:
		return plainField{}, false
	}
	return field, true
}

// alwaysSomething are the marshalers of gqlgen that have a text for each value; some others
// make null, which may be an error, of a value that they do not like.
var alwaysSomething = []string{"MarshalBoolean", "MarshalID", "MarshalInt", "MarshalInt64", "MarshalString"}

// isLeaf is whether the reference is to a scalar or an enumeration, which is a string.
func isLeaf(t *config.TypeReference) bool {
	return t.Definition.IsLeafType() && t.GQL.Elem == nil && !t.HasEnumValues() && (t.IsMarshaler || slices.Contains(alwaysSomething, t.Marshaler.Name()))
}

// hasValid reports whether the value of a leaf has a method Valid.
func hasValid(t *config.TypeReference) bool {
	valid, _, _ := types.LookupFieldOrMethod(t.GO, true, nil, "Valid")
	_, ok := valid.(*types.Func)
	return ok
}

// isObject is whether the reference is to a model by its pointer.
func isObject(t *config.TypeReference) bool {
	pointer, ok := t.GO.(*types.Pointer)
	if !ok || t.GQL.Elem != nil || t.IsMarshaler || t.Marshaler != nil || len(t.Definition.Fields) == 0 || t.Definition.IsAbstractType() {
		return false
	}
	_, ok = pointer.Elem().Underlying().(*types.Struct)
	return ok
}
