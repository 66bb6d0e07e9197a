package helm

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

const (
	program = "../../bin/helm"
	gateway = "../../bin/atlas-restore-gateway"
	chart   = "../../deploy/helm/atlas-restore-gateway"
)

// release is what helm renders for a set of values.
type release struct {
	objects []runtime.Object
}

// helm runs helm with a file of the values, and returns its output. An error has all that helm wrote.
func helm(t *testing.T, values string, args ...string) (string, error) {
	t.Helper()
	values = write(t, "values.yaml", values)
	args = slices.Concat(args[:1], []string{"--values", values}, args[1:])
	cmd := exec.CommandContext(t.Context(), program, args...)
	// No settings, plugins or caches of the user.
	cmd.Env = []string{"HOME=" + t.TempDir()}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s%s", err, &stderr, &stdout)
	}
	return stdout.String(), nil
}

// write writes a file and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// template renders the chart.
func template(t *testing.T, values string, args ...string) (string, error) {
	t.Helper()
	return helm(t, values, append([]string{"template", "restores", chart, "--namespace", "backup"}, args...)...)
}

// render renders the chart and decodes its objects.
func render(t *testing.T, values string, args ...string) release {
	t.Helper()
	text, err := template(t, values, args...)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := decode(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return release{objects}
}

// decode decodes objects. A kind that is not known, a field that its type does not have and a field that stands twice
// are errors.
func decode(text string) ([]runtime.Object, error) {
	decoder, err := newDecoder()
	if err != nil {
		return nil, err
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	var objects []runtime.Object
	for {
		document, err := documents.Read()
		if err == io.EOF { //nolint:errorlint // the reader returns it as it is
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		var content any
		if err := yaml.Unmarshal(document, &content); err != nil {
			return nil, err
		}
		if content == nil { // a template that has rendered nothing but comments
			continue
		}
		object, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}

var newDecoder = sync.OnceValues(func() (runtime.Decoder, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, autoscalingv2.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme,
		monitoringv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer(), nil
})

// all returns the objects of a type.
func all[T runtime.Object](r release) []T {
	var found []T
	for _, object := range r.objects {
		if o, is := object.(T); is {
			found = append(found, o)
		}
	}
	return found
}

// one returns the one object of a type whose name has the suffix.
func one[T interface {
	runtime.Object
	metav1.Object
}](t *testing.T, r release, suffix string) T {
	t.Helper()
	var found []T
	for _, o := range all[T](r) {
		if o.GetName() == "restores-atlas-restore-gateway"+suffix {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		t.Fatalf("there are %d objects %T with the suffix %q, want one", len(found), *new(T), suffix)
	}
	return found[0]
}

// container returns the container of the Deployment.
func (r release) container(t *testing.T) corev1.Container {
	t.Helper()
	containers := one[*appsv1.Deployment](t, r, "").Spec.Template.Spec.Containers
	if len(containers) != 1 {
		t.Fatalf("the pod has %d containers", len(containers))
	}
	return containers[0]
}

// settings returns the settings of the file of --config.
func (r release) settings(t *testing.T) map[string]any {
	t.Helper()
	settings := map[string]any{}
	text := one[*corev1.ConfigMap](t, r, "").Data["config.yaml"]
	if err := yaml.UnmarshalStrict([]byte(text), &settings); err != nil || len(settings) == 0 {
		t.Fatalf("%v in\n%s", err, text)
	}
	return settings
}
