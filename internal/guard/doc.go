// Package guard checks every read against the policy, for the caller in its context. It is a
// loader.Reader in front of the one that reads from Atlas, and all data of a project passes through
// it: root fields, links, references and lists are checked in this one place, and what is cached or
// shared below it belongs to no caller.
package guard
