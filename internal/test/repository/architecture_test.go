package repository

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// identifiers returns the package-level identifiers of the packages of the import table, and their methods and fields,
// as pkg.Name and pkg.Type.Name, and the names of the packages.
func identifiers(t *testing.T) (names, packages map[string]bool) {
	t.Helper()
	names, packages = make(map[string]bool), make(map[string]bool)
	for place := range mayImport {
		files, err := filepath.Glob(filepath.Join(root, place, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			pkg := parsed.Name.Name
			packages[pkg] = true
			for _, declaration := range parsed.Decls {
				for _, name := range declaredIn(declaration) {
					names[pkg+"."+name] = true
				}
			}
		}
	}
	return names, packages
}

// declaredIn returns the names that a declaration introduces: Name, and Type.Name for methods and fields.
func declaredIn(declaration ast.Decl) (names []string) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = receiver(d.Recv.List[0].Type) + "." + name
		}
		return []string{name}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
				for _, member := range members(spec.Type) {
					names = append(names, spec.Name.Name+"."+member)
				}
			}
		}
	}
	return names
}

// receiver returns the name of the type of a receiver, without pointer and type parameters.
func receiver(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// members returns the names of the fields of a struct, or of the methods of an interface.
func members(expr ast.Expr) (names []string) {
	var list *ast.FieldList
	switch e := expr.(type) {
	case *ast.StructType:
		list = e.Fields
	case *ast.InterfaceType:
		list = e.Methods
	default:
		return nil
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

func TestArchitecture_namesIdentifiersThatExist(t *testing.T) {
	names, packages := identifiers(t)
	text := documents(t)[filepath.Join(root, "ARCHITECTURE.md")]
	checked := 0
	for _, found := range regexp.MustCompile("`([a-z]\\w*)(\\.[A-Za-z]\\w*){1,2}`").FindAllStringSubmatch(text, -1) {
		name := strings.Trim(found[0], "`")
		if !packages[found[1]] || strings.HasSuffix(name, ".go") {
			continue
		}
		checked++
		if !names[name] {
			t.Errorf("ARCHITECTURE.md names %s, which does not exist", name)
		}
	}
	if checked < 20 {
		t.Errorf("only %d identifiers were found", checked)
	}
}

func TestArchitecture_hasARowForEveryPackage(t *testing.T) {
	text := documents(t)[filepath.Join(root, "ARCHITECTURE.md")]
	for place := range mayImport {
		if place != "" && !strings.Contains(text, "\n| `"+place+"/` | ") {
			t.Errorf("ARCHITECTURE.md has no row for %s", place)
		}
	}
}

func TestArchitecture_glossaryIsShort(t *testing.T) {
	_, glossary, found := strings.Cut(documents(t)[filepath.Join(root, "ARCHITECTURE.md")], "\n## Glossary\n")
	if !found {
		t.Fatal("ARCHITECTURE.md has no glossary")
	}
	if rows := strings.Count(glossary, "\n| ") - 1; rows < 1 || rows > 20 {
		t.Errorf("the glossary has %d words, want 1 to 20", rows)
	}
}
