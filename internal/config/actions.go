package config

import (
	"slices"

	"atlas-restore-gateway/internal/authz"
)

// Actions has the settings of mutations.
type Actions struct {
	Actions            bool   `help:"Serve mutations, which start restores, downloads and snapshots and cancel restores: see docs/actions.md. Without it the gateway sends Atlas nothing but reads."`
	ActionsCredentials string `help:"File of the Atlas credentials that actions are made with, in the form of --atlas-credentials. No other credential changes anything." placeholder:"FILE"`
	ActionsStopFile    string `help:"All actions are stopped while this file exists." placeholder:"FILE"`
	SingleReplica      bool   `help:"Say that no other gateway makes actions with these credentials: --actions needs this or --replica-redis, because each action is made once."`
	CallerActions      int    `help:"Actions, plans included, that one caller may make in a minute; 0 is no limit." default:"30" bounds:"0..10000"`
}

// check returns the mistakes of settings that contradict each other, or have no effect.
func (a *Actions) check(c *Config) []error {
	var errs mistakeList
	errs.addIf(!a.Actions && a.ActionsCredentials != "", "without --actions there is no use for --actions-credentials")
	errs.addIf(!a.Actions && a.ActionsStopFile != "", "without --actions there is no use for --actions-stop-file")
	errs.addIf(!a.Actions && a.SingleReplica, "without --actions there is no use for --single-replica")
	if !a.Actions {
		return errs
	}
	errs.addIf(c.Has(authz.Passthrough),
		"--actions are made with credentials of the gateway, and --auth=passthrough has none: leave out one of them")
	errs.addIf(c.ServeEveryone,
		"with --serve-everyone-without-authentication every machine could overwrite clusters: leave out that or --actions")
	errs.addIf(slices.Contains(c.Origins(), "*"),
		"with --cors-origins=* pages of all sites could overwrite clusters: name the origins, or leave out --actions")
	errs.addIf(a.SingleReplica && c.ReplicaRedis != "",
		"--single-replica and --replica-redis contradict each other: leave one of them out")
	errs.addIf(!a.SingleReplica && c.ReplicaRedis == "" && !c.Demo, "--actions needs --replica-redis, which keeps replicas "+
		"from making an action twice, or --single-replica where there is one gateway")
	errs.addIf(c.Demo && a.ActionsCredentials != "",
		"--demo makes actions in its simulator: leave out --demo or --actions-credentials")
	errs.addIf(!c.Demo && a.ActionsCredentials == "" && !c.Has(authz.Passthrough), "--actions needs --actions-credentials: a "+
		"file with credentials of their own, with the roles Project Backup Recovery Operator, Project Backup Export Operator "+
		"and Project Backup Creator as far as they are used")
	return errs
}
