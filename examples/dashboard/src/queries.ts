// The operations of the dashboard. `npm run generate` reads them from this file, checks them against the schema and writes
// their types into graphql/.
import { graphql } from './graphql';

export const ProjectsQuery = graphql(`
  query Projects {
    projects(first: 100) {
      nodes {
        id
        name
        orgId
        clusterCount
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

/** The names of the organizations, whose projects can be watched together. */
export const OrganizationsQuery = graphql(`
  query Organizations {
    organizations(first: 100) {
      nodes {
        id
        name
      }
    }
  }
`);

/** The tags of the clusters of a project, to filter by. */
export const TagsQuery = graphql(`
  query Tags($groupId: ObjectID!) {
    project(groupId: $groupId) {
      clusters(first: 500) {
        nodes {
          name
          tags {
            key
            value
          }
        }
      }
    }
  }
`);

/** What is shown of a page of jobs. */
export const JobPage = graphql(`
  fragment JobPage on RestoreJobConnection {
    nodes {
      id
      groupId
      clusterName
      state
      servedBy
      createdAt
      finishedAt
      expiresAt
      deliveryType
      snapshotId
      targetClusterName
      targetGroupId
      ... on CollectionRestoreJob {
        progress {
          fraction
        }
      }
    }
    # What could not be read. With something here, nodes are not the whole.
    unread {
      clusterName
      servedBy
      errorCode
      status
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

/** A page of the jobs of a project, over its clusters and tiers, newest first. */
export const JobsQuery = graphql(`
  query Jobs($groupId: ObjectID!, $startedAfter: DateTime!, $after: String) {
    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250, after: $after) {
      ...JobPage
    }
  }
`);

/** The newest jobs, as JobsQuery reads them, and again whenever they change. */
export const LiveJobs = graphql(`
  subscription LiveJobs($groupId: ObjectID!, $startedAfter: DateTime!) {
    restoreJobs(groupId: $groupId, startedAfter: $startedAfter, first: 250) {
      ...JobPage
    }
  }
`);

/** What changes of one job; JobQuery reads the rest. */
export const LiveJob = graphql(`
  subscription LiveJob($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {
    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {
      id
      state
      ... on CollectionRestoreJob {
        progress {
          fraction
        }
      }
    }
  }
`);

/** The detail of one job of any tier. */
export const JobQuery = graphql(`
  query Job($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {
    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {
      id
      groupId
      clusterName
      state
      servedBy
      createdAt
      finishedAt
      expiresAt
      deliveryType
      snapshotId
      targetClusterName
      targetGroupId
      snapshot {
        id
        status
        createdAt
        finishTime
        expiresAt
        mongoDBVersion
        storageSizeBytes
      }
      targetCluster {
        name
        tier
        stateName
      }
      ... on ServerlessRestoreJob {
        pointInTimeUTCSeconds
      }
      ... on DedicatedRestoreJob {
        pointInTimeUTCSeconds
        components {
          replicaSetName
        }
      }
      ... on CollectionRestoreJob {
        pointInTimeUtcSeconds
        errorMessage
        progress {
          restored
          total
          fraction
        }
        collections(first: 100) {
          nodes {
            sourceNamespace
            effectiveTargetNamespace
            state
            progress {
              fraction
            }
          }
        }
      }
    }
  }
`);

/** The URLs of a download. Whoever has one has the backup: they are read when a person asks for them, and never stored. */
export const DownloadsQuery = graphql(`
  query Downloads($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {
    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {
      id
      state
      expiresAt
      deliveryUrl
      ... on DedicatedRestoreJob {
        privateDownloadDeliveryUrls {
          deliveryUrl
          endpointId
        }
        components {
          replicaSetName
          downloadUrl
          privateDownloadDeliveryUrls {
            deliveryUrl
            endpointId
          }
        }
      }
    }
  }
`);

/** What is known of the cluster that a job restores from: what could be restored, and who asked for what since a time. */
export const SourceQuery = graphql(`
  query Source($groupId: ObjectID!, $clusterName: ClusterName!, $since: DateTime!) {
    cluster(groupId: $groupId, clusterName: $clusterName) {
      name
      tier
      backupSchedule {
        nextSnapshot
      }
      restoreWindow {
        days
        earliest
      }
      restoreEvents(since: $since, first: 200) {
        nodes {
          id
          eventTypeName
          created
          actor
          username
          publicKey
        }
      }
    }
  }
`);

/** What a plan of a restore says. */
export const RestorePlanFacts = graphql(`
  fragment RestorePlanFacts on RestorePlan {
    overwrites
    dataFrom
    dataAgeSeconds
    compliancePolicy
    targetProject {
      id
      name
    }
    targetCluster {
      id
      name
      stateName
      mongoDBVersion
      tags {
        key
        value
      }
    }
    warnings {
      code
      message
    }
    refusals {
      code
      message
    }
    confirmation
    confirmationExpiresAt
  }
`);

export const PlanRestoreMutation = graphql(`
  mutation PlanRestore($input: RestoreInput!) {
    planRestore(input: $input) {
      ...RestorePlanFacts
    }
  }
`);

export const StartRestoreMutation = graphql(`
  mutation StartRestore($confirmation: String!, $name: ClusterName!, $key: String!) {
    startRestore(confirmation: $confirmation, targetClusterName: $name, idempotencyKey: $key) {
      id
    }
  }
`);

/** What a plan of a download says. */
export const DownloadPlanFacts = graphql(`
  fragment DownloadPlanFacts on DownloadPlan {
    dataFrom
    dataAgeSeconds
    compliancePolicy
    sourceCluster {
      id
      name
    }
    warnings {
      code
      message
    }
    refusals {
      code
      message
    }
    confirmation
    confirmationExpiresAt
  }
`);

export const PlanDownloadMutation = graphql(`
  mutation PlanDownload($input: DownloadInput!) {
    planDownload(input: $input) {
      ...DownloadPlanFacts
    }
  }
`);

export const StartDownloadMutation = graphql(`
  mutation StartDownload($confirmation: String!, $name: ClusterName!, $key: String!) {
    startDownload(confirmation: $confirmation, clusterName: $name, idempotencyKey: $key) {
      id
    }
  }
`);

export const CancelMutation = graphql(`
  mutation Cancel($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {
    cancelRestore(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {
      outcome
      message
    }
  }
`);
