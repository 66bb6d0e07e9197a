package atlas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lost compares a resource that was decoded with what Atlas sent, and says what is
// not the same. A field that Atlas sent and the resource does not have is lost unless
// its path is in dropped (results[].x is x, a.b is a.b); "*" drops all such fields.
func lost(t *testing.T, sent []byte, decoded any, dropped ...string) []string {
	t.Helper()
	again, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	return differences("", parse(t, sent), parse(t, again), dropped)
}

func parse(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // a float64 would hide a lost digit
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func differences(path string, sent, decoded any, dropped []string) []string {
	var all []string
	switch sent := sent.(type) {
	case map[string]any:
		decoded, ok := decoded.(map[string]any)
		if !ok {
			break
		}
		for name := range sent {
			at := strings.TrimPrefix(path+"."+name, ".")
			if _, known := decoded[name]; known || slices.Contains(dropped, "*") || slices.Contains(dropped, at) {
				continue
			}
			all = append(all, at+" is lost")
		}
		for name, value := range decoded {
			// What Atlas left out must be null here, or made of nothing but nulls.
			if sent, was := sent[name]; was || !empty(value) {
				all = append(all, differences(strings.TrimPrefix(path+"."+name, "."), sent, value, dropped)...)
			}
		}
		return all
	case []any:
		decoded, ok := decoded.([]any)
		if !ok || len(decoded) != len(sent) {
			break
		}
		for i := range sent {
			all = append(all, differences(path, sent[i], decoded[i], dropped)...)
		}
		return all
	case json.Number:
		// 30.0 and 30 are one number.
		decoded, ok := decoded.(json.Number)
		a, errA := sent.Float64()
		b, errB := decoded.Float64()
		if ok && (sent == decoded || a == b && errA == nil && errB == nil && strings.Contains(string(sent), ".")) {
			return nil
		}
	}
	if !reflect.DeepEqual(sent, decoded) {
		all = append(all, fmt.Sprintf("%s was %v and is %v", path, sent, decoded))
	}
	return all
}

func empty(v any) bool {
	fields, ok := v.(map[string]any)
	if !ok {
		return v == nil
	}
	for _, value := range fields {
		if !empty(value) {
			return false
		}
	}
	return true
}

func TestResources_haveEveryField(t *testing.T) {
	for _, op := range operations {
		indented := new(bytes.Buffer)
		if err := json.Indent(indented, []byte(op.body(op.example)), "", "  "); err != nil {
			t.Fatal(err)
		}
		enveloped := `{"content":` + op.example + `,"status":200}`
		if op.list {
			enveloped = `{"status":200,` + op.body(op.example)[1:]
		}
		for name, tt := range map[string]struct {
			body string
			opts []Option
		}{
			"plain":          {body: op.body(op.example), opts: nil},
			"pretty":         {body: indented.String(), opts: []Option{WithPretty(true)}},
			"in an envelope": {body: enveloped, opts: []Option{WithEnvelope(true)}},
			"with all of it in the content": {
				body: `{"status":200,"content":` + op.body(op.example) + `}`, opts: []Option{WithEnvelope(true)},
			},
			"without the envelope asked for": {body: op.body(op.example), opts: []Option{WithEnvelope(true)}},
		} {
			t.Run(op.name+" "+name, func(t *testing.T) {
				value, err := op.do(t, newClient(t, answering(200, "application/vnd.atlas."+op.version+"+json", tt.body),
					tt.opts...))
				if err != nil {
					t.Fatal(err)
				}
				results := op.results(value)
				if len(results) != 1 {
					t.Fatalf("got %d results", len(results))
				}
				for _, difference := range lost(t, []byte(op.example), results[0]) {
					t.Error(difference)
				}
			})
		}
	}
}

func TestResources_haveNilForWhatAtlasOmits(t *testing.T) {
	for _, op := range operations {
		value, err := op.do(t, newClient(t, answering(200, "application/json", op.body(op.minimal()))))
		if err != nil {
			t.Fatal(err)
		}
		for _, difference := range lost(t, []byte(op.minimal()), op.results(value)[0]) {
			t.Errorf("%s: %s", op.name, difference)
		}
	}
}

// A field is named after its JSON name, so one cannot be tagged as its neighbour.
func TestResources_nameFieldsAsAtlasDoes(t *testing.T) {
	renamed := map[string]string{
		"FlexBackupSettings.BackupEnabled":         "enabled",
		"ServerlessProviderSettings.BackupEnabled": "tenantBackupEnabled",
		"FlexCluster.FlexBackupSettings":           "backupSettings",
		// The type tells the instance's settings from others.
		"ServerlessInstance.ServerlessProviderSettings": "providerSettings",
	}
	var check func(reflect.Type)
	check = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || !strings.HasPrefix(of.PkgPath(), "atlas-restore-gateway/") {
			return
		}
		for field := range of.Fields() {
			check(field.Type)
			tag := field.Tag.Get("json")
			if want, ok := renamed[of.Name()+"."+field.Name]; ok && tag == want || field.Anonymous && tag == "" {
				continue
			}
			if !strings.EqualFold(tag, field.Name) {
				t.Errorf("%s.%s is read from %q", of.Name(), field.Name, tag)
			}
		}
	}
	for _, resource := range []any{
		ServerlessRestoreJob{}, ServerlessSnapshot{}, ServerlessInstance{}, FlexRestoreJob{}, FlexSnapshot{}, FlexCluster{},
		DedicatedRestoreJob{}, DedicatedSnapshot{}, Cluster{}, Project{},
	} {
		check(reflect.TypeOf(resource))
	}
}

func TestCluster_hasTheTierOfItsSize(t *testing.T) {
	region := func(provider, size string) string {
		return `{"providerName":"` + provider + `","electableSpecs":{"instanceSize":"` + size + `"}}`
	}
	type tier struct {
		Size       string
		Free, Flex bool
	}
	tests := map[string]struct {
		regions string
		want    tier
	}{
		"Free":                 {regions: region("TENANT", "M0"), want: tier{Size: "M0", Free: true, Flex: false}},
		"Dedicated":            {regions: region("AWS", "M10"), want: tier{Size: "M10", Free: false, Flex: false}},
		"what was an M2":       {regions: region("TENANT", "M2"), want: tier{Size: "M2", Free: false, Flex: true}},
		"Flex by its own name": {regions: region("FLEX", "FLEX"), want: tier{Size: "FLEX", Free: false, Flex: true}},
		"no electable nodes at first": {
			regions: `{"providerName":"GCP"},{"electableSpecs":{}},` + region("AZURE", "M30"),
			want:    tier{Size: "M30", Free: false, Flex: false},
		},
		"no provider": {
			regions: `{"electableSpecs":{"instanceSize":"M10"}}`, want: tier{Size: "M10", Free: false, Flex: false},
		},
		"no sizes":   {regions: `{"providerName":"TENANT"}`, want: tier{}},
		"no regions": {regions: ``, want: tier{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body := `{"id":"x","replicationSpecs":[{},{"regionConfigs":[` + tt.regions + `]}]}`
			cluster, err := Clusters.Get(t.Context(), newClient(t, answering(200, "application/json", body)), testGroup,
				testCluster)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tier{Size: textOf(cluster.InstanceSize()), Free: cluster.Free(), Flex: cluster.Flex()}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
