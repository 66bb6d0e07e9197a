// Package guard stands where data is read: in front of whatever reads from Atlas, for
// each caller anew. All data of a project comes through the one interface that it
// decorates, so root fields, links, entities and lists are checked in this one place,
// and what is kept or shared below it is nobody's in particular.
package guard
