package restore

import (
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

func TestClassify_readsTheErrorCodes(t *testing.T) {
	tests := map[string]struct {
		code   string
		status int
		want   outcome
	}{
		"no such cluster":  {code: "CLUSTER_NOT_FOUND", status: 404, want: outcomeNotHere},
		"by its name":      {code: "CLUSTER_NAME_NOT_FOUND", status: 404, want: outcomeNotHere},
		"not serverless":   {code: "NOT_SERVERLESS_TENANT_CLUSTER", status: 400, want: outcomeNotHere},
		"no such instance": {code: "SERVERLESS_INSTANCE_NOT_FOUND", status: 404, want: outcomeNotHere},
		"not of this API": {
			code: "CANNOT_USE_CLUSTER_IN_SERVERLESS_INSTANCE_API", status: 400, want: outcomeNotHere,
		},
		"an API to come": {
			code: "CANNOT_USE_FLEX_CLUSTER_IN_SERVERLESS_INSTANCE_API", status: 400, want: outcomeNotHere,
		},
		"no such job":              {code: "RESTORE_JOB_NOT_FOUND", status: 404, want: outcomeFound},
		"no such job of a tenant":  {code: "TENANT_RESTORE_NOT_FOUND", status: 404, want: outcomeFound},
		"no such job, by its id":   {code: "INVALID_JOB_ID", status: 404, want: outcomeFound},
		"no snapshot":              {code: "SNAPSHOT_NOT_FOUND", status: 404, want: outcomeFound},
		"no snapshot of a tenant":  {code: "TENANT_SNAPSHOT_NOT_FOUND", status: 404, want: outcomeFound},
		"no snapshot, by its id":   {code: "INVALID_SNAPSHOT_ID", status: 400, want: outcomeFound},
		"no backups":               {code: "BACKUP_CONFIG_NOT_FOUND", status: 404, want: outcomeFound},
		"no backups, 400":          {code: "BACKUP_JOB_NOT_FOUND", status: 400, want: outcomeFound},
		"no project":               {code: "GROUP_NOT_FOUND", status: 404, want: outcomeStop},
		"nothing said":             {status: 404, want: outcomeUnclear},
		"whatever is missing":      {code: "RESOURCE_NOT_FOUND", status: 404, want: outcomeUnclear},
		"sunset":                   {code: "VERSION_GONE", status: 410, want: outcomeRetired},
		"a role":                   {code: "USER_UNAUTHORIZED", status: 403, want: outcomeFailed},
		"a code of a failure":      {code: "CLUSTER_NOT_FOUND", status: 500, want: outcomeStop},
		"a code of a rate limit":   {code: "SNAPSHOT_NOT_FOUND", status: 429, want: outcomeStop},
		"a code of another matter": {code: "ATLAS_GENERAL_ERROR", status: 400, want: outcomeFailed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := classify(Serverless, &atlas.Error{Status: tt.status, ErrorCode: tt.code}); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
