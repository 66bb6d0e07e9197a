// graphql-eslint's recommended rules for schemas and its rules of the Relay specifications. A changed rule has its
// reason beside it.
import graphql from "@graphql-eslint/eslint-plugin";
import { withActions } from "./schema.js";

// The directives that the schema imports by @link, for the parser of the rules.
const imported = `
  directive @authenticated on OBJECT | FIELD_DEFINITION | INTERFACE | SCALAR | ENUM
  directive @requiresScopes(scopes: [[String!]!]!) on OBJECT | FIELD_DEFINITION | INTERFACE | SCALAR | ENUM
  directive @link(url: String!, import: [String!]) repeatable on SCHEMA
  directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @shareable repeatable on OBJECT | FIELD_DEFINITION
  directive @tag(name: String!) repeatable on FIELD_DEFINITION | INTERFACE | OBJECT
`;

export default [
  {
    files: ["**/*.graphqls", "**/*.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: [withActions(), imported] } },
    },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,

      // Descriptions of one line are in quotes, longer ones are blocks.
      "@graphql-eslint/description-style": "off",
      // Values have no id: they are fields of types that have one.
      "@graphql-eslint/strict-id-in-types": ["error", {
        exceptions: {
          types: [
            "ActionRemark", "AtlasLink", "AtlasSnapshotMember", "AtlasTag", "BSONTimestamp", "BackupAutoExport",
            "BackupCompliancePolicy", "BackupCopySetting", "BackupExtraRetention", "BackupPolicy",
            "BackupPolicyItem", "BackupSchedule", "CancelRestoreResult", "CollectionRestoreIndexStatus",
            "DownloadPlan", "PageInfo", "PrivateDownloadUrl",
            "RestoreEventPrincipal", "RestoreJobComponent", "RestoreNamespace", "RestorePlan", "RestoreProgress", "RestoreWindow",
            "RestoredCollection", "RestoredCollectionIndexStatus", "SnapshotExportComponent", "SnapshotExportReason",
            "SnapshotExportStatus", "UnreadCluster",
          ],
          suffixes: ["Connection", "Edge"],
        },
      }],
      // Atlas's lists are read forward only, from the newest element.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      "@graphql-eslint/relay-edge-types": ["error", {
        withEdgeSuffix: true,
        // Entities are found by their @key (project, cluster, id), not by one global id.
        shouldImplementNode: false,
        // Connections have nodes beside edges, and values are in plain lists.
        listTypeCanWrapOnlyEdgeType: false,
      }],
    },
  },
];
