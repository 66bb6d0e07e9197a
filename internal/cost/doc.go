// Package cost estimates what an operation can cost at worst, before it is executed: how many calls of Atlas, and how
// many fields of an answer. Weights and sizes of lists come from the schema (@cost, @listSize); what is read together,
// for which the schema has no words, is in this package. internal/document compiles the plan of each document, and
// internal/gateway estimates it with the variables of a request.
//
// At worst means: nothing is cached, the tier of no cluster is known, and each search ends at the last place. It does
// not include retries, and the challenge or token that a credential needs. An estimate assumes numbers that cannot be
// known before, such as how many clusters a project has, and adds a reserve once in an operation. The real cost never
// exceeds it all the same: a meter (internal/atlas) lets no more calls begin than were estimated.
package cost
