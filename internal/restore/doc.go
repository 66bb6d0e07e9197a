// Package restore is the domain: restore jobs, and the snapshots, clusters and projects that belong to them, under one
// set of names whichever API of Atlas they come from.
//
//	loader.Reader ──► Service ──► askTiers: which API has the cluster?      (tierCache)
//	                                 └─► cache: is the answer known?        (internal/callcache)
//	                                       └─► coalescer: a batch of jobs?  (internal/jobindex)
//	                                             └─► atlas.Client
//
// Data comes from internal/atlas, one call of which has the result of one API, and goes to internal/loader.
package restore
