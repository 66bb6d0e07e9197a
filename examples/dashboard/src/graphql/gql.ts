/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Projects {\n    projects(first: 100) {\n      nodes {\n        id\n        name\n        clusterCount\n      }\n    }\n  }\n": typeof types.ProjectsDocument,
    "\n  fragment JobPage on RestoreJobConnection {\n    nodes {\n      id\n      clusterName\n      state\n      servedBy\n      createdAt\n      finishedAt\n      deliveryType\n      targetClusterName\n      targetGroupId\n      ... on CollectionRestoreJob {\n        progress {\n          fraction\n        }\n      }\n    }\n    # What could not be read. With something here, nodes are not the whole.\n    unread {\n      clusterName\n      servedBy\n      errorCode\n      status\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n": typeof types.JobPageFragmentDoc,
    "\n  query Jobs($groupId: ObjectID!, $startedAfter: DateTime!, $after: String) {\n    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250, after: $after) {\n      ...JobPage\n    }\n  }\n": typeof types.JobsDocument,
    "\n  subscription LiveJobs($groupId: ObjectID!, $startedAfter: DateTime!) {\n    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250) {\n      ...JobPage\n    }\n  }\n": typeof types.LiveJobsDocument,
    "\n  subscription LiveJob($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {\n    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {\n      id\n      state\n      ... on CollectionRestoreJob {\n        progress {\n          fraction\n        }\n      }\n    }\n  }\n": typeof types.LiveJobDocument,
    "\n  query Job($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {\n    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {\n      id\n      clusterName\n      state\n      servedBy\n      createdAt\n      finishedAt\n      expiresAt\n      deliveryType\n      snapshotId\n      targetClusterName\n      targetGroupId\n      snapshot {\n        id\n        status\n        createdAt\n        finishTime\n        expiresAt\n        mongoDBVersion\n        storageSizeBytes\n      }\n      targetCluster {\n        name\n        tier\n        stateName\n      }\n      ... on ServerlessRestoreJob {\n        pointInTimeUTCSeconds\n      }\n      ... on DedicatedRestoreJob {\n        pointInTimeUTCSeconds\n        components {\n          replicaSetName\n        }\n      }\n      ... on CollectionRestoreJob {\n        pointInTimeUtcSeconds\n        errorMessage\n        progress {\n          restored\n          total\n          fraction\n        }\n        collections(first: 100) {\n          nodes {\n            sourceNamespace\n            effectiveTargetNamespace\n            state\n            progress {\n              fraction\n            }\n          }\n        }\n      }\n    }\n  }\n": typeof types.JobDocument,
    "\n  query Source($groupId: ObjectID!, $clusterName: ClusterName!, $since: DateTime!) {\n    cluster(groupId: $groupId, clusterName: $clusterName) {\n      name\n      tier\n      backupSchedule {\n        nextSnapshot\n      }\n      restoreWindow {\n        days\n        earliest\n      }\n      restoreEvents(since: $since, first: 200) {\n        nodes {\n          id\n          eventTypeName\n          created\n          actor\n          username\n          publicKey\n        }\n      }\n    }\n  }\n": typeof types.SourceDocument,
};
const documents: Documents = {
    "\n  query Projects {\n    projects(first: 100) {\n      nodes {\n        id\n        name\n        clusterCount\n      }\n    }\n  }\n": types.ProjectsDocument,
    "\n  fragment JobPage on RestoreJobConnection {\n    nodes {\n      id\n      clusterName\n      state\n      servedBy\n      createdAt\n      finishedAt\n      deliveryType\n      targetClusterName\n      targetGroupId\n      ... on CollectionRestoreJob {\n        progress {\n          fraction\n        }\n      }\n    }\n    # What could not be read. With something here, nodes are not the whole.\n    unread {\n      clusterName\n      servedBy\n      errorCode\n      status\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n": types.JobPageFragmentDoc,
    "\n  query Jobs($groupId: ObjectID!, $startedAfter: DateTime!, $after: String) {\n    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250, after: $after) {\n      ...JobPage\n    }\n  }\n": types.JobsDocument,
    "\n  subscription LiveJobs($groupId: ObjectID!, $startedAfter: DateTime!) {\n    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250) {\n      ...JobPage\n    }\n  }\n": types.LiveJobsDocument,
    "\n  subscription LiveJob($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {\n    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {\n      id\n      state\n      ... on CollectionRestoreJob {\n        progress {\n          fraction\n        }\n      }\n    }\n  }\n": types.LiveJobDocument,
    "\n  query Job($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {\n    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {\n      id\n      clusterName\n      state\n      servedBy\n      createdAt\n      finishedAt\n      expiresAt\n      deliveryType\n      snapshotId\n      targetClusterName\n      targetGroupId\n      snapshot {\n        id\n        status\n        createdAt\n        finishTime\n        expiresAt\n        mongoDBVersion\n        storageSizeBytes\n      }\n      targetCluster {\n        name\n        tier\n        stateName\n      }\n      ... on ServerlessRestoreJob {\n        pointInTimeUTCSeconds\n      }\n      ... on DedicatedRestoreJob {\n        pointInTimeUTCSeconds\n        components {\n          replicaSetName\n        }\n      }\n      ... on CollectionRestoreJob {\n        pointInTimeUtcSeconds\n        errorMessage\n        progress {\n          restored\n          total\n          fraction\n        }\n        collections(first: 100) {\n          nodes {\n            sourceNamespace\n            effectiveTargetNamespace\n            state\n            progress {\n              fraction\n            }\n          }\n        }\n      }\n    }\n  }\n": types.JobDocument,
    "\n  query Source($groupId: ObjectID!, $clusterName: ClusterName!, $since: DateTime!) {\n    cluster(groupId: $groupId, clusterName: $clusterName) {\n      name\n      tier\n      backupSchedule {\n        nextSnapshot\n      }\n      restoreWindow {\n        days\n        earliest\n      }\n      restoreEvents(since: $since, first: 200) {\n        nodes {\n          id\n          eventTypeName\n          created\n          actor\n          username\n          publicKey\n        }\n      }\n    }\n  }\n": types.SourceDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Projects {\n    projects(first: 100) {\n      nodes {\n        id\n        name\n        clusterCount\n      }\n    }\n  }\n"): (typeof documents)["\n  query Projects {\n    projects(first: 100) {\n      nodes {\n        id\n        name\n        clusterCount\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment JobPage on RestoreJobConnection {\n    nodes {\n      id\n      clusterName\n      state\n      servedBy\n      createdAt\n      finishedAt\n      deliveryType\n      targetClusterName\n      targetGroupId\n      ... on CollectionRestoreJob {\n        progress {\n          fraction\n        }\n      }\n    }\n    # What could not be read. With something here, nodes are not the whole.\n    unread {\n      clusterName\n      servedBy\n      errorCode\n      status\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n"): (typeof documents)["\n  fragment JobPage on RestoreJobConnection {\n    nodes {\n      id\n      clusterName\n      state\n      servedBy\n      createdAt\n      finishedAt\n      deliveryType\n      targetClusterName\n      targetGroupId\n      ... on CollectionRestoreJob {\n        progress {\n          fraction\n        }\n      }\n    }\n    # What could not be read. With something here, nodes are not the whole.\n    unread {\n      clusterName\n      servedBy\n      errorCode\n      status\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Jobs($groupId: ObjectID!, $startedAfter: DateTime!, $after: String) {\n    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250, after: $after) {\n      ...JobPage\n    }\n  }\n"): (typeof documents)["\n  query Jobs($groupId: ObjectID!, $startedAfter: DateTime!, $after: String) {\n    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250, after: $after) {\n      ...JobPage\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LiveJobs($groupId: ObjectID!, $startedAfter: DateTime!) {\n    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250) {\n      ...JobPage\n    }\n  }\n"): (typeof documents)["\n  subscription LiveJobs($groupId: ObjectID!, $startedAfter: DateTime!) {\n    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250) {\n      ...JobPage\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LiveJob($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {\n    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {\n      id\n      state\n      ... on CollectionRestoreJob {\n        progress {\n          fraction\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription LiveJob($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {\n    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {\n      id\n      state\n      ... on CollectionRestoreJob {\n        progress {\n          fraction\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Job($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {\n    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {\n      id\n      clusterName\n      state\n      servedBy\n      createdAt\n      finishedAt\n      expiresAt\n      deliveryType\n      snapshotId\n      targetClusterName\n      targetGroupId\n      snapshot {\n        id\n        status\n        createdAt\n        finishTime\n        expiresAt\n        mongoDBVersion\n        storageSizeBytes\n      }\n      targetCluster {\n        name\n        tier\n        stateName\n      }\n      ... on ServerlessRestoreJob {\n        pointInTimeUTCSeconds\n      }\n      ... on DedicatedRestoreJob {\n        pointInTimeUTCSeconds\n        components {\n          replicaSetName\n        }\n      }\n      ... on CollectionRestoreJob {\n        pointInTimeUtcSeconds\n        errorMessage\n        progress {\n          restored\n          total\n          fraction\n        }\n        collections(first: 100) {\n          nodes {\n            sourceNamespace\n            effectiveTargetNamespace\n            state\n            progress {\n              fraction\n            }\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Job($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {\n    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {\n      id\n      clusterName\n      state\n      servedBy\n      createdAt\n      finishedAt\n      expiresAt\n      deliveryType\n      snapshotId\n      targetClusterName\n      targetGroupId\n      snapshot {\n        id\n        status\n        createdAt\n        finishTime\n        expiresAt\n        mongoDBVersion\n        storageSizeBytes\n      }\n      targetCluster {\n        name\n        tier\n        stateName\n      }\n      ... on ServerlessRestoreJob {\n        pointInTimeUTCSeconds\n      }\n      ... on DedicatedRestoreJob {\n        pointInTimeUTCSeconds\n        components {\n          replicaSetName\n        }\n      }\n      ... on CollectionRestoreJob {\n        pointInTimeUtcSeconds\n        errorMessage\n        progress {\n          restored\n          total\n          fraction\n        }\n        collections(first: 100) {\n          nodes {\n            sourceNamespace\n            effectiveTargetNamespace\n            state\n            progress {\n              fraction\n            }\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Source($groupId: ObjectID!, $clusterName: ClusterName!, $since: DateTime!) {\n    cluster(groupId: $groupId, clusterName: $clusterName) {\n      name\n      tier\n      backupSchedule {\n        nextSnapshot\n      }\n      restoreWindow {\n        days\n        earliest\n      }\n      restoreEvents(since: $since, first: 200) {\n        nodes {\n          id\n          eventTypeName\n          created\n          actor\n          username\n          publicKey\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Source($groupId: ObjectID!, $clusterName: ClusterName!, $since: DateTime!) {\n    cluster(groupId: $groupId, clusterName: $clusterName) {\n      name\n      tier\n      backupSchedule {\n        nextSnapshot\n      }\n      restoreWindow {\n        days\n        earliest\n      }\n      restoreEvents(since: $since, first: 200) {\n        nodes {\n          id\n          eventTypeName\n          created\n          actor\n          username\n          publicKey\n        }\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;