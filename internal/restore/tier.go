package restore

// Tier is one of the APIs of Atlas that have restore jobs.
type Tier int

// The APIs, named by what their clusters are. AnyAPI is whichever one has the
// cluster.
const (
	AnyTier Tier = iota
	Serverless
	Flex
	Dedicated
)

// ServerlessMode says whether the serverless API is asked.
type ServerlessMode string

// The modes of --atlas-serverless.
const (
	// ServerlessAuto asks it while it lives, and others when it is gone.
	ServerlessAuto ServerlessMode = "auto"
	// ServerlessOn asks it and, for what is asked of serverless instances, no other.
	ServerlessOn ServerlessMode = "on"
	// ServerlessOff never asks it.
	ServerlessOff ServerlessMode = "off"
)
