package main

import (
	_ "embed"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/99designs/gqlgen/plugin"
)

//go:embed fastpath.gotpl
var fastpathTemplate string

// fastpath is a plugin that writes fastpath.generated.go: how graph/fastpath writes the values of each object type,
// without what gqlgen does around the execution of a field. A field can be written when nothing is executed for it: it
// has no resolver, no argument and no directive. The marshalers are gqlgen's own, and none of them makes an error: a
// null that is one is left to gqlgen.
type fastpath struct{}

var _ plugin.CodeGenerator = fastpath{}

// Name is the plugin's name.
func (fastpath) Name() string { return "fastpath" }

// GenerateCode writes the file beside the others.
func (fastpath) GenerateCode(data *codegen.Data) error {
	return templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Filename:        filepath.Join(data.Config.Exec.Dir(), "fastpath.generated.go"),
		Template:        fastpathTemplate,
		Data:            fastpathData{Objects: objectsOf(data), Lists: listsOf(data)},
		GeneratedHeader: true,
		Packages:        data.Config.Packages,
	})
}

type fastpathData struct {
	Objects []object
	Lists   []list
}

// object is an object type.
type object struct {
	*codegen.Object

	Writable []field
}

// Marshals reports whether a field is written by a marshaler of gqlgen.
func (o object) Marshals() bool {
	return slices.ContainsFunc(o.Writable, func(f field) bool {
		return !f.Object && !f.List && f.TypeReference.Definition.Kind != "ENUM"
	})
}

// list is a Go type of lists of objects.
type list struct {
	*config.TypeReference

	// NonNull reports whether no element of such a list may be null, in one place of the schema at least.
	NonNull bool
}

// field is a field that can be written.
type field struct {
	*codegen.Field

	// Object and List report whether the value is an object or a list of objects; else it is a leaf.
	Object, List bool
	// Checked reports whether the value has a method Valid, and is an error where that is false.
	Checked bool
}

// objectsOf returns the object types of the schema, but for its roots and those of federation and introspection.
func objectsOf(data *codegen.Data) []object {
	var out []object
	for _, o := range data.Objects {
		if o.Root || o.Name == "Entity" || strings.HasPrefix(o.Name, "_") {
			continue
		}
		one := object{Object: o}
		for _, f := range o.Fields {
			if field, ok := asWritable(f); ok {
				one.Writable = append(one.Writable, field)
			}
		}
		out = append(out, one)
	}
	return out
}

// listsOf returns the Go types of lists of objects.
func listsOf(data *codegen.Data) []list {
	found := make(map[string]list)
	for _, t := range data.ReferencedTypes {
		if !t.IsSlice() || !isObject(t.Elem()) || t.Definition.IsInputType() || strings.HasPrefix(t.Definition.Name, "__") {
			continue
		}
		name := t.GO.String()
		found[name] = list{TypeReference: t, NonNull: found[name].NonNull || t.Elem().GQL.NonNull}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b list) int {
		return strings.Compare(a.GO.String(), b.GO.String())
	})
}

// asWritable reports whether a field can be written, and how.
func asWritable(f *codegen.Field) (field, bool) {
	if !f.IsVariable() || f.IsResolver || f.IsReserved() || len(f.Args) > 0 || f.HasDirectives() {
		return field{}, false
	}
	out := field{Field: f}
	t := f.TypeReference
	switch {
	case isLeaf(t):
		out.Checked = hasValid(t)
	case isObject(t):
		out.Object = true
	case t.IsSlice() && isObject(t.Elem()):
		out.List = true
	default:
		return field{}, false
	}
	return out, true
}

// totalMarshalers are the marshalers of gqlgen that have a text for each value. Some others make null, which may be an
// error, of some values.
var totalMarshalers = []string{"MarshalBoolean", "MarshalID", "MarshalInt", "MarshalInt64", "MarshalString"}

// isLeaf reports whether the reference is to a scalar or an enumeration, which is a string.
func isLeaf(t *config.TypeReference) bool {
	return t.Definition.IsLeafType() && t.GQL.Elem == nil && !t.HasEnumValues() &&
		(t.IsMarshaler || slices.Contains(totalMarshalers, t.Marshaler.Name()))
}

// hasValid reports whether the value of a leaf has a method Valid.
func hasValid(t *config.TypeReference) bool {
	valid, _, _ := types.LookupFieldOrMethod(t.GO, true, nil, "Valid")
	_, ok := valid.(*types.Func)
	return ok
}

// isObject reports whether the reference is to a model by its pointer, or to one of several by their Go interface.
func isObject(t *config.TypeReference) bool {
	if t.GQL.Elem != nil || t.IsMarshaler || t.Marshaler != nil {
		return false
	}
	if t.Definition.IsAbstractType() {
		return types.IsInterface(t.GO)
	}
	pointer, ok := t.GO.(*types.Pointer)
	if !ok || len(t.Definition.Fields) == 0 {
		return false
	}
	_, ok = pointer.Elem().Underlying().(*types.Struct)
	return ok
}
