package config

import (
	"errors"
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

// check returns an error for settings that contradict each other, or have no effect.
func (a *Actions) check(c *Config) error {
	switch {
	case !a.Actions && a.ActionsCredentials != "":
		return errors.New("without --actions there is no use for --actions-credentials")
	case !a.Actions && a.ActionsStopFile != "":
		return errors.New("without --actions there is no use for --actions-stop-file")
	case !a.Actions && a.SingleReplica:
		return errors.New("without --actions there is no use for --single-replica")
	case !a.Actions:
		return nil
	case c.Has(authz.Passthrough):
		return errors.New("--actions are made with credentials of the gateway, and --auth=passthrough has none: leave out " +
			"one of them")
	case c.ServeEveryone:
		return errors.New("with --serve-everyone-without-authentication every machine could overwrite clusters: leave out " +
			"that or --actions")
	case slices.Contains(c.Origins(), "*"):
		return errors.New("with --cors-origins=* pages of all sites could overwrite clusters: name the origins, or leave out " +
			"--actions")
	case a.SingleReplica && c.ReplicaRedis != "":
		return errors.New("--single-replica and --replica-redis contradict each other: leave one of them out")
	case !a.SingleReplica && c.ReplicaRedis == "" && !c.Demo:
		return errors.New("--actions needs --replica-redis, which keeps replicas from making an action twice, or " +
			"--single-replica where there is one gateway")
	case c.Demo && a.ActionsCredentials != "":
		return errors.New("--demo makes actions in its simulator: leave out --demo or --actions-credentials")
	case !c.Demo && a.ActionsCredentials == "":
		return errors.New("--actions needs --actions-credentials: a file with credentials of their own, with the roles Project " +
			"Backup Recovery Operator, Project Backup Export Operator and Project Backup Creator as far as they are used")
	}
	return nil
}
