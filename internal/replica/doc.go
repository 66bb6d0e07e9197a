// Package replica is what the replicas of a gateway share through Redis 6.2 or newer, or Valkey: results of calls
// (Results), Atlas's budget and the limits of callers (Bucket), polls (Polls) and the texts of persisted queries (Texts).
// Losing the server costs what it saves, and never an answer: each replica goes on with what it has.
//
// A reader of the server learns how much there is and when it is used, and not what: names are HMACs, and values are
// encrypted and authenticated with keys that only the replicas have (Keys); counters are in the clear. The version of the
// format is a part of each name, so that two versions of the gateway can run side by side. Times are those of the server,
// which a heartbeat reads, so that the clocks of replicas may differ.
//
// The packages that use it declare small interfaces of their own, and do not import it.
package replica
