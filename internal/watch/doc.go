// Package watch polls the job lists of clusters while their jobs are watched. It has one poller for each credential and
// cluster, whatever number of watches there are, and one for the list of clusters of each project whose clusters are not
// named. It tells its watches when what they watch may have changed. What has changed they read themselves, from the view
// that the source of the polls fills (restore.Live).
package watch
