// Package cost says what an operation can cost at worst, before it is executed: how many
// calls of Atlas, and how many fields of an answer. Weights and sizes of lists are read
// from the schema (@cost, @listSize); what things cost together, which the schema has
// no words for, is said here. It is asked by internal/document and internal/gateway and
// asks nobody.
//
// At worst means: nothing is kept, nobody knows yet which API has a cluster, and nothing
// is where it is looked for first. It does not mean: attempts that are repeated, the
// challenge or token that the credential needs, or a project beyond what is assumed
// below. For those internal/atlas counts what is really spent.
package cost
