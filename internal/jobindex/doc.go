// Package jobindex tells on which page of its cluster's list a restore job stands, without a call. Atlas lists the
// jobs of a cluster newest first, and the id of a job, an ObjectID, begins with the second in which it was made. So
// pages that were read before tell where between them a job must stand:
//
//	list    0        100       200       300       400       500          (index)
//	        ├─────────┼─────────┼─────────┼─────────┼─────────┼──►
//	read    ├─ page 1 ┤                   ├─ page 4 ┤
//	samples ●  ●  ●  ●                    ●  ●  ●  ●                      (index, second)
//	id                              ▲ its second is between those of two samples: about here
//
// An [Index] keeps samples of the pages that it learns, and interpolates between them. New jobs shift all others
// towards the end of the list, so an answer says where to look, and never whether a job exists.
//
// The package is pure: it has no clock, makes no calls and locks nothing. Its pages come from internal/restore, which
// reads the page that is picked.
package jobindex
