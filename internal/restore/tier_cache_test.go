package restore

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTierCache_forgetsATierAfterItsTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTierCache(nil)
		c.setTier(orders, Flex)
		c.setServerlessRetired(orders.GroupID)
		if c.tier(orders) != Flex || !c.isServerlessRetired(orders.GroupID) || c.tier(nowhere) != AnyTier ||
			c.isServerlessRetired("x") {
			t.Error("it returns what was not set")
		}
		<-time.After(tierTTL)
		if c.tier(orders) != AnyTier || !c.isServerlessRetired(orders.GroupID) {
			t.Error("the tier outlives its TTL, or that the API was retired does not")
		}
		<-time.After(noServerlessTTL)
		if c.isServerlessRetired(orders.GroupID) {
			t.Error("that the API was retired outlives its TTL")
		}
	})
}

func TestTierCache_doesNotReturnServerlessWhereItWasRetired(t *testing.T) {
	c := newTierCache(nil)
	c.setTier(orders, Serverless)
	c.setTier(catalog, Flex)
	c.setServerlessRetired(orders.GroupID)
	if c.tier(orders) != AnyTier || c.tier(catalog) != Flex {
		t.Errorf("got %d and %d", c.tier(orders), c.tier(catalog))
	}
}

func TestTierCache_isBounded(t *testing.T) {
	c := newTierCache(nil)
	for i := range 2 * maxClusters {
		c.setTier(ClusterKey{GroupID: "g", Name: string(rune(i))}, Flex)
	}
	c.tiers.entries.CleanUp()
	if n := c.tiers.entries.EstimatedSize(); n > maxClusters || n < maxClusters/2 {
		t.Errorf("it holds %d clusters", n)
	}
}
