// Package jsonscan decodes JSON in the form in which Atlas writes it, which is a part of what
// JSON allows: strings of printable ASCII without escapes, whole numbers, times in UTC.
// Anything else, malformed or only unusual, is unsupported, and the caller decodes the whole
// body again with github.com/go-json-experiment/json, which also says what is wrong.
//
// So a Scanner reports no errors and has two obligations: it accepts nothing that the
// library rejects, and makes the same values of what it accepts. The fuzz target
// FuzzJobBody of package atlas holds it to both.
//
// It is there because decoding lists of restore jobs is most of what a query costs. A list of
// 100 jobs takes 0.33 of the time of the library and 0.6 of the allocations, measured in one
// run of BenchmarkJobList of package atlas.
//
// Bodies come from package atlas, which also has the types that are decoded.
package jsonscan
