package atlassim

// tier is the tier of a cluster. It decides which of Atlas's APIs serves it.
type tier int

const (
	serverless tier = iota
	flex
	dedicated
	// free is M0. The clusters API serves it, but it has no backups.
	free
)

// tierName returns the tier for an [Example].
func (t tier) tierName() string {
	return [...]string{serverless: TierServerless, flex: TierFlex, dedicated: TierDedicated, free: TierFree}[t]
}

// tierNow returns the tier before or after the sunset, which migrates a serverless instance to another tier.
func (c *cluster) tierNow(retired bool) tier {
	if c.tier == serverless && retired {
		return c.becomes
	}
	return c.tier
}

func (x *exchange) tier(c *cluster) tier { return c.tierNow(x.retired) }

// clustersOf returns the clusters of a project that are of some tiers, in the order of the seed (inferred: recorded
// lists are ordered neither by name nor by age).
func (x *exchange) clustersOf(tiers ...tier) []*cluster {
	var out []*cluster
	for _, c := range x.project.clusters {
		for _, t := range tiers {
			if x.tier(c) == t {
				out = append(out, c)
			}
		}
	}
	return out
}

// serverlessInstance returns the instance of the path. A cluster that was never one has another error than a missing
// one; a migrated one is missing.
func (x *exchange) serverlessInstance() (*cluster, *apiError) {
	name := x.arguments.clusterName
	c := x.project.byName[name]
	var e apiError
	switch {
	case c == nil, x.retired, c.migrated:
		e = errNoInstance(name, x.project.id)
	case c.tier != serverless:
		e = errNotServerless(name)
	default:
		return c, nil
	}
	return nil, &e
}

// flexCluster returns the Flex cluster of the path.
func (x *exchange) flexCluster() (*cluster, *apiError) {
	name := x.arguments.clusterName
	c := x.project.byName[name]
	var e apiError
	switch {
	case c == nil:
		e = errNoCluster(name, x.project.id)
	case x.tier(c) != flex:
		e = errNotFlex(name)
	default:
		return c, nil
	}
	return nil, &e
}

// cluster returns the Dedicated or Free cluster of the path.
func (x *exchange) cluster() (*cluster, *apiError) {
	name := x.arguments.clusterName
	c := x.project.byName[name]
	if c == nil {
		e := errNoCluster(name, x.project.id)
		return nil, &e
	}
	var e apiError
	switch x.tier(c) {
	case flex:
		e = errFlexInClusters(name)
	case serverless:
		e = errServerlessInClusters(name)
	default:
		return c, nil
	}
	return nil, &e
}
