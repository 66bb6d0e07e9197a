package helm

import (
	"os"
	"regexp"
	"testing"
)

// The first example is complete; the others are added to it.
func TestGuide_hasValuesThatAreAccepted(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(guide, -1)
	if len(examples) < 4 {
		t.Fatalf("there are %d examples", len(examples))
	}
	first := string(examples[0][1])
	render(t, first)
	args := []string{}
	for _, example := range examples[1:] {
		file := write(t, "example.yaml", string(example[1]))
		render(t, first, "--values", file)
		args = append(args, "--values", file)
	}
	render(t, first, args...)
}
