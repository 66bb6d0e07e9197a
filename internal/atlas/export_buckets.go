package atlas

// ExportBuckets are the buckets of one project to which snapshots can be exported. Only the list is used: one bucket has
// all that the list has of it.
var ExportBuckets = Resource[ExportBucket]{
	list: declare(roleReadOnly, "2024-05-30", "/groups/{groupId}/backup/exportBuckets", "listGroupBackupExportBuckets"),
}

// ExportBucket is a bucket of a cloud provider, which belongs to the customer
// (DiskBackupSnapshotExportBucketResponse in Atlas's OpenAPI document). A nil field was absent or null.
type ExportBucket struct {
	ID                       string         `json:"_id"`
	BucketName               *string        `json:"bucketName"`
	CloudProvider            *string        `json:"cloudProvider"`
	IAMRoleID                *string        `json:"iamRoleId"` // of AWS
	Links                    Elements[Link] `json:"links"`
	Region                   *string        `json:"region"`                   // of AWS
	RequirePrivateNetworking *bool          `json:"requirePrivateNetworking"` // of AWS
	RoleID                   *string        `json:"roleId"`                   // of Azure and Google Cloud
	ServiceURL               *string        `json:"serviceUrl"`               // of Azure
	TenantID                 *string        `json:"tenantId"`                 // of Azure
}

func (b ExportBucket) identity() string { return b.ID }
