// Package model holds the values of the graph: gqlgen's models, the scalars that they are made of, and
// the cursors of lists. They are pure values: the package reads nothing and calls nothing.
package model
