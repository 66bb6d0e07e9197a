// Package upstream chooses the Atlas credential that reads a project: one of several that the
// gateway holds, each for its projects or organizations, or the caller's own. Each credential has a
// client, a budget and a cache of its own, in a restore.Service; nothing is shared between two of
// them. The package is a loader.Reader in front of these services: internal/guard calls it, and it
// passes each read on to the service of the credential.
package upstream
