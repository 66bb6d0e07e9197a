/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** The Atlas API that a value was read from. */
export type AtlasBackupApi =
  /** Collection restores of Dedicated clusters (`/clusters/{clusterName}/collectionRestoreJobs`). */
  | 'COLLECTION'
  /** Dedicated clusters (`/clusters/{clusterName}`). */
  | 'DEDICATED'
  /** Flex clusters (`/flexClusters/{name}`). */
  | 'FLEX'
  /** Serverless instances (`/serverless/{clusterName}`), which Atlas retired in January 2026. */
  | 'SERVERLESS';

/** The tier of a cluster. */
export type AtlasClusterTier =
  /** A Dedicated cluster. */
  | 'DEDICATED'
  /** A Flex cluster. */
  | 'FLEX'
  /** A Free (M0) cluster, of which Atlas makes no backups. */
  | 'FREE'
  /** A serverless instance. */
  | 'SERVERLESS';

/** The state of a snapshot. */
export type AtlasSnapshotStatus =
  /** Taken. */
  | 'COMPLETED'
  /** Failed. */
  | 'FAILED'
  /** Being taken (Flex: RUNNING). */
  | 'IN_PROGRESS'
  /** Accepted. */
  | 'PENDING'
  /** Waiting in a queue. */
  | 'QUEUED'
  /** A status that this version of the gateway does not know. */
  | 'UNKNOWN';

/** What came of a cancel. */
export type CancelOutcome =
  /** The job had ended, or has ended in another way: nothing was cancelled. */
  | 'ALREADY_ENDED'
  /** Atlas says that the job is cancelled. */
  | 'CANCELLED'
  /** Atlas cannot cancel this job: it is one of a Flex cluster, or restores collections. Nothing was cancelled. */
  | 'NOT_SUPPORTED'
  /** Atlas has accepted the cancel, and the job goes on as yet: watch it. */
  | 'REQUESTED';

/** What is known of a backup compliance policy. */
export type CompliancePolicyKnowledge =
  /** There is one: Atlas refuses what it forbids. */
  | 'ACTIVE'
  /** There is none. */
  | 'NONE'
  /** The gateway's credential may not read it, or it could not be read. */
  | 'UNKNOWN';

/** How a restore job delivers the data. */
export type DeliveryType =
  /** Atlas restores a snapshot to a cluster (Atlas: `automated`). */
  | 'AUTOMATED'
  /** Atlas offers a snapshot for download (Atlas: `download`). */
  | 'DOWNLOAD'
  /** Atlas restores to a moment between snapshots (Atlas: `pointInTime`). */
  | 'POINT_IN_TIME'
  /** A delivery type that this version of the gateway does not know. */
  | 'UNKNOWN';

/** A download of a snapshot. */
export type DownloadInput = {
  /** The cluster that the snapshot was taken of. */
  clusterName: string;
  /** The project of the snapshot. */
  groupId: string;
  /** The snapshot. */
  snapshotId: string;
};

/** What kind of principal caused an event. */
export type RestoreEventActor =
  /** An API key. */
  | 'API_KEY'
  /** Atlas itself: the event names no principal. */
  | 'ATLAS'
  /** A service account. */
  | 'SERVICE_ACCOUNT'
  /** A principal that this version of the gateway does not know. */
  | 'UNKNOWN'
  /** A user. */
  | 'USER';

/** What is to be restored. */
export type RestoreInput =
  {   /** A point in time of a Dedicated cluster with continuous backup. */
  pointInTime: RestorePointInTimeInput; snapshot?: never; }
  |  { pointInTime?: never;   /** A snapshot of a Dedicated or a Flex cluster. */
  snapshot: RestoreSnapshotInput; };

/** The state of a restore job. */
export type RestoreJobState =
  /** The job was cancelled. */
  | 'CANCELLED'
  /** The job, or its download, expired. */
  | 'EXPIRED'
  /** The job failed. */
  | 'FAILED'
  /** Some collections have been restored and others not. Of collection restores. */
  | 'PARTIALLY_SUCCEEDED'
  /** Atlas has accepted the job and has not started it. */
  | 'PENDING'
  /** The download can be fetched from `deliveryUrl`. */
  | 'READY'
  /** Atlas is restoring, or preparing the download. */
  | 'RUNNING'
  /** The data has been restored. */
  | 'SUCCEEDED'
  /** A state that this version of the gateway does not know. */
  | 'UNKNOWN';

/** A restore of a point in time. */
export type RestorePointInTimeInput = {
  /** The cluster whose backup is restored. */
  clusterName: string;
  /** The project of the backup. */
  groupId: string;
  /** The moment to restore to, in whole seconds. */
  pointInTime: string;
  /** The cluster whose data is replaced. */
  targetClusterName: string;
  /** The project of the target. */
  targetGroupId: string;
};

/** A restore of a snapshot. */
export type RestoreSnapshotInput = {
  /** The cluster that the snapshot was taken of. */
  clusterName: string;
  /** The project of the snapshot. */
  groupId: string;
  /** The snapshot. */
  snapshotId: string;
  /** The cluster whose data is replaced. */
  targetClusterName: string;
  /** The project of the target. */
  targetGroupId: string;
};

export type ProjectsQueryVariables = Exact<{ [key: string]: never; }>;


export type ProjectsQuery = { projects: { nodes: Array<{ id: string, name: string | null, orgId: string | null, clusterCount: number | null }>, pageInfo: { hasNextPage: boolean } } | null };

export type OrganizationsQueryVariables = Exact<{ [key: string]: never; }>;


export type OrganizationsQuery = { organizations: { nodes: Array<{ id: string, name: string | null }> } | null };

export type TagsQueryVariables = Exact<{
  groupId: string;
}>;


export type TagsQuery = { project: { clusters: { nodes: Array<{ name: string, tags: Array<{ key: string | null, value: string | null }> | null }> } | null } | null };

export type JobPageFragment = { nodes: Array<
    | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null, progress: { fraction: number | null } | null }
    | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
    | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
    | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
   | null>, unread: Array<{ clusterName: string | null, servedBy: AtlasBackupApi | null, errorCode: string | null, status: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } };

export type JobsQueryVariables = Exact<{
  groupId: string;
  startedAfter: string;
  after?: string | null | undefined;
}>;


export type JobsQuery = { restoreJobs: { nodes: Array<
      | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null, progress: { fraction: number | null } | null }
      | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
      | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
      | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
     | null>, unread: Array<{ clusterName: string | null, servedBy: AtlasBackupApi | null, errorCode: string | null, status: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type LiveJobsSubscriptionVariables = Exact<{
  groupId: string;
  startedAfter: string;
}>;


export type LiveJobsSubscription = { restoreJobs: { nodes: Array<
      | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null, progress: { fraction: number | null } | null }
      | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
      | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
      | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null }
     | null>, unread: Array<{ clusterName: string | null, servedBy: AtlasBackupApi | null, errorCode: string | null, status: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type LiveJobSubscriptionVariables = Exact<{
  groupId: string;
  clusterName: string;
  restoreJobId: string;
}>;


export type LiveJobSubscription = { restoreJob:
    | { id: string, state: RestoreJobState, progress: { fraction: number | null } | null }
    | { id: string, state: RestoreJobState }
    | { id: string, state: RestoreJobState }
    | { id: string, state: RestoreJobState }
   | null };

export type JobQueryVariables = Exact<{
  groupId: string;
  clusterName: string;
  restoreJobId: string;
}>;


export type JobQuery = { restoreJob:
    | { pointInTimeUtcSeconds: number | null, errorMessage: string | null, id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null, progress: { restored: number | null, total: number | null, fraction: number | null } | null, collections: { nodes: Array<{ sourceNamespace: string, effectiveTargetNamespace: string | null, state: string | null, progress: { fraction: number | null } | null }> } | null, snapshot: { id: string, status: AtlasSnapshotStatus | null, createdAt: string | null, finishTime: string | null, expiresAt: string | null, mongoDBVersion: string | null, storageSizeBytes: number | null } | null, targetCluster: { name: string, tier: AtlasClusterTier, stateName: string | null } | null }
    | { pointInTimeUTCSeconds: number | null, id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null, components: Array<{ replicaSetName: string | null }> | null, snapshot: { id: string, status: AtlasSnapshotStatus | null, createdAt: string | null, finishTime: string | null, expiresAt: string | null, mongoDBVersion: string | null, storageSizeBytes: number | null } | null, targetCluster: { name: string, tier: AtlasClusterTier, stateName: string | null } | null }
    | { id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null, snapshot: { id: string, status: AtlasSnapshotStatus | null, createdAt: string | null, finishTime: string | null, expiresAt: string | null, mongoDBVersion: string | null, storageSizeBytes: number | null } | null, targetCluster: { name: string, tier: AtlasClusterTier, stateName: string | null } | null }
    | { pointInTimeUTCSeconds: number | null, id: string, groupId: string, clusterName: string, state: RestoreJobState, servedBy: AtlasBackupApi, createdAt: string | null, finishedAt: string | null, expiresAt: string | null, deliveryType: DeliveryType | null, snapshotId: string | null, targetClusterName: string | null, targetGroupId: string | null, snapshot: { id: string, status: AtlasSnapshotStatus | null, createdAt: string | null, finishTime: string | null, expiresAt: string | null, mongoDBVersion: string | null, storageSizeBytes: number | null } | null, targetCluster: { name: string, tier: AtlasClusterTier, stateName: string | null } | null }
   | null };

export type DownloadsQueryVariables = Exact<{
  groupId: string;
  clusterName: string;
  restoreJobId: string;
}>;


export type DownloadsQuery = { restoreJob:
    | { id: string, state: RestoreJobState, expiresAt: string | null, deliveryUrl: Array<string> | null }
    | { id: string, state: RestoreJobState, expiresAt: string | null, deliveryUrl: Array<string> | null, privateDownloadDeliveryUrls: Array<{ deliveryUrl: string | null, endpointId: string | null }> | null, components: Array<{ replicaSetName: string | null, downloadUrl: string | null, privateDownloadDeliveryUrls: Array<{ deliveryUrl: string | null, endpointId: string | null }> | null }> | null }
    | { id: string, state: RestoreJobState, expiresAt: string | null, deliveryUrl: Array<string> | null }
    | { id: string, state: RestoreJobState, expiresAt: string | null, deliveryUrl: Array<string> | null }
   | null };

export type SourceQueryVariables = Exact<{
  groupId: string;
  clusterName: string;
  since: string;
}>;


export type SourceQuery = { cluster: { name: string, tier: AtlasClusterTier, backupSchedule: { nextSnapshot: string | null } | null, restoreWindow: { days: number | null, earliest: string | null } | null, restoreEvents: { nodes: Array<{ id: string, eventTypeName: string | null, created: string | null, actor: RestoreEventActor, username: string | null, publicKey: string | null }> } | null } | null };

export type RestorePlanFactsFragment = { overwrites: string, dataFrom: string | null, dataAgeSeconds: number | null, compliancePolicy: CompliancePolicyKnowledge, confirmation: string | null, confirmationExpiresAt: string | null, targetProject: { id: string, name: string | null }, targetCluster: { id: string, name: string, stateName: string | null, mongoDBVersion: string | null, tags: Array<{ key: string | null, value: string | null }> | null }, warnings: Array<{ code: string, message: string }>, refusals: Array<{ code: string, message: string }> };

export type PlanRestoreMutationVariables = Exact<{
  input: RestoreInput;
}>;


export type PlanRestoreMutation = { planRestore: { overwrites: string, dataFrom: string | null, dataAgeSeconds: number | null, compliancePolicy: CompliancePolicyKnowledge, confirmation: string | null, confirmationExpiresAt: string | null, targetProject: { id: string, name: string | null }, targetCluster: { id: string, name: string, stateName: string | null, mongoDBVersion: string | null, tags: Array<{ key: string | null, value: string | null }> | null }, warnings: Array<{ code: string, message: string }>, refusals: Array<{ code: string, message: string }> } | null };

export type StartRestoreMutationVariables = Exact<{
  confirmation: string;
  name: string;
  key: string;
}>;


export type StartRestoreMutation = { startRestore:
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null };

export type DownloadPlanFactsFragment = { dataFrom: string | null, dataAgeSeconds: number | null, compliancePolicy: CompliancePolicyKnowledge, confirmation: string | null, confirmationExpiresAt: string | null, sourceCluster: { id: string, name: string }, warnings: Array<{ code: string, message: string }>, refusals: Array<{ code: string, message: string }> };

export type PlanDownloadMutationVariables = Exact<{
  input: DownloadInput;
}>;


export type PlanDownloadMutation = { planDownload: { dataFrom: string | null, dataAgeSeconds: number | null, compliancePolicy: CompliancePolicyKnowledge, confirmation: string | null, confirmationExpiresAt: string | null, sourceCluster: { id: string, name: string }, warnings: Array<{ code: string, message: string }>, refusals: Array<{ code: string, message: string }> } | null };

export type StartDownloadMutationVariables = Exact<{
  confirmation: string;
  name: string;
  key: string;
}>;


export type StartDownloadMutation = { startDownload:
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null };

export type CancelMutationVariables = Exact<{
  groupId: string;
  clusterName: string;
  restoreJobId: string;
}>;


export type CancelMutation = { cancelRestore: { outcome: CancelOutcome, message: string } | null };

export const JobPageFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobPage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RestoreJobConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"groupId"}},{"kind":"Field","name":{"kind":"Name","value":"clusterName"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"servedBy"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"deliveryType"}},{"kind":"Field","name":{"kind":"Name","value":"snapshotId"}},{"kind":"Field","name":{"kind":"Name","value":"targetClusterName"}},{"kind":"Field","name":{"kind":"Name","value":"targetGroupId"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CollectionRestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fraction"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"unread"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"clusterName"}},{"kind":"Field","name":{"kind":"Name","value":"servedBy"}},{"kind":"Field","name":{"kind":"Name","value":"errorCode"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]} as unknown as DocumentNode<JobPageFragment, unknown>;
export const RestorePlanFactsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RestorePlanFacts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RestorePlan"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"overwrites"}},{"kind":"Field","name":{"kind":"Name","value":"dataFrom"}},{"kind":"Field","name":{"kind":"Name","value":"dataAgeSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"compliancePolicy"}},{"kind":"Field","name":{"kind":"Name","value":"targetProject"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"targetCluster"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"stateName"}},{"kind":"Field","name":{"kind":"Name","value":"mongoDBVersion"}},{"kind":"Field","name":{"kind":"Name","value":"tags"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"confirmation"}},{"kind":"Field","name":{"kind":"Name","value":"confirmationExpiresAt"}}]}}]} as unknown as DocumentNode<RestorePlanFactsFragment, unknown>;
export const DownloadPlanFactsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"DownloadPlanFacts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DownloadPlan"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dataFrom"}},{"kind":"Field","name":{"kind":"Name","value":"dataAgeSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"compliancePolicy"}},{"kind":"Field","name":{"kind":"Name","value":"sourceCluster"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"confirmation"}},{"kind":"Field","name":{"kind":"Name","value":"confirmationExpiresAt"}}]}}]} as unknown as DocumentNode<DownloadPlanFactsFragment, unknown>;
export const ProjectsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Projects"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"projects"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"orgId"}},{"kind":"Field","name":{"kind":"Name","value":"clusterCount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}}]}}]}}]} as unknown as DocumentNode<ProjectsQuery, ProjectsQueryVariables>;
export const OrganizationsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Organizations"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organizations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<OrganizationsQuery, OrganizationsQueryVariables>;
export const TagsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Tags"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"project"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"groupId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"clusters"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"500"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"tags"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<TagsQuery, TagsQueryVariables>;
export const JobsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Jobs"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"startedAfter"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DateTime"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restoreJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"groupId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}}},{"kind":"Argument","name":{"kind":"Name","value":"startedAfter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"startedAfter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"250"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobPage"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobPage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RestoreJobConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"groupId"}},{"kind":"Field","name":{"kind":"Name","value":"clusterName"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"servedBy"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"deliveryType"}},{"kind":"Field","name":{"kind":"Name","value":"snapshotId"}},{"kind":"Field","name":{"kind":"Name","value":"targetClusterName"}},{"kind":"Field","name":{"kind":"Name","value":"targetGroupId"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CollectionRestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fraction"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"unread"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"clusterName"}},{"kind":"Field","name":{"kind":"Name","value":"servedBy"}},{"kind":"Field","name":{"kind":"Name","value":"errorCode"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]} as unknown as DocumentNode<JobsQuery, JobsQueryVariables>;
export const LiveJobsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"LiveJobs"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"startedAfter"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DateTime"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restoreJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"groupId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}}},{"kind":"Argument","name":{"kind":"Name","value":"startedAfter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"startedAfter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"250"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobPage"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobPage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RestoreJobConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"groupId"}},{"kind":"Field","name":{"kind":"Name","value":"clusterName"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"servedBy"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"deliveryType"}},{"kind":"Field","name":{"kind":"Name","value":"snapshotId"}},{"kind":"Field","name":{"kind":"Name","value":"targetClusterName"}},{"kind":"Field","name":{"kind":"Name","value":"targetGroupId"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CollectionRestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fraction"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"unread"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"clusterName"}},{"kind":"Field","name":{"kind":"Name","value":"servedBy"}},{"kind":"Field","name":{"kind":"Name","value":"errorCode"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]} as unknown as DocumentNode<LiveJobsSubscription, LiveJobsSubscriptionVariables>;
export const LiveJobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"LiveJob"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ClusterName"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restoreJobId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restoreJob"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"groupId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}}},{"kind":"Argument","name":{"kind":"Name","value":"clusterName"},"value":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}}},{"kind":"Argument","name":{"kind":"Name","value":"restoreJobId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restoreJobId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CollectionRestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fraction"}}]}}]}}]}}]}}]} as unknown as DocumentNode<LiveJobSubscription, LiveJobSubscriptionVariables>;
export const JobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Job"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ClusterName"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restoreJobId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restoreJob"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"groupId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}}},{"kind":"Argument","name":{"kind":"Name","value":"clusterName"},"value":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}}},{"kind":"Argument","name":{"kind":"Name","value":"restoreJobId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restoreJobId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"groupId"}},{"kind":"Field","name":{"kind":"Name","value":"clusterName"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"servedBy"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"deliveryType"}},{"kind":"Field","name":{"kind":"Name","value":"snapshotId"}},{"kind":"Field","name":{"kind":"Name","value":"targetClusterName"}},{"kind":"Field","name":{"kind":"Name","value":"targetGroupId"}},{"kind":"Field","name":{"kind":"Name","value":"snapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishTime"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"mongoDBVersion"}},{"kind":"Field","name":{"kind":"Name","value":"storageSizeBytes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"targetCluster"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"tier"}},{"kind":"Field","name":{"kind":"Name","value":"stateName"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ServerlessRestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pointInTimeUTCSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DedicatedRestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pointInTimeUTCSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"components"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"replicaSetName"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CollectionRestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pointInTimeUtcSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"errorMessage"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restored"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"fraction"}}]}},{"kind":"Field","name":{"kind":"Name","value":"collections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sourceNamespace"}},{"kind":"Field","name":{"kind":"Name","value":"effectiveTargetNamespace"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fraction"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<JobQuery, JobQueryVariables>;
export const DownloadsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Downloads"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ClusterName"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restoreJobId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restoreJob"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"groupId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}}},{"kind":"Argument","name":{"kind":"Name","value":"clusterName"},"value":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}}},{"kind":"Argument","name":{"kind":"Name","value":"restoreJobId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restoreJobId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"deliveryUrl"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DedicatedRestoreJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"privateDownloadDeliveryUrls"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deliveryUrl"}},{"kind":"Field","name":{"kind":"Name","value":"endpointId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"components"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"replicaSetName"}},{"kind":"Field","name":{"kind":"Name","value":"downloadUrl"}},{"kind":"Field","name":{"kind":"Name","value":"privateDownloadDeliveryUrls"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deliveryUrl"}},{"kind":"Field","name":{"kind":"Name","value":"endpointId"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<DownloadsQuery, DownloadsQueryVariables>;
export const SourceDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Source"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ClusterName"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"since"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DateTime"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cluster"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"groupId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}}},{"kind":"Argument","name":{"kind":"Name","value":"clusterName"},"value":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"tier"}},{"kind":"Field","name":{"kind":"Name","value":"backupSchedule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nextSnapshot"}}]}},{"kind":"Field","name":{"kind":"Name","value":"restoreWindow"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"earliest"}}]}},{"kind":"Field","name":{"kind":"Name","value":"restoreEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"since"},"value":{"kind":"Variable","name":{"kind":"Name","value":"since"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"200"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"eventTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"actor"}},{"kind":"Field","name":{"kind":"Name","value":"username"}},{"kind":"Field","name":{"kind":"Name","value":"publicKey"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SourceQuery, SourceQueryVariables>;
export const PlanRestoreDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PlanRestore"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RestoreInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"planRestore"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RestorePlanFacts"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RestorePlanFacts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RestorePlan"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"overwrites"}},{"kind":"Field","name":{"kind":"Name","value":"dataFrom"}},{"kind":"Field","name":{"kind":"Name","value":"dataAgeSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"compliancePolicy"}},{"kind":"Field","name":{"kind":"Name","value":"targetProject"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"targetCluster"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"stateName"}},{"kind":"Field","name":{"kind":"Name","value":"mongoDBVersion"}},{"kind":"Field","name":{"kind":"Name","value":"tags"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"confirmation"}},{"kind":"Field","name":{"kind":"Name","value":"confirmationExpiresAt"}}]}}]} as unknown as DocumentNode<PlanRestoreMutation, PlanRestoreMutationVariables>;
export const StartRestoreDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StartRestore"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"confirmation"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ClusterName"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"key"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startRestore"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"confirmation"},"value":{"kind":"Variable","name":{"kind":"Name","value":"confirmation"}}},{"kind":"Argument","name":{"kind":"Name","value":"targetClusterName"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}},{"kind":"Argument","name":{"kind":"Name","value":"idempotencyKey"},"value":{"kind":"Variable","name":{"kind":"Name","value":"key"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<StartRestoreMutation, StartRestoreMutationVariables>;
export const PlanDownloadDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PlanDownload"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DownloadInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"planDownload"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"DownloadPlanFacts"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"DownloadPlanFacts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DownloadPlan"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dataFrom"}},{"kind":"Field","name":{"kind":"Name","value":"dataAgeSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"compliancePolicy"}},{"kind":"Field","name":{"kind":"Name","value":"sourceCluster"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refusals"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"confirmation"}},{"kind":"Field","name":{"kind":"Name","value":"confirmationExpiresAt"}}]}}]} as unknown as DocumentNode<PlanDownloadMutation, PlanDownloadMutationVariables>;
export const StartDownloadDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StartDownload"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"confirmation"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ClusterName"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"key"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startDownload"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"confirmation"},"value":{"kind":"Variable","name":{"kind":"Name","value":"confirmation"}}},{"kind":"Argument","name":{"kind":"Name","value":"clusterName"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}},{"kind":"Argument","name":{"kind":"Name","value":"idempotencyKey"},"value":{"kind":"Variable","name":{"kind":"Name","value":"key"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<StartDownloadMutation, StartDownloadMutationVariables>;
export const CancelDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Cancel"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ClusterName"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"restoreJobId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ObjectID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cancelRestore"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"groupId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"groupId"}}},{"kind":"Argument","name":{"kind":"Name","value":"clusterName"},"value":{"kind":"Variable","name":{"kind":"Name","value":"clusterName"}}},{"kind":"Argument","name":{"kind":"Name","value":"restoreJobId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"restoreJobId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]} as unknown as DocumentNode<CancelMutation, CancelMutationVariables>;