// Package loader gathers what one GraphQL operation asks for and fetches it once:
// a dataloader per sort of thing, alive for one operation (one event, in a
// subscription). It is asked by the resolvers and asks internal/restore.
package loader
