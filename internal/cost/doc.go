// Package cost says what an operation can cost at worst, before it is executed: how many
// calls of Atlas, and how many fields of an answer. Weights and sizes of lists are read
// from the schema (@cost, @listSize); what things cost together, which the schema has
// no words for, is said here. It is asked by internal/document and internal/gateway and
// asks nobody.
//
// At worst means: nothing is kept, nobody knows yet which API has a cluster, and nothing
// is where it is looked for first. It does not mean: attempts that are repeated, or the
// challenge or token that the credential needs. An estimate assumes something of what nobody
// can know before, such as how many clusters a project has, and leaves room beyond it once in
// an operation. What an operation really costs never exceeds it all the same: a meter
// (internal/atlas) lets no more calls begin than were estimated.
package cost
