// Package loader reads what one GraphQL operation asks for, each thing once: it has a dataloader
// for each sort of thing, which live as long as the operation (in a subscription, as long as one
// event). Resolvers call it, and it calls internal/restore.
package loader
