// Package helm tests the Helm chart of the gateway, deploy/helm/atlas-restore-gateway, with the program helm: it lints
// and renders the chart with a matrix of values, decodes each object strictly into the types of Kubernetes and of the
// Prometheus Operator, and asserts what holds for all of them. No cluster is needed.
package helm
