package restore

// Tier is one of the APIs of Atlas that have restore jobs.
type Tier int

// The APIs, named after the tier of their clusters. AnyTier is the tier that the cluster has. Collection is the second
// API of Dedicated clusters, which has the jobs that restore some collections: no cluster is of this tier.
const (
	AnyTier Tier = iota
	Serverless
	Flex
	Dedicated
	Collection
)

// ServerlessMode tells whether the serverless API is asked.
type ServerlessMode string

// The modes of --atlas-serverless.
const (
	// ServerlessAuto asks the serverless API until it is retired, and others where it does not have the cluster.
	ServerlessAuto ServerlessMode = "auto"
	// ServerlessOn asks the serverless API and, for serverless instances, no other.
	ServerlessOn ServerlessMode = "on"
	// ServerlessOff never asks it.
	ServerlessOff ServerlessMode = "off"
)
