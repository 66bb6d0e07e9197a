// Package replica is what the replicas of a gateway share through Redis 6.2 or newer, or Valkey: the texts of persisted
// queries. Losing the server costs what it saves, and never an answer: each replica goes on with what it has.
//
// A reader of the server learns nothing: names are HMACs, and values are encrypted and authenticated with a key that
// the replicas alone have (Keys). The version of the format is a part of each name, so that two versions of the gateway
// can run side by side.
//
// The packages that use it declare small interfaces of their own, and do not import it.
package replica
