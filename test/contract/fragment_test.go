package contract

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/secret"
)

// fragmentRow is an operation that is checked with the fragment of the newest document: the SDK's document lacks it, or
// describes it in a form that no tool of Go reads.
type fragmentRow struct {
	client func(context.Context, *atlas.Client, place) (any, error)
	sdk    func(context.Context, *admin.APIClient, place) (any, reply, error) // nil: the SDK does not know it
	// undocumented are fields that Atlas was recorded to send, and differs those whose recorded values the document does
	// not allow.
	undocumented, differs []string
}

// fragmentRows are those operations, by the names that the client has for them.
var fragmentRows = map[string]fragmentRow{
	"listCollectionRestoreJobs": {
		client: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.CollectionRestoreJobs.List(ctx, c, p.options(), p.groupID, p.clusterName))
		},
	},
	"getCollectionRestoreJob": {
		client: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.CollectionRestoreJobs.Get(ctx, c, p.groupID, p.clusterName, p.restoreJobID))
		},
	},
	"listRestoreJobCollections": {
		client: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.RestoredCollections.List(ctx, c, p.options(), p.groupID, p.clusterName, p.restoreJobID))
		},
	},
	"listGroupClusterBackupExports": {
		differs: []string{"/results/prefix"}, // the document has a pattern of placeholders
		client: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.SnapshotExports.List(ctx, c, p.options(), p.groupID, p.clusterName))
		},
		sdk: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.ListBackupExports(ctx, p.groupID, p.clusterName).Execute())
		},
	},
	"listGroupBackupExportBuckets": {
		client: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ExportBuckets.List(ctx, c, p.options(), p.groupID))
		},
		sdk: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.ListExportBuckets(ctx, p.groupID).Execute())
		},
	},
	"getGroupBackupCompliancePolicy": {
		differs: []string{"/onDemandPolicyItem"}, // recorded as null
		client: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(c.GetBackupCompliancePolicy(ctx, p.groupID))
		},
		sdk: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.GetCompliancePolicy(ctx, p.groupID).Execute())
		},
	},
	"listGroupEvents": {
		undocumented: []string{"/results/clusterName"},
		client: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.Events.List(ctx, c, p.options(), p.groupID))
		},
		sdk: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.EventsApi.ListGroupEvents(ctx, p.groupID).Execute())
		},
	},
	"listRateLimits": {
		client: func(ctx context.Context, c *atlas.Client, _ place) (any, error) {
			if n, err := c.SeedRateLimits(ctx); n == 0 {
				return nil, errors.Join(errors.New("no rate limit is known"), err)
			}
			return struct{}{}, nil
		},
		sdk: func(ctx context.Context, c *admin.APIClient, _ place) (any, reply, error) {
			return result(c.RateLimitingApi.ListRateLimits(ctx).Execute())
		},
	},
}

// TestFragment_isWhatClientAndSimulatorDo has client and SDK call each operation of the simulator, and holds requests
// and answers against the fragment.
func TestFragment_isWhatClientAndSimulatorDo(t *testing.T) {
	document := loadFragment(t)
	e := newEnv(t, atlassim.WithCollectionRestores())
	defer e.wire.reset() // the SDK's document says nothing of these
	client, err := atlas.New(atlas.ServiceAccount{
		ClientID: ownerAccount.public, ClientSecret: secret.Text(ownerAccount.private),
	}, atlas.WithBaseURL(e.url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	p := place{groupID: seedGroupID, clusterName: atlassim.SeedReplicaSetClusterName}
	jobs, err := atlas.CollectionRestoreJobs.List(t.Context(), client, atlas.ListOptions{}, p.groupID, p.clusterName)
	if err != nil || len(jobs.Results) < 2 {
		t.Fatalf("got %+v, %v", jobs, err)
	}
	p.restoreJobID = jobs.Results[1].ID // the newest has no collections yet
	for _, op := range atlas.Operations() {
		row, checked := fragmentRows[op.Name]
		if !checked {
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			documented := document.find(t, op.Path)
			if _, err := row.client(t.Context(), client, p); err != nil {
				t.Fatal(err)
			}
			x := e.wire.last(t)
			for name := range x.request.URL.Query() {
				if documented.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
					t.Errorf("the client sends the parameter %s, which is not documented", name)
				}
			}
			if problem := checkAccept(documented, x.request.Header); problem != "" {
				t.Error(problem)
			}
			checkBody(t, documented, x, row)
			if row.sdk == nil {
				return
			}
			got, _, err := row.sdk(t.Context(), e.sdk(t, ownerAccount), p)
			if err != nil {
				t.Fatalf("the SDK: %v", err)
			}
			for _, field := range lost(t, e.wire.last(t).body, got) {
				if !slices.Contains(row.undocumented, "/results"+field) {
					t.Errorf("the SDK lost or changed %s", field)
				}
			}
		})
	}
}

// fragmentDocument is the fragment: its operations by path, with the names of placeholders left out.
type fragmentDocument map[string]*openapi3.Operation

func loadFragment(t *testing.T) fragmentDocument {
	t.Helper()
	if _, err := os.Stat(fragment); errors.Is(err, fs.ErrNotExist) {
		t.Skip("SKIPPED: the fragment of the newest document is not there, so nothing was compared with it")
	}
	document, err := openapi3.NewLoader().LoadFromFile(fragment)
	if err != nil {
		t.Fatal(err)
	}
	out := fragmentDocument{}
	for path, item := range document.Paths.Map() {
		if item.Get != nil {
			out[placeholder.ReplaceAllString(path, "{}")] = item.Get
		}
	}
	return out
}

func (d fragmentDocument) find(t *testing.T, path string) *openapi3.Operation {
	t.Helper()
	op := d[placeholder.ReplaceAllString("/api/atlas/v2"+path, "{}")]
	if op == nil {
		t.Fatalf("the fragment has no GET %s", path)
	}
	return op
}

// checkBody holds an answer against the schema of its version.
func checkBody(t *testing.T, op *openapi3.Operation, x exchange, row fragmentRow) {
	t.Helper()
	content := op.Responses.Value("200").Value.Content
	version := "application/vnd.atlas." + versionOf(x.header.Get("Content-Type")) + "+json"
	if content[version] == nil {
		t.Fatalf("the answer is %s, and the document has none", version)
	}
	var body any
	if err := json.Unmarshal(x.body, &body); err != nil {
		t.Fatal(err)
	}
	schema := content[version].Schema.Value
	withoutLookahead(schema, map[*openapi3.Schema]bool{})
	for _, field := range undocumentedIn(schema, body, "") {
		if !slices.Contains(row.undocumented, field) {
			t.Errorf("the answer has %s, which is not documented", field)
		}
	}
	err := schema.VisitJSON(body, openapi3.MultiErrors())
	var all openapi3.MultiError
	if err != nil && !errors.As(err, &all) {
		all = openapi3.MultiError{err}
	}
	for _, one := range all {
		var of *openapi3.SchemaError
		if errors.As(one, &of) {
			steps := slices.DeleteFunc(of.JSONPointer(), func(step string) bool { return strings.Trim(step, "0123456789") == "" })
			if slices.Contains(row.differs, "/"+strings.Join(steps, "/")) {
				continue
			}
		}
		t.Errorf("the answer: %s", firstLine(one))
	}
}

// withoutLookahead removes patterns that Go's regular expressions do not know.
func withoutLookahead(s *openapi3.Schema, seen map[*openapi3.Schema]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	if strings.Contains(s.Pattern, "(?!") {
		s.Pattern = ""
	}
	for _, property := range s.Properties {
		withoutLookahead(property.Value, seen)
	}
	if s.Items != nil {
		withoutLookahead(s.Items.Value, seen)
	}
}

// undocumentedIn returns the fields of a value that its schema does not have.
func undocumentedIn(s *openapi3.Schema, value any, path string) (fields []string) {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			if s.Items != nil {
				fields = append(fields, undocumentedIn(s.Items.Value, one, path)...)
			}
		}
	case map[string]any:
		for name, one := range value {
			switch property := s.Properties[name]; {
			case property != nil:
				fields = append(fields, undocumentedIn(property.Value, one, path+"/"+name)...)
			case s.AdditionalProperties.Has == nil || !*s.AdditionalProperties.Has:
				fields = append(fields, path+"/"+name)
			}
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
